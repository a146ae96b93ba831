/** What of an event is not in the vocabulary: counted, or with strictness an error of the input. */

import type { InputError } from '../ingest/source.ts';
import { didYouMean } from '../text/suggest.ts';
import type { EventRecord } from '../trace/event.ts';
import { EVENTS, type EventRow, UNKNOWN_EVENT } from '../trace/vocabulary.ts';

/** With --strict, an event or a field that is not in the vocabulary is an input error. */
export function unknownName(event: EventRecord, strict: boolean): InputError | undefined {
  if (!strict) return undefined;
  const { input, line, kind, unknownEvent, unknownFields } = event;
  const named = (name: string, names: readonly string[]) => JSON.stringify(name.slice(0, 60)) + didYouMean(name, names);
  if (kind === UNKNOWN_EVENT) {
    const found = named(
      unknownEvent,
      EVENTS.map(({ name }) => name),
    );
    return { input, line, field: 'event', expected: 'the name of an event', found };
  }
  const [field] = unknownFields;
  if (field === undefined) return undefined;
  const { name, required, optional } = EVENTS[kind] as EventRow;
  const found = named(field, [...required, ...optional]);
  return { input, line, field: '', expected: `fields of ${name}`, found };
}
