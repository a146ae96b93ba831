/**
 * The fuzzer at length: `node --import tsx test/nightly/fuzz.ts [COUNT] [FIRST] [KIND]`, by default 100,000 traces and captures
 * from number 1,000,000 on. Says every input that is not as it should be, and keeps it as a file; exits 1 where there was one.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { btfInputOf } from '../fuzz/btf-input.ts';
import { openQuota, tryFault } from '../fuzz/fault-at.ts';
import { inputOf } from '../fuzz/input.ts';
import { reportInputOf } from '../fuzz/report-input.ts';
import { seeds } from '../fuzz/seeds.ts';
import { trySignal } from '../fuzz/signal-at.ts';
import { createStage } from '../fuzz/stage.ts';
import { tryInput } from '../fuzz/try.ts';
import { buildProgram } from '../support/built.ts';
import { bothWays, CAPTURES, damagedCapture, MORE_CAPTURES } from '../support/import-replay.ts';
import { createRandom } from '../support/random.ts';

/** Tries what a number says; what is wrong, in words. */
interface Kind {
  attempt(number: number): Promise<string | undefined>;
  close(): void;
}

type Input = { readonly bytes: Buffer; readonly argv: readonly string[] };

const inputs = (make: (number: number) => Input) => async (): Promise<Kind> => ({
  async attempt(number) {
    const input = make(number);
    const fault = await tryInput(input, join(folder, 'input'));
    if (fault === undefined) return undefined;
    const name = join(folder, String(number));
    writeFileSync(name, input.bytes);
    return `${fault}\n  worldswitch ${input.argv.join(' ')} ${name}`;
  },
  close() {},
});

/** Those that run the program as it is installed, in the middle of what goes wrong around it. */
async function onStage(isFault: boolean): Promise<Kind> {
  const built = buildProgram();
  const places = { stage: join(folder, 'stage'), quota: join(folder, 'quota') };
  for (const place of Object.values(places)) mkdirSync(place);
  const stage = await createStage(places.stage, join(built, 'bin/worldswitch.js'));
  const quota = isFault ? openQuota(places.quota) : undefined;
  if (isFault && quota === undefined) console.log('no quotas here: they take root, a loop device and mkfs.btrfs');
  return {
    attempt: (number) => (isFault ? tryFault(number, stage, quota) : trySignal(number, stage)),
    close() {
      quota?.close();
      for (const place of [built, ...Object.values(places)]) rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Captures both ways: as they are, and imported first. */
async function imports(): Promise<Kind> {
  const captures = [...CAPTURES, ...MORE_CAPTURES];
  return {
    async attempt(number) {
      const { text, options, what } = damagedCapture(captures, createRandom(number));
      const both = await bothWays(text, options, folder);
      if (both === undefined || isDeepStrictEqual(both.after, both.direct)) return undefined;
      const name = join(folder, String(number));
      writeFileSync(name, text, 'latin1');
      return `${what}: not the same where it is imported first\n  worldswitch replay ${options.join(' ')} ${name}`;
    },
    close() {},
  };
}

const KINDS: Readonly<Record<string, () => Promise<Kind>>> = {
  async traces() {
    const from = seeds(true);
    return inputs((number) => inputOf(number, from))();
  },
  btf: inputs(btfInputOf),
  reports: inputs(reportInputOf),
  imports,
  signals: () => onStage(false),
  faults: () => onStage(true),
};

const [count = 100_000, first = 1_000_000] = process.argv.slice(2, 4).map(Number);
const kind = process.argv[4] ?? 'traces';
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-fuzz-'));
const open = KINDS[kind];
if (open === undefined) throw new Error(`not one of ${Object.keys(KINDS).join(', ')}: ${kind}`);
process.chdir(resolve(import.meta.dirname, '../..'));
const { attempt, close } = await open();
let wrong = 0;

console.log(`${count} inputs (${kind}) from number ${first} on, findings in ${folder}`);
for (let number = first; number < first + count; number++) {
  const fault = await attempt(number);
  if (fault !== undefined) {
    wrong++;
    console.log(`${number}: ${fault}`);
  }
  if ((number - first + 1) % 5000 === 0) console.log(`${number - first + 1} tried, ${wrong} wrong`);
}
close();
console.log(`${count} tried, ${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
