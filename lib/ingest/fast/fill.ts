/**
 * A record of the scanner becomes an event, filled as the decoder would have filled it: field by field. The build puts what
 * `bin/write-fill.ts` makes of the same tables in the place of this file.
 */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { bitsOf, FAST_ROWS, fieldsOf, KIND_WORD, PLACES, type Place, SEEN_HIGH_WORD, SEEN_LOW_WORD } from './layout.ts';

type Fill = (into: EventRecord, words: Int32Array, at: number) => void;

const NO_FIELDS: readonly string[] = Object.freeze([]);

function register(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function storeOf({ name, type, word, width }: Place): Fill {
  const [low, high] = bitsOf([name]);
  const seen = (words: Int32Array, at: number): boolean =>
    (((words[at + SEEN_LOW_WORD] as number) & low) | ((words[at + SEEN_HIGH_WORD] as number) & high)) !== 0;
  const wordAt = (words: Int32Array, at: number, offset: number): number => words[at + word + offset] as number;
  if (type.kind === 'timestamp') {
    return (into, words, at) => {
      into.tsHigh = seen(words, at) ? wordAt(words, at, 0) >>> 0 : ABSENT;
      into.tsLow = seen(words, at) ? wordAt(words, at, 1) >>> 0 : 0;
    };
  }
  if (type.kind === 'entity') {
    return (into, words, at) => {
      into.last = wordAt(words, at, 0);
      into.lastId = wordAt(words, at, 1);
      into.lastVcpu = wordAt(words, at, 2);
    };
  }
  if (width === 2) {
    return (into, words, at) => {
      into[name as 'value'] = seen(words, at) ? register(wordAt(words, at, 0), wordAt(words, at, 1)) : undefined;
    };
  }
  return (into, words, at) => {
    into[name as 'cpu'] = words[at + word] as number;
  };
}

const fills: readonly (readonly Fill[] | undefined)[] = FAST_ROWS.map((row) => {
  if (row === undefined) return undefined;
  const names = fieldsOf(row);
  return PLACES.filter(({ name, width }) => width > 0 && names.includes(name)).map(storeOf);
});

/** Fills `into` with the event of the record at `at`, which must not be one for the reference reader. */
export function fill(into: EventRecord, words: Int32Array, at: number): void {
  const kind = words[at + KIND_WORD] as number;
  const stores = fills[kind];
  if (stores === undefined) throw new RangeError(`not the kind of a record: ${kind}`);
  into.kind = kind;
  into.meta = undefined;
  into.unknownEvent = '';
  into.unknownFields = NO_FIELDS;
  for (const store of stores) store(into, words, at);
}
