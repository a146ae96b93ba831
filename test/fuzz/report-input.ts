/** Reports of the fuzzer, which its number decides: files for `diff` and `--golden` that are damaged, or hold what no report has. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { runsOf } from '../support/corpus.ts';
import { createRandom, type Random } from '../support/random.ts';
import { damaged } from './mutate.ts';

export interface ReportInput {
  readonly bytes: Buffer;
  readonly argv: readonly string[];
}

const RUNS = runsOf('golden').filter(({ strict }) => !strict);
const VALUES: readonly unknown[] = [0, -1, 1e308, '', 'x'.repeat(5000), '\u001b[2J\u202e', null, true, [], {}, [[[]]]];

/** A value somewhere in the report is another one, is gone, or has a neighbour. */
function changed(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.once(4)) return random.pick(VALUES);
  const keys = Object.keys(value);
  if (keys.length === 0) return random.pick(VALUES);
  const key = random.pick(keys);
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const what = random.below(8);
  if (what === 0) delete copy[key];
  else if (what === 1) copy[random.pick(['__proto__', 'total', 'bytes', '\u001b[0m'])] = random.pick(VALUES);
  else copy[key] = changed(copy[key], random);
  return copy;
}

export function reportInputOf(number: number): ReportInput {
  const random = createRandom(number);
  const { expected, trace, folder } = random.pick(RUNS);
  let report: unknown = JSON.parse(readFileSync(expected, 'utf8'));
  for (let times = random.below(4); times > 0; times--) report = changed(report, random);
  const text = Buffer.from(JSON.stringify(report));
  const bytes = random.once(3) ? damaged(text, random) : text;
  const other = fileURLToPath(random.once(2) ? expected : random.pick(RUNS).expected);
  const input = fileURLToPath(new URL(`../../traces/${folder}/${trace}.ndjson`, import.meta.url));
  const format = ['--format', random.pick(['text', 'json']), '--color', 'never'];
  const argv = random.once(3) ? ['replay', '--no-progress', input, ...format, '--golden'] : ['diff', ...format, other];
  return { bytes: random.once(6) ? gzipSync(bytes, { level: 1 }) : bytes, argv };
}
