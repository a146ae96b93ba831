/**
 * The shortest trace that still shows something: first the end of it that is enough, then who is needed, then load..put by
 * load..put, run by run, line by line, field by field; each cut as long as it helps (delta debugging), and all of them again
 * until none does. What is left loses it without any of its lines.
 */

import { decode } from '../../trace/decode.ts';
import { encode } from '../../trace/encode.ts';
import { createEventRecord, type EventRecord } from '../../trace/event.ts';
import { COMMON_FIELDS, EVENTS, type EventRow, KIND } from '../../trace/vocabulary.ts';
import { renumber } from './renumber.ts';
import type { Shows } from './target.ts';
import { CUTS, isFact, sliceOf, type Unit } from './units.ts';

/** Lines of the shortest end of a trace that is tried; each next one is four times as long. */
const SHORTEST = 32;
const TIMES = 4;

/** `meta` stays. `events`: the others. Returns them without `meta`; undefined where they do not show it. */
export function minimize(
  meta: EventRecord,
  events: readonly EventRecord[],
  shows: Shows,
): readonly EventRecord[] | undefined {
  const isEnough: Shows = (some) => shows([meta, ...some]);
  let best = shortestEnd(events, isEnough);
  while (best !== undefined) {
    const before = best;
    for (const cut of CUTS) best = without(best, cut, isEnough);
    best = withoutFields(best, isEnough);
    const renumbered = renumber(best);
    if (isEnough(renumbered)) best = renumbered;
    if (best.length === before.length && textOf(best) === textOf(before)) return best;
    best = shortestEnd(best, isEnough) ?? best;
  }
  return undefined;
}

const textOf = (events: readonly EventRecord[]): string =>
  JSON.stringify(events.map(encode), (_key, value) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value));

/**
 * The facts, and as many of the last lines as it takes, of all or of those that have to do with the last; undefined where all of
 * them are not enough.
 */
function shortestEnd(events: readonly EventRecord[], isEnough: Shows): readonly EventRecord[] | undefined {
  const slice = sliceOf(events);
  for (let length = SHORTEST; ; length *= TIMES) {
    const end = enoughOf(events, length, isEnough);
    if (end !== undefined) return end;
    const isNew = slice.length < events.length && slice.length > length / TIMES;
    const own = isNew ? enoughOf(slice, length, isEnough) : undefined;
    if (own !== undefined) return own;
    if (length >= events.length) return undefined;
  }
}

/** The facts, and the last lines. */
export function endOf(events: readonly EventRecord[], length: number): readonly EventRecord[] {
  const start = events.length - length;
  return start <= 0 ? events : events.filter((event, index) => index >= start || isFact(event));
}

/** Without observations where it is shown without: where events are left out, a value that was read there is of another past. */
function enoughOf(events: readonly EventRecord[], length: number, isEnough: Shows): readonly EventRecord[] | undefined {
  const end = endOf(events, length);
  const bare = end.filter(({ kind }) => kind !== KIND.observe);
  if (isEnough(bare)) return bare;
  return bare.length < end.length && isEnough(end) ? end : undefined;
}

/** Leaves out units: half of them at once, then a quarter, ..., then each. */
function without(
  events: readonly EventRecord[],
  cut: (events: readonly EventRecord[]) => readonly Unit[],
  isEnough: Shows,
): readonly EventRecord[] {
  let best = events;
  let units = cut(best);
  let size = Math.ceil(units.length / 2);
  while (size >= 1) {
    for (let start = units.length - size; start > -size; start -= size) {
      const isOut = new Uint8Array(best.length);
      for (const unit of units.slice(Math.max(start, 0), start + size)) for (const index of unit) isOut[index] = 1;
      const rest = best.filter((_, index) => isOut[index] === 0);
      if (rest.length === best.length || !isEnough(rest)) continue;
      best = rest;
      units = cut(best);
    }
    size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return best;
}

/** Leaves out what an event may have and need not. */
function withoutFields(events: readonly EventRecord[], isEnough: Shows): readonly EventRecord[] {
  const bare = events.map((event) => withoutField(event, 'ts') ?? event);
  let best: readonly EventRecord[] = isEnough(bare) ? bare : events;
  for (const index of events.keys()) {
    const { optional }: EventRow = EVENTS[(best[index] as EventRecord).kind] as EventRow;
    for (const name of [...optional, ...COMMON_FIELDS, 'ts']) {
      const changed = withoutField(best[index] as EventRecord, name);
      if (changed === undefined) continue;
      const some = best.with(index, changed);
      if (isEnough(some)) best = some;
    }
  }
  return best;
}

/** The event without that field; undefined where it has none, or cannot be without. */
function withoutField(event: EventRecord, name: string): EventRecord | undefined {
  const { [name]: value, ...rest } = encode(event);
  if (value === undefined) return undefined;
  const changed = createEventRecord();
  return decode(JSON.parse(JSON.stringify(rest)), changed) === undefined ? changed : undefined;
}
