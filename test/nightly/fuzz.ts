/**
 * The fuzzer at length: `node --import tsx test/nightly/fuzz.ts [COUNT] [FIRST]`, by default 100,000 inputs from number
 * 1,000,000 on. Says every input that is not as it should be, and keeps it as a file; exits 1 where there was one.
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputOf } from '../fuzz/input.ts';
import { seeds } from '../fuzz/seeds.ts';
import { tryInput } from '../fuzz/try.ts';

const [count = 100_000, first = 1_000_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-fuzz-'));
const from = seeds(true);
let wrong = 0;

console.log(`${count} inputs from number ${first} on, ${from.length} seeds, findings in ${folder}`);
for (let number = first; number < first + count; number++) {
  const input = inputOf(number, from);
  const fault = await tryInput(input, join(folder, 'input'));
  if (fault !== undefined) {
    wrong++;
    const name = join(folder, String(number));
    writeFileSync(name, input.bytes);
    console.log(`${number} (${input.seed}): ${fault}\n  worldswitch ${input.argv.join(' ')} ${name}`);
  }
  if ((number - first + 1) % 5000 === 0) console.log(`${number - first + 1} tried, ${wrong} wrong`);
}
console.log(`${count} tried, ${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
