/** Lines of the format made wrong, or strange, in every way that a reader might overlook. Deterministic. */

import fc from 'fast-check';
import { type EventRow, FIELDS, type FieldType } from '../../lib/trace/vocabulary.ts';
import { anyLine, fieldsOf, line, rows } from './arbitrary.ts';

export interface Random {
  /** An integer from 0 to below `bound`. */
  below(bound: number): number;
}

/** xorshift32. */
export function createRandom(seed: number): Random {
  let state = seed | 1;
  return {
    below(bound) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % bound;
    },
  };
}

/** A right value of the type as it mostly is in traces: the fast reader takes it. As JSON. */
export function plainValue(type: FieldType, random: Random): string {
  switch (type.kind) {
    case 'integer': {
      const { min, max, multipleOf = 1 } = type;
      return String(min + multipleOf * random.below(Math.min(2000, (max - min) / multipleOf + 1)));
    }
    case 'boolean':
    case 'flag':
      return random.below(2) === 0 ? 'true' : 'false';
    case 'bit':
      return String(random.below(2));
    case 'timestamp': {
      const time = String(1 + random.below(9)) + digits(random).slice(0, 14);
      return random.below(4) === 0 ? `"${time}${random.below(10_000)}"` : time;
    }
    case 'hex':
      return `"0x${random.below(2 ** Math.min(type.bits, 31)).toString(16)}"`;
    case 'enum':
      return JSON.stringify(type.values[random.below(type.values.length)]);
    case 'entity':
      return ['"none"', `"task:${random.below(5000)}"`, `"vcpu:${random.below(4)}/${random.below(12)}"`][
        random.below(3)
      ] as string;
    case 'name':
    case 'string':
      return JSON.stringify(['', 'a', 'irq', 'a: {b}, [c] 1.5'][random.below(4)]);
    case 'strings':
      return '["fgt","hcx"]';
  }
}

/** The members of a plain line: `event`, what it requires, and some of what it may have. As JSON. */
export function plainMembers(row: EventRow, random: Random): Map<string, string> {
  const optional = fieldsOf(row).filter((name) => !row.required.includes(name) && random.below(3) === 0);
  const names = [...row.required, ...optional];
  return new Map([
    ['event', JSON.stringify(row.name)],
    ...names.map((name): [string, string] => [name, plainValue(FIELDS[name].type, random)]),
  ]);
}

export function lineOfMembers(parts: ReadonlyMap<string, string>): string {
  return `{${[...parts].map(([key, value]) => `"${key}":${value}`).join(',')}}`;
}

/** Lines to begin with: mostly plain ones, and right and wrong ones with every value there is. */
export function seedLines(seed: number, count: number): Buffer[] {
  const random = createRandom(seed);
  const plain = Array.from({ length: count }, () => {
    const row = rows[random.below(rows.length)] as EventRow;
    return Buffer.from(lineOfMembers(plainMembers(row, random)));
  });
  const any = fc.sample(fc.oneof(line, anyLine), { seed, numRuns: Math.ceil(count / 5) });
  return [...plain, ...any.map((value) => Buffer.from(JSON.stringify(value)))];
}

/** Bytes that mean something to JSON, to UTF-8 or to this format. */
const BYTES = Buffer.from('{}[]",:\\/ \t\r\n\0-+.eE0123456789xXaflnrstuv_\x7f\u0080\ufeff\u2028', 'utf8');
const SPACES = ['', ' ', '\t', '  ', '\r', '\u00a0'];
const NUMBERS = ['0', '-0', '00', '01', '1.0', '1e0', '-1', '4095', '4096', '.5', '0x1', '999999999', '1000000000'];
const LINE_ENDS = ['\n', '\n', '\n', '\n', '\r\n', '\n\n', '\r\r\n', ' \n', '\r', '\n \t\n', '\0\n'];

type Mutation = (text: Buffer, random: Random, other: Buffer) => Buffer;

function at(text: Buffer, random: Random): number {
  return random.below(text.length + 1);
}

function replaced(text: Buffer, from: number, to: number, by: Buffer | string): Buffer {
  return Buffer.concat([text.subarray(0, from), Buffer.from(by as string), text.subarray(to)]);
}

