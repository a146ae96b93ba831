/**
 * The fuzzer at length: `node --import tsx test/nightly/fuzz.ts [COUNT] [FIRST] [traces|btf|reports]`, by default 100,000
 * traces and captures from number 1,000,000 on. Says every input that is not as it should be, and keeps it as a file; exits 1
 * where there was one.
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { btfInputOf } from '../fuzz/btf-input.ts';
import { inputOf } from '../fuzz/input.ts';
import { reportInputOf } from '../fuzz/report-input.ts';
import { seeds } from '../fuzz/seeds.ts';
import { tryInput } from '../fuzz/try.ts';

const [count = 100_000, first = 1_000_000] = process.argv.slice(2, 4).map(Number);
const kind = process.argv[4] ?? 'traces';
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-fuzz-'));
const from = kind === 'traces' ? seeds(true) : [];
const makers: Readonly<
  Record<string, (number: number) => { readonly bytes: Buffer; readonly argv: readonly string[] }>
> = {
  traces: (number) => inputOf(number, from),
  btf: btfInputOf,
  reports: reportInputOf,
};
const make = makers[kind];
if (make === undefined) throw new Error(`not one of ${Object.keys(makers).join(', ')}: ${kind}`);
let wrong = 0;

console.log(`${count} inputs (${kind}) from number ${first} on, findings in ${folder}`);
for (let number = first; number < first + count; number++) {
  const input = make(number);
  const fault = await tryInput(input, join(folder, 'input'));
  if (fault !== undefined) {
    wrong++;
    const name = join(folder, String(number));
    writeFileSync(name, input.bytes);
    console.log(`${number}: ${fault}\n  worldswitch ${input.argv.join(' ')} ${name}`);
  }
  if ((number - first + 1) % 5000 === 0) console.log(`${number - first + 1} tried, ${wrong} wrong`);
}
console.log(`${count} tried, ${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
