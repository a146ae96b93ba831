/** A record of the scanner becomes an event, filled as the decoder would have filled it. */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { bitsOf, FAST_ROWS, fieldsOf, KIND_WORD, PLACES, type Place, SEEN_HIGH_WORD, SEEN_LOW_WORD } from './layout.ts';

/** Stores the fields of the record at `at` that events of its kind have. */
type Fill = (into: EventRecord, words: Int32Array, at: number) => void;

const NO_FIELDS: readonly string[] = Object.freeze([]);

function register(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The statement that stores a field. Names are those of the vocabulary table, and plain identifiers. */
function storeOf({ name, type, word, width }: Place): string {
  const at = (offset: number): string => `words[at + ${word + offset}]`;
  const [low, high] = bitsOf([name]);
  const seen = low === 0 ? `words[at + ${SEEN_HIGH_WORD}] & ${high}` : `words[at + ${SEEN_LOW_WORD}] & ${low}`;
  if (type.kind === 'timestamp') {
    return `if (${seen}) { into.tsHigh = ${at(0)} >>> 0; into.tsLow = ${at(1)} >>> 0; }
      else { into.tsHigh = ${ABSENT}; into.tsLow = 0; }`;
  }
  if (type.kind === 'entity') return `into.last = ${at(0)}; into.lastId = ${at(1)}; into.lastVcpu = ${at(2)};`;
  if (type.kind === 'hex' && width === 2) {
    return `into.${name} = ${seen} ? register(${at(0)}, ${at(1)}) : undefined;`;
  }
  return width === 0 ? '' : `into.${name} = ${at(0)};`;
}

/**
 * The function for the events of a row, made from source text: a store into a property that is named in the code costs
 * a tenth of one whose name is in a variable, and an `observe` has eleven of them. What that buys, `test/bench/alternatives.ts`
 * prints.
 */
function compile(kind: number): Fill {
  const row = FAST_ROWS[kind];
  if (row === undefined) throw new RangeError(`not the kind of a record: ${kind}`);
  const names = fieldsOf(row);
  const stores = PLACES.filter(({ name }) => names.includes(name)).map(storeOf);
  const source = `return (into, words, at) => {\n${stores.join('\n')}\n}`;
  return new Function('register', source)(register) as Fill;
}

/** By kind, as they are needed: a short trace has few. */
const fills: (Fill | undefined)[] = FAST_ROWS.map(() => undefined);

/** Fills `into` with the event of the record at `at`, which must not be one for the reference reader. */
export function fill(into: EventRecord, words: Int32Array, at: number): void {
  const kind = words[at + KIND_WORD] as number;
  into.kind = kind;
  into.meta = undefined;
  into.unknownEvent = '';
  into.unknownFields = NO_FIELDS;
  let store = fills[kind];
  if (store === undefined) {
    store = compile(kind);
    fills[kind] = store;
  }
  store(into, words, at);
}
