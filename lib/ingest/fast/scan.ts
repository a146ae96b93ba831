/**
 * The fast scanner: bytes of lines become records of small integers, without a string or an object. It takes a line
 * only where every byte of it is as expected (a strict subset of JSON: no white space, no escapes, no sign, no fraction,
 * each key once, only known keys and values in range); any other line becomes a record that refers to its bytes, and is
 * for the reference reader. All that it knows of the format it has from the vocabulary table.
 */

import type { Fault } from '../fault.ts';
import { KIND_WORD, LINE_WORD, RECORD_WORDS, SEEN_HIGH_WORD, SEEN_LOW_WORD, SLOW } from './layout.ts';
import { find, type Lexicon, matches, NONE } from './lexicon.ts';
import {
  BIT,
  EMPTY,
  ENTITY,
  ENUM,
  EVENT_KEY,
  EVENT_TEXTS,
  FIRST,
  FLAG,
  HEX,
  HEX_BITS,
  INTEGER,
  KEY_TEXTS,
  KEYS,
  KINDS,
  LEAST,
  METHOD,
  MOST,
  MULTIPLE,
  NOT_YET,
  OTHERS_HIGH,
  OTHERS_LOW,
  REQUIRED_HIGH,
  REQUIRED_LOW,
  TEXT,
  TIME,
  TRUTH,
  VALUE_TEXTS,
  WORD,
} from './scan-tables.ts';
import { skipText, takeEntity, takeFlag, takeHex, takeInteger, takeTime, takeTruth } from './scan-values.ts';

/** Bytes that have to be readable after the last line of what is scanned. */
export const PADDING = 8;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * The key that came after each key last time, for lines of each event: writers keep to an order. A guess that is wrong
 * costs time only; those that are right save a twentieth of it.
 */
const FOLLOWING = new Uint8Array((KINDS + 1) * KEYS).fill(EVENT_KEY);

/**
 * Reads the line at `start` into the record at `at`. Returns where the next line starts; NONE where the line is not
 * for this reader, and the record is then not to be used.
 */
function scanLine(bytes: Uint8Array, view: DataView, start: number, words: Int32Array, at: number): number {
  for (let word = 0; word < RECORD_WORDS; word++) words[at + word] = EMPTY[word] as number;
  if (bytes[start] !== OPENING_BRACE) return NONE;
  let position = start + 1;
  let kind = NOT_YET;
  let key = FIRST;
  let seenLow = 0;
  let seenHigh = 0;
  for (;;) {
    const guess = kind * KEYS + key;
    key = FOLLOWING[guess] as number;
    if (!matches(KEY_TEXTS, key, view, position)) {
      key = find(KEY_TEXTS, view, position);
      if (key === NONE) return NONE;
      FOLLOWING[guess] = key;
    }
    position += KEY_TEXTS.lengths[key] as number;
    if (key === EVENT_KEY) {
      if (kind !== NOT_YET) return NONE;
      kind = find(EVENT_TEXTS, view, position);
      if (kind === NONE) return NONE;
      position += EVENT_TEXTS.lengths[kind] as number;
    } else {
      const bit = 1 << key;
      if (key < 32) {
        if ((seenLow & bit) !== 0) return NONE;
        seenLow |= bit;
      } else {
        if ((seenHigh & bit) !== 0) return NONE;
        seenHigh |= bit;
      }
      position = takeValue(bytes, view, position, key, words, at + (WORD[key] as number));
      if (position === NONE) return NONE;
    }
    const after = bytes[position];
    position++;
    if (after === COMMA) continue;
    if (after === CLOSING_BRACE) break;
    return NONE;
  }
  if (bytes[position] === CARRIAGE_RETURN) position++;
  if (bytes[position] !== LINE_FEED) return NONE;
  if (kind === NOT_YET) return NONE;
  const low = REQUIRED_LOW[kind] as number;
  const high = REQUIRED_HIGH[kind] as number;
  if ((seenLow & low) !== low || (seenHigh & high) !== high) return NONE;
  if ((seenLow & (OTHERS_LOW[kind] as number)) !== 0 || (seenHigh & (OTHERS_HIGH[kind] as number)) !== 0) return NONE;
  words[at + KIND_WORD] = kind;
  words[at + SEEN_LOW_WORD] = seenLow;
  words[at + SEEN_HIGH_WORD] = seenHigh;
  return position + 1;
}

