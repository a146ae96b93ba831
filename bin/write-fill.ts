/**
 * The text of a module that does what lib/ingest/fast/fill.ts does, with a function for the events of each row: a store into a
 * property that is named in the code costs a tenth of one whose name is in a variable, and an `observe` has eleven of them.
 */

import {
  bitsOf,
  FAST_ROWS,
  fieldsOf,
  KIND_WORD,
  PLACES,
  type Place,
  SEEN_HIGH_WORD,
  SEEN_LOW_WORD,
} from '../lib/ingest/fast/layout.ts';
import { ABSENT } from '../lib/trace/event.ts';
import type { EventRow } from '../lib/trace/vocabulary.ts';

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
  if (width === 2) return `into.${name} = ${seen} ? register(${at(0)}, ${at(1)}) : undefined;`;
  return `into.${name} = ${at(0)};`;
}

function functionOf(row: EventRow, kind: number): string {
  const names = fieldsOf(row);
  const stores = PLACES.filter(({ name, width }) => width > 0 && names.includes(name)).map(storeOf);
  return `function fill${kind}(into, words, at) {\n  ${stores.join('\n  ')}\n}`;
}

export function textOfFill(): string {
  const rows = [...FAST_ROWS.entries()].flatMap(([kind, row]) => (row === undefined ? [] : [[kind, row] as const]));
  return `const NO_FIELDS = Object.freeze([]);
const register = (high, low) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
${rows.map(([kind, row]) => functionOf(row, kind)).join('\n')}
export function fill(into, words, at) {
  const kind = words[at + ${KIND_WORD}];
  into.kind = kind;
  into.meta = undefined;
  into.unknownEvent = '';
  into.unknownFields = NO_FIELDS;
  switch (kind) {
    ${rows.map(([kind]) => `case ${kind}: return fill${kind}(into, words, at);`).join('\n    ')}
    default: throw new RangeError(\`not the kind of a record: \${kind}\`);
  }
}
`;
}
