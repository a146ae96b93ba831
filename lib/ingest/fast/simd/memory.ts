/**
 * The memory of the scanner in WebAssembly: where its tables are, what is in them, and the numbers that its text
 * (scan.as) takes for granted. All from the tables that the scanner in TypeScript has.
 */

import { BATCH_WORDS, KIND_WORD, LINE_WORD, PLACES, RECORD_WORDS, SEEN_LOW_WORD } from '../layout.ts';
import { type Lexicon, NONE } from '../lexicon.ts';
import * as tables from '../scan-tables.ts';
import { ENTITY_TEXTS, HEX_DIGITS, MOST_DIGITS } from '../scan-values.ts';

const WORD_BYTES = 4;
/** A text of at most 32 bytes, a bit for each of its bits, its length, and the next text with the same hash. */
const ENTRY_BYTES = 80;
const ENTRY_MASK = 32;
const ENTRY_LENGTH = 64;
const ENTRY_NEXT = 68;
/** Shift of a lexicon, where its entries are, and its heads from there on. */
const LEXICON_ENTRIES = 4;
const LEXICON_HEADS = 8;
/** Of a key: how its value is read, and where it goes. */
const KEY_BYTES = 32;

/** Nothing is at 0, which stands for no position. */
const START = 1024;

const createAllocator = () => {
  let free = START;
  return {
    take(bytes: number): number {
      const at = free;
      // Sixteen bytes are loaded at once, fastest from a multiple of that.
      free = (free + bytes + 15) & ~15;
      return at;
    },
  };
};

/** What is written where before the first scan. */
type Piece = readonly [at: number, bytes: Uint8Array];

const bytesOf = (table: Int32Array | Int16Array): Uint8Array =>
  new Uint8Array(table.buffer, table.byteOffset, table.byteLength);

/** `records` and `input`: where a batch and a block go; behind the latter there is nothing else. */
export function layMemory() {
  const memory = createAllocator();
  const pieces: Piece[] = [];
  const put = (bytes: Uint8Array): number => {
    const at = memory.take(bytes.length);
    pieces.push([at, bytes]);
    return at;
  };
  const putLexicon = ({ texts, heads, next, shift }: Lexicon): readonly [lexicon: number, entries: number] => {
    const entries = Buffer.alloc(texts.length * ENTRY_BYTES);
    for (const [id, text] of texts.entries()) {
      const at = id * ENTRY_BYTES;
      entries.write(text, at, 'latin1');
      entries.fill(0xff, at + ENTRY_MASK, at + ENTRY_MASK + text.length);
      entries.writeInt32LE(text.length, at + ENTRY_LENGTH);
      entries.writeInt32LE(next[id] as number, at + ENTRY_NEXT);
    }
    const at = put(entries);
    return [put(Buffer.concat([bytesOf(Int32Array.of(shift, at)), bytesOf(heads)])), at];
  };
  const [keyTexts, keyEntries] = putLexicon(tables.KEY_TEXTS);
  const [eventTexts, eventEntries] = putLexicon(tables.EVENT_TEXTS);
  const [entityTexts] = putLexicon(ENTITY_TEXTS);
  const keys = PLACES.map((_, key) => {
    const [lexicon, entries] = putLexicon(tables.VALUE_TEXTS[key] as Lexicon);
    const word = (tables.WORD[key] as number) * WORD_BYTES;
    const [least, most, multiple] = [tables.LEAST[key], tables.MOST[key], tables.MULTIPLE[key]] as [
      number,
      number,
      number,
    ];
    const bits = tables.HEX_BITS[key] as number;
    return Int32Array.of(tables.METHOD[key] as number, word, least, most, multiple, bits, lexicon, entries);
  });
  /** Two words as one of 64 bits. */
  const wide = (low: Int32Array, high: Int32Array): Uint8Array =>
    bytesOf(Int32Array.from({ length: 2 * low.length }, (_, at) => ((at & 1) === 0 ? low : high)[at >> 1] as number));
  const constants = {
    NONE,
    ENTRY_BYTES,
    ENTRY_MASK,
    ENTRY_LENGTH,
    ENTRY_NEXT,
    LEXICON_ENTRIES,
    LEXICON_HEADS,
    KEY_BYTES,
    KEY_TEXTS: keyTexts,
    KEY_ENTRIES: keyEntries,
    EVENT_TEXTS: eventTexts,
    EVENT_ENTRIES: eventEntries,
    ENTITY_TEXTS: entityTexts,
    KEY_ROWS: put(Buffer.concat(keys.map(bytesOf))),
    REQUIRED: put(wide(tables.REQUIRED_LOW, tables.REQUIRED_HIGH)),
    OTHERS: put(wide(tables.OTHERS_LOW, tables.OTHERS_HIGH)),
    EMPTY: put(bytesOf(tables.EMPTY)),
    HEX_DIGITS: put(new Uint8Array(HEX_DIGITS.buffer)),
    FOLLOWING: put(new Uint8Array((tables.KINDS + 1) * tables.KEYS).fill(tables.EVENT_KEY)),
    STATE: memory.take(16),
    MOST_DIGITS,
    NOT_YET: tables.NOT_YET,
    EVENT_KEY: tables.EVENT_KEY,
    FIRST: tables.FIRST,
    KEYS: tables.KEYS,
    RECORD_BYTES: RECORD_WORDS * WORD_BYTES,
    KIND_BYTE: KIND_WORD * WORD_BYTES,
    LINE_BYTE: LINE_WORD * WORD_BYTES,
    SEEN_BYTE: SEEN_LOW_WORD * WORD_BYTES,
    INTEGER: tables.INTEGER,
    TRUTH: tables.TRUTH,
    BIT: tables.BIT,
    FLAG: tables.FLAG,
    TIME: tables.TIME,
    HEX: tables.HEX,
    ENUM: tables.ENUM,
    ENTITY: tables.ENTITY,
    TEXT: tables.TEXT,
  };
  const records = memory.take(BATCH_WORDS * WORD_BYTES);
  return { constants, pieces, records, input: memory.take(0) };
}

/** What the text of the scanner begins with. */
export function preludeOf(constants: Readonly<Record<string, number>>): string {
  return Object.entries(constants)
    .map(([name, value]) => `const ${name}: i32 = ${value};\n`)
    .join('');
}
