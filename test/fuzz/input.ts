/** An input of the fuzzer, which its number and the seeds decide: bytes of a file, and the command line that reads it. */

import { gzipSync } from 'node:zlib';
import { RULES } from '../../lib/check/rules.ts';
import { MODELS } from '../../lib/models/models.ts';
import { FORMAT_NAMES } from '../../lib/show/formats.ts';
import { EVENTS } from '../../lib/trace/vocabulary.ts';
import { createRandom, type Random } from '../support/random.ts';
import { damaged, mutated } from './mutate.ts';
import type { Seed } from './seeds.ts';

export interface Input {
  readonly number: number;
  /** Name of the seed that it was made of. */
  readonly seed: string;
  readonly bytes: Buffer;
  /** Arguments before the name of the file. */
  readonly argv: readonly string[];
}

function kernelOptions(random: Random): string[] {
  if (random.once(3)) return [];
  const { name, modes } = random.pick(MODELS);
  return ['--model', name, '--mode', random.pick(modes)];
}

/** Options beside the kernel, each with how seldom it is given. */
const OPTIONS: readonly (readonly [seldom: number, option: (random: Random) => readonly string[]])[] = [
  [1, (random) => ['--format', random.pick(FORMAT_NAMES)]],
  [4, () => ['--strict']],
  [6, (random) => ['--fail-on', random.pick(['error', 'warning'])]],
  [6, (random) => ['--max-violations', String(random.below(5))]],
  [8, (random) => ['--sve-vl', String(16 * random.below(17))]],
  [8, (random) => ['--sme-vl', String(16 * random.below(17))]],
  [8, (random) => ['--cpu', `0-${random.below(3)}`]],
  [8, (random) => ['--vcpu', String(random.below(3))]],
  [8, (random) => ['--event', random.pick(EVENTS).name]],
  [8, (random) => ['--rule', random.pick(RULES).id]],
  [8, (random) => ['--from', `${random.below(1000)}ms`]],
  [60, () => ['--explain']],
  [3, () => ['--keep-going']],
  [8, () => ['--reader', 'ndjson']],
  [20, (random) => ['--max-line-bytes', String(1 + random.below(300))]],
  [20, (random) => ['--max-entities', String(1 + random.below(5))]],
  [20, (random) => ['--max-bytes', String(1 + random.below(9999))]],
];

function replayCommand(random: Random): string[] {
  const options = OPTIONS.flatMap(([seldom, option]) => (random.once(seldom) ? option(random) : []));
  return ['replay', '--no-progress', '--color', 'never', ...kernelOptions(random), ...options];
}

const modelNames = (random: Random): string => [random.pick(MODELS).name, random.pick(MODELS).name].join(',');

/** The commands that read traces, each with how seldom it is the one; the last is for the rest. */
const COMMANDS: readonly (readonly [seldom: number, command: (random: Random) => string[]])[] = [
  [20, (random) => ['compare', '--models', modelNames(random), '--modes', random.pick(['vhe', 'nvhe', 'vhe,nvhe'])]],
  [20, (random) => ['layouts', '--format', random.pick(['text', 'json'])]],
  [20, (random) => ['import', 'ftrace', ...(random.once(2) ? ['--strict'] : [])]],
  [100, (random) => ['identify', '--format', random.pick(['text', 'json'])]],
  [1, replayCommand],
];

export function inputOf(number: number, seeds: readonly Seed[]): Input {
  const random = createRandom(number);
  const { bytes, of } = mutated(seeds, random);
  const [, command = replayCommand] = COMMANDS.find(([seldom]) => random.once(seldom)) ?? [];
  const argv = command(random);
  const packed = random.once(10) ? gzipSync(bytes, { level: 1 }) : bytes;
  return { number, seed: of.name, bytes: random.once(30) ? damaged(packed, random) : packed, argv };
}
