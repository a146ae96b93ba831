/** Traces and captures made wrong. Some mutations keep lines legal, so that what is wrong reaches the emulator. */

import { MODELS } from '../../lib/models/models.ts';
import { MODES } from '../../lib/models/profile.ts';
import { COMMON_FIELDS, EVENTS, type EventRow, FIELDS, type FieldName } from '../../lib/trace/vocabulary.ts';
import type { Random } from '../support/random.ts';
import type { Seed } from './seeds.ts';

/** Lines as Latin-1: a character is a byte. */
type Mutation = (lines: string[], random: Random, other: readonly string[]) => void;

const ROWS: readonly EventRow[] = EVENTS;
const NUMBERS = ['0', '1', '2', '3', '7', '15', '4095', '4096', '999999', '9007199254740991', '9007199254740992'];
const STRANGE = ['-1', '-0', '1.0', '1e3', '1e999', '00', '18446744073709551616', 'NaN', '""', 'null', '[]', '{}'];
/** Bytes that mean something to JSON, to captures, to UTF-8 or to terminals. */
const BYTES = '{}[]",:\\/ \t\r\n\0-+.=<>()#\x1b\x07\x7f\x80\xc2\xe2\xed\xf4\xff'.split('');

const at = (lines: readonly string[], random: Random): number => random.below(Math.max(1, lines.length));

/** Replaces one of the matches of `pattern` in a line. */
function rewrite(lines: string[], random: Random, pattern: RegExp, by: (match: string) => string): void {
  const index = at(lines, random);
  const line = lines[index] ?? '';
  const matches = [...line.matchAll(pattern)];
  if (matches.length === 0) return;
  const match = random.pick(matches);
  lines[index] = line.slice(0, match.index) + by(match[0]) + line.slice(match.index + match[0].length);
}

/** A value that the field accepts, of few, so that events meet; now and then a far one. */
function legalValue(name: FieldName, random: Random): unknown {
  const { type } = FIELDS[name];
  switch (type.kind) {
    case 'integer': {
      if (name.endsWith('_vl')) return 16 * (1 + random.below(16));
      const value = random.once(8) ? Number(random.pick(NUMBERS)) : random.below(4);
      return Math.min(type.max, Math.max(type.min, value));
    }
    case 'boolean':
      return random.once(2);
    case 'bit':
    case 'flag':
      return random.below(2);
    case 'hex':
      return name === 'ec' ? random.pick(['0x7', '0x19', '0x1d', '0x18', '0x0']) : `0x${random.below(4)}`;
    case 'enum':
      return random.pick(type.values);
    case 'entity':
      return random.pick(['none', `task:${random.below(4)}`, `vcpu:${random.below(2)}/${random.below(3)}`]);
    case 'timestamp':
      return random.once(8) ? '18446744073709551615' : random.below(1e6);
    case 'name':
    case 'string':
      if (name === 'model') return random.pick(MODELS).name;
      return name === 'mode' ? random.pick(MODES) : random.pick(['', 'x', '\u001b[2J\u202e']);
    case 'strings':
      return random.pick([[], ['fpmr'], ['fgt', 'hcx', 'ras'], ['no_pmuv3', 'spe', 'trbe', 'brbe']]);
  }
}

function legalLine(random: Random): string {
  const row = random.pick(ROWS);
  const fields = new Set<FieldName>(row.required);
  for (const name of [...row.optional, ...COMMON_FIELDS]) if (random.once(3)) fields.add(name);
  return JSON.stringify({
    event: row.name,
    ...Object.fromEntries([...fields].map((name) => [name, legalValue(name, random)])),
  });
}

/** Changes one member of a line that is an object. */
function changeMember(lines: string[], random: Random): void {
  const index = at(lines, random);
  const object = objectOf(lines[index]);
  const row = ROWS.find(({ name }) => name === object?.event);
  if (object === undefined || row === undefined) return;
  const name = random.pick([...row.required, ...row.optional, ...COMMON_FIELDS]);
  if (name in object && random.once(3) && !row.required.includes(name)) delete object[name];
  else object[name] = legalValue(name, random);
  lines[index] = JSON.stringify(object);
}

function objectOf(line = ''): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** From one place to another, `length` lines. */
function copyLines(lines: string[], from: number, length: number, to: number, times = 1): void {
  const piece = lines.slice(from, from + length);
  for (let time = 0; time < times; time++) lines.splice(to, 0, ...piece);
}