function takeValue(
  bytes: Uint8Array,
  view: DataView,
  position: number,
  key: number,
  words: Int32Array,
  word: number,
): number {
  switch (METHOD[key]) {
    case INTEGER: {
      const end = takeInteger(bytes, position, words, word);
      if (end === NONE) return NONE;
      const value = words[word] as number;
      if (value < (LEAST[key] as number) || value > (MOST[key] as number)) return NONE;
      const multiple = MULTIPLE[key] as number;
      return multiple === 1 || value % multiple === 0 ? end : NONE;
    }
    case TRUTH:
      return takeTruth(view, position, words, word);
    case BIT:
      return takeFlag(bytes, position, words, word);
    case FLAG: {
      const end = takeTruth(view, position, words, word);
      return end === NONE ? takeFlag(bytes, position, words, word) : end;
    }
    case TIME:
      return takeTime(bytes, view, position, words, word);
    case HEX:
      return takeHex(bytes, position, HEX_BITS[key] as number, words, word);
    case ENUM: {
      const texts = VALUE_TEXTS[key] as Lexicon;
      const value = find(texts, view, position);
      if (value === NONE) return NONE;
      words[word] = value;
      return position + (texts.lengths[value] as number);
    }
    case ENTITY:
      return takeEntity(bytes, view, position, words, word);
    case TEXT:
      return skipText(bytes, position);
    /* c8 ignore next 2 -- NEVER */
    default:
      return NONE;
  }
}

/** A block that is being scanned, and how far. */
export interface Scan {
  /** Whole lines; PADDING bytes can be read behind `end`. */
  readonly bytes: Uint8Array;
  /** Over the same bytes. */
  readonly view: DataView;
  readonly end: number;
  /** Lines that must not be looked at, by their index in the block. */
  readonly faults: ReadonlyMap<number, Fault> | undefined;
  /** Start of the next line, and its index in the block. */
  position: number;
  line: number;
}

/** What is told of a line that the scanner does not take, from `start` up to and with its line feed: is it an entry? */
export type OnSlowLine = (start: number, end: number, line: number, at: number) => boolean;

/** Scans on until the block is done or `words` is full. Returns the number of records made. */
export function scanLines(scan: Scan, words: Int32Array, onSlowLine: OnSlowLine): number {
  const { bytes, view, end, faults } = scan;
  const full = words.length - RECORD_WORDS;
  let { position, line } = scan;
  let at = 0;
  while (position < end && at <= full) {
    if (faults === undefined || !faults.has(line)) {
      if (bytes[position] === LINE_FEED) {
        position++;
        line++;
        continue;
      }
      const next = scanLine(bytes, view, position, words, at);
      if (next !== NONE) {
        words[at + LINE_WORD] = line++;
        at += RECORD_WORDS;
        position = next;
        continue;
      }
    }
    scan.position = position;
    scan.line = line;
    at = takeSlowLine(scan, words, at, onSlowLine);
    position = scan.position;
    line = scan.line;
  }
  scan.position = position;
  scan.line = line;
  return at / RECORD_WORDS;
}

/** Passes the next line on as one that the scanner does not take. Returns where the record after it goes. */
export function takeSlowLine(scan: Scan, words: Int32Array, at: number, onSlowLine: OnSlowLine): number {
  const { position: start, line } = scan;
  scan.position = scan.bytes.indexOf(LINE_FEED, start) + 1;
  scan.line = line + 1;
  if (!onSlowLine(start, scan.position, line, at)) return at;
  words[at + KIND_WORD] = SLOW;
  words[at + LINE_WORD] = line;
  return at + RECORD_WORDS;
}
