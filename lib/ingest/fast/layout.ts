/**
 * How a line is kept as a row of 32-bit integers: derived from the vocabulary table. Fields that no event has both
 * share their words.
 */

import {
  COMMON_FIELDS,
  EVENTS,
  type EventRow,
  FIELDS,
  type FieldName,
  type FieldType,
  KIND,
} from '../../trace/vocabulary.ts';

/** The words that every record has. */
export const KIND_WORD = 0;
/** Lines since the start of the block. */
export const LINE_WORD = 1;
/** A bit for each field that the line has: fields 0 to 31, and those above. */
export const SEEN_LOW_WORD = 2;
export const SEEN_HIGH_WORD = 3;
const FIRST_FREE_WORD = 4;

/** Kind of a record for a line that the reference reader has to look at. */
export const SLOW = -1;
/** Of such a record: index of the line among those of its batch. */
export const SLOW_WORD = 2;

export interface Place {
  readonly name: FieldName;
  readonly type: FieldType;
  /** First word of its value. */
  readonly word: number;
  /** How many words it takes; 0 where a record does not keep it. */
  readonly width: number;
}

const rows: readonly EventRow[] = EVENTS;

/** Fields of the event; of those of a line that is read fast. */
export function fieldsOf(row: EventRow): readonly FieldName[] {
  return [...new Set<FieldName>([...COMMON_FIELDS, ...row.required, ...row.optional])];
}

/** `meta` comes once, and `left_out` at the end: whatever only they have is left to the reference reader. */
export const FAST_ROWS: readonly (EventRow | undefined)[] = rows.map((row, kind) =>
  kind === KIND.meta || kind === KIND.left_out ? undefined : row,
);

function widthOf(type: FieldType): number {
  switch (type.kind) {
    case 'string':
    case 'name':
    case 'strings':
      return 0;
    case 'timestamp':
      return 2;
    case 'hex':
      return type.bits > 31 ? 2 : 1;
    case 'entity':
      return 3;
    default:
      return 1;
  }
}

/** Puts each field at the first words that none of those that share an event with it has. */
function placesOf(rows: readonly EventRow[]): readonly Place[] {
  const rowsOf = new Map<FieldName, number[]>();
  for (const [row, names] of rows.map(fieldsOf).entries()) {
    for (const name of names) {
      const known = rowsOf.get(name);
      if (known === undefined) rowsOf.set(name, [row]);
      else known.push(row);
    }
  }
  /** A bit for each word that is taken in the records of an event. */
  const taken = rows.map(() => 0n);
  return Array.from(rowsOf, ([name, sharing]) => {
    const { type } = FIELDS[name];
    const width = widthOf(type);
    const occupied = sharing.reduce((bits, row) => bits | (taken[row] as bigint), 0n);
    let word = FIRST_FREE_WORD;
    const own = (): bigint => ((1n << BigInt(width)) - 1n) << BigInt(word);
    while ((occupied & own()) !== 0n) word++;
    for (const row of sharing) taken[row] = (taken[row] as bigint) | own();
    return { name, type, word, width };
  });
}

/** Every field of the fast rows, at most 64; its index is its number, of which a bit says that the line has it. */
export const PLACES: readonly Place[] = placesOf(FAST_ROWS.filter((row) => row !== undefined));

/** Words of a record. */
export const RECORD_WORDS = Math.max(...PLACES.map(({ word, width }) => word + width));

/** Records that are made together: with their number, the memory for them is bounded, however short the lines are. */
const BATCH_RECORDS = 2048;
/** Words for the records of a batch. */
export const BATCH_WORDS = BATCH_RECORDS * RECORD_WORDS;

const NUMBERS: ReadonlyMap<FieldName, number> = new Map(PLACES.map(({ name }, number) => [name, number]));

/** The fields as bits, in two words. */
export function bitsOf(names: readonly FieldName[]): readonly [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const name of names) {
    const number = NUMBERS.get(name);
    if (number === undefined) throw new RangeError(`no field of a fast line: ${name}`);
    if (number < 32) low |= 1 << number;
    else high |= 1 << (number - 32);
  }
  return [low, high];
}