/** Every line of a trace stays one of the format. */
const LEGAL: readonly Mutation[] = [
  changeMember,
  changeMember,
  changeMember,
  (lines, random) => lines.splice(at(lines, random), 1),
  (lines, random) => lines.splice(at(lines, random), random.below(20)),
  (lines, random) => lines.splice(at(lines, random), 0, legalLine(random)),
  (lines, random) => lines.splice(at(lines, random), 0, legalLine(random), legalLine(random), legalLine(random)),
  (lines, random) => copyLines(lines, at(lines, random), 1, at(lines, random)),
  (lines, random) => copyLines(lines, at(lines, random), random.below(12), at(lines, random), 1 + random.below(4)),
  function swap(lines, random) {
    const [a, b] = [at(lines, random), at(lines, random)];
    [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
  },
  function reverse(lines, random) {
    const start = at(lines, random);
    const length = random.below(8);
    lines.splice(start, length, ...lines.slice(start, start + length).reverse());
  },
  function splice(lines, random, other) {
    const start = at(other, random);
    lines.splice(at(lines, random), random.below(10), ...other.slice(start, start + random.below(40)));
  },
  (lines, random) =>
    rewrite(
      lines,
      random,
      /"(?:vm|vcpu|cpu|task|next)":\d+/g,
      (member) => `${member.split(':')[0]}:${random.below(3)}`,
    ),
];

const WRONG: readonly Mutation[] = [
  (lines, random) => rewrite(lines, random, /\d+/g, () => random.pick(NUMBERS)),
  (lines, random) => rewrite(lines, random, /\d+/g, (digits) => digits.repeat(1 + random.below(12)).slice(0, 200)),
  (lines, random) => rewrite(lines, random, /(?<=[:=])[^\s,}]+/g, () => random.pick([...NUMBERS, ...STRANGE])),
  (lines, random) => rewrite(lines, random, /"\w+":/g, () => `"${random.pick(Object.keys(FIELDS))}":`),
  (lines, random) => rewrite(lines, random, /./gs, () => random.pick(BYTES)),
  (lines, random) => rewrite(lines, random, /./gs, () => ''),
  (lines, random) =>
    rewrite(lines, random, /./gs, (byte) => String.fromCharCode(byte.charCodeAt(0) ^ (1 << random.below(8)))),
  (lines, random) => rewrite(lines, random, /\w+/g, (word) => word.repeat(1 + random.below(400))),
  function join(lines, random, other) {
    const [index, from] = [at(lines, random), at(other, random)];
    const [line, rest] = [lines[index] ?? '', other[from] ?? ''];
    lines[index] = line.slice(0, random.below(line.length + 1)) + rest.slice(random.below(rest.length + 1));
  },
];

/** Most lines that an input begins with. */
const MOST_LINES = 160;

/** A part of a seed. The first line, which says what the trace is of, stays as often as not. */
function partOf({ lines }: Seed, random: Random): string[] {
  const length = 1 + random.below(MOST_LINES);
  const start = random.below(Math.max(1, lines.length - length + 1));
  const part = lines.slice(start, start + length);
  return start > 0 && random.once(2) ? [lines[0] ?? '', ...part] : part;
}

/** An input made of the seeds. */
export function mutated(seeds: readonly Seed[], random: Random): { readonly bytes: Buffer; readonly of: Seed } {
  const of = random.pick(seeds);
  const other = random.pick(seeds.filter(({ isTrace }) => isTrace === of.isTrace)).lines;
  const mutations = random.once(2) ? LEGAL : [...LEGAL, ...WRONG];
  const made = partOf(of, random);
  for (let times = random.below(24); times > 0; times--) random.pick(mutations)(made, random, other);
  const lines = mutations === LEGAL ? made.filter((line, index) => index === 0 || !line.includes('"meta"')) : made;
  const lineEnd = random.once(8) ? '\r\n' : '\n';
  const text = lines.join(lineEnd) + (random.once(8) ? '' : lineEnd);
  return { bytes: Buffer.from(text, 'latin1'), of };
}

/** A few bits of the bytes flipped, or their end cut off. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(random.once(3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes);
  for (let times = random.below(4); times > 0 && copy.length > 0; times--) {
    const position = random.below(copy.length);
    copy[position] = (copy[position] ?? 0) ^ (1 << random.below(8));
  }
  return copy;
}
