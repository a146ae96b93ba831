/** Makes a record say that a line has none of some fields. */

import type { EventRecord } from './event.ts';
import { FIELD_ACCESS } from './field.ts';
import type { FieldName } from './vocabulary.ts';

export type Clear = (into: EventRecord) => void;

/**
 * The function that does it for these fields, made from source text: a store into a property that is named in the code
 * costs a tenth of one whose name is in a variable, and most fields of an event's row are absent. Made when it is
 * needed: a trace has few kinds of events.
 */
export function createClear(fields: readonly FieldName[]): Clear {
  let clear: Clear | undefined;
  return (into) => {
    clear ??= compile(fields);
    clear(into);
  };
}

function compile(fields: readonly FieldName[]): Clear {
  const stores = fields.flatMap((field) => Object.entries(FIELD_ACCESS[field].absent));
  const source = stores.map(([property, value]) => `into.${property} = ${value};`).join('\n');
  return new Function('into', source) as Clear;
}