/** A random match of `pattern` in the text becomes what `by` makes of it. Works on bytes, as Latin-1. */
function rewritten(text: Buffer, pattern: RegExp, random: Random, by: (match: string) => string): Buffer {
  const matches = [...text.toString('latin1').matchAll(pattern)];
  const match = matches[random.below(Math.max(1, matches.length))];
  if (match === undefined) return text;
  return replaced(text, match.index, match.index + match[0].length, Buffer.from(by(match[0]), 'latin1'));
}

function digits(random: Random): string {
  return Array.from({ length: 1 + random.below(22) }, () => random.below(10)).join('');
}

/** Top-level members as text, roughly: cut at each comma before a key. */
function members(text: Buffer): string[] {
  return text
    .toString('latin1')
    .replace(/^\{|\}$/g, '')
    .split(/,(?=")/);
}

function joined(parts: readonly string[]): Buffer {
  return Buffer.from(`{${parts.join(',')}}`, 'latin1');
}

const MUTATIONS: readonly Mutation[] = [
  (text) => text,
  function flipBit(text, random) {
    const copy = Buffer.from(text);
    const position = random.below(Math.max(1, copy.length));
    copy[position] = (copy[position] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  function putByte(text, random) {
    const position = at(text, random);
    const byte = BYTES.subarray(random.below(BYTES.length)).subarray(0, 1);
    return replaced(text, position, position + random.below(2), byte);
  },
  function cut(text, random) {
    const position = at(text, random);
    return replaced(text, position, position + 1 + random.below(4), '');
  },
  function end(text, random) {
    return text.subarray(0, at(text, random));
  },
  function repeat(text, random) {
    const position = at(text, random);
    return replaced(text, position, position, text.subarray(position, position + 1 + random.below(12)));
  },
  function splice(text, random, other) {
    return Buffer.concat([text.subarray(0, at(text, random)), other.subarray(at(other, random))]);
  },
  function permute(text, random) {
    const parts = members(text);
    for (let last = parts.length - 1; last > 0; last--) {
      const chosen = random.below(last + 1);
      [parts[last], parts[chosen]] = [parts[chosen] as string, parts[last] as string];
    }
    return joined(parts);
  },
  function duplicate(text, random) {
    const parts = members(text);
    parts.splice(random.below(parts.length + 1), 0, parts[random.below(parts.length)] as string);
    return joined(parts);
  },
  function mix(text, random, other) {
    const parts = members(text);
    const others = members(other);
    parts.splice(random.below(parts.length + 1), random.below(2), others[random.below(others.length)] as string);
    return joined(parts);
  },
  function space(text, random) {
    return rewritten(text, /[{}:,]/g, random, (match) => {
      const [before, after] = [SPACES[random.below(SPACES.length)], SPACES[random.below(SPACES.length)]];
      return `${before}${match}${after}`;
    });
  },
  function escapeOne(text, random) {
    return rewritten(text, /[a-z0-9_]/g, random, (match) => `\\u00${match.charCodeAt(0).toString(16)}`);
  },
  function number(text, random) {
    return rewritten(text, /(?<=:)"?\d+"?/g, random, (match) => {
      const number = random.below(3) > 0 ? digits(random) : (NUMBERS[random.below(NUMBERS.length)] as string);
      return match.startsWith('"') || random.below(3) === 0 ? `"${number}"` : number;
    });
  },
  function hex(text, random) {
    return rewritten(text, /0x[0-9a-fA-F]+/g, random, () => `0${'xxxX'[random.below(4)]}${digits(random)}`);
  },
  function key(text, random) {
    return rewritten(
      text,
      /"\w+"(?=:)/g,
      random,
      () => ['"x"', '"__proto__"', '"cpu"', '"event"', '""'][random.below(5)] as string,
    );
  },
];

/** `count` lines, some as they are, most with one to three mutations, with line ends of all sorts. */
export function mutatedText(seeds: readonly Buffer[], count: number, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let made = 0; made < count; made++) {
    let text = seeds[random.below(seeds.length)] as Buffer;
    for (let times = random.below(4); times > 0; times--) {
      const mutation = MUTATIONS[random.below(MUTATIONS.length)] as Mutation;
      text = mutation(text, random, seeds[random.below(seeds.length)] as Buffer);
    }
    parts.push(text, Buffer.from(LINE_ENDS[random.below(LINE_ENDS.length)] as string));
  }
  return Buffer.concat(parts);
}
