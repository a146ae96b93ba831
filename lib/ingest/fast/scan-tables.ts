/** What both scanners know of the format: tables, by the number of a key or of an event, from the vocabulary. */

import { ABSENT, createEventRecord } from '../../trace/event.ts';
import { EVENTS, type FieldType } from '../../trace/vocabulary.ts';
import { bitsOf, FAST_ROWS, fieldsOf, PLACES, RECORD_WORDS } from './layout.ts';
import { createLexicon, type Lexicon } from './lexicon.ts';

const MOST_IN_WORD = 0x7fff_ffff;

export const KINDS: number = EVENTS.length;
/** Stands for the kind while `event` has not come, and for the key before the first. */
export const NOT_YET = KINDS;
export const EVENT_KEY = PLACES.length;
export const FIRST = EVENT_KEY + 1;
export const KEYS = FIRST + 1;

export const KEY_TEXTS = createLexicon([...PLACES.map(({ name }) => name), 'event'].map((name) => `"${name}":`));
export const EVENT_TEXTS = createLexicon(EVENTS.map(({ name }) => `"${name}"`));

/** How a value is read: an index for `switch`. */
export const INTEGER = 0;
export const TRUTH = 1;
export const BIT = 2;
export const FLAG = 3;
export const TIME = 4;
export const HEX = 5;
export const ENUM = 6;
export const ENTITY = 7;
export const TEXT = 8;
const NEVER = 9;

const METHODS: Readonly<Record<FieldType['kind'], number>> = {
  integer: INTEGER,
  boolean: TRUTH,
  bit: BIT,
  flag: FLAG,
  timestamp: TIME,
  hex: HEX,
  enum: ENUM,
  entity: ENTITY,
  string: TEXT,
  // Only `meta` has such a field.
  name: NEVER,
  strings: NEVER,
};

export const METHOD = Uint8Array.from(PLACES, ({ type }) => METHODS[type.kind]);
export const WORD = Uint8Array.from(PLACES, ({ word }) => word);
/** Range of integers, as far as a word has it; a multiple of 1 is no condition. */
export const LEAST = Int32Array.from(PLACES, ({ type }) => (type.kind === 'integer' ? type.min : 0));
export const MOST = Int32Array.from(PLACES, ({ type }) =>
  type.kind === 'integer' ? Math.min(type.max, MOST_IN_WORD) : 0,
);
export const MULTIPLE = Int32Array.from(PLACES, ({ type }) => (type.kind === 'integer' ? (type.multipleOf ?? 1) : 1));
export const HEX_BITS = Uint8Array.from(PLACES, ({ type }) => (type.kind === 'hex' ? type.bits : 0));
const NO_TEXTS = createLexicon([]);
export const VALUE_TEXTS: readonly Lexicon[] = PLACES.map(({ type }) =>
  type.kind === 'enum' ? createLexicon(type.values.map((value) => `"${value}"`)) : NO_TEXTS,
);

/** Bits of the fields that an event must have, and of those that it cannot have. By default no line does both. */
export const REQUIRED_LOW = new Int32Array(KINDS).fill(-1);
export const REQUIRED_HIGH = new Int32Array(KINDS).fill(-1);
export const OTHERS_LOW = new Int32Array(KINDS).fill(-1);
export const OTHERS_HIGH = new Int32Array(KINDS).fill(-1);
for (const [kind, row] of FAST_ROWS.entries()) {
  if (row === undefined) continue;
  [REQUIRED_LOW[kind], REQUIRED_HIGH[kind]] = bitsOf(row.required);
  const [low, high] = bitsOf(fieldsOf(row));
  [OTHERS_LOW[kind], OTHERS_HIGH[kind]] = [~low, ~high];
}

/** What a line says before its keys are read: what an empty record does. */
export const EMPTY = new Int32Array(RECORD_WORDS).fill(ABSENT);
const NOTHING: Readonly<Record<string, unknown>> = createEventRecord();
for (const { name, word } of PLACES) if (NOTHING[name] === 0) EMPTY[word] = 0;
