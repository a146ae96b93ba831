/** Reads a trace until it shows what is wanted, and keeps what led there. */

import type { InputError } from '../../ingest/source.ts';
import { createReplay } from '../../replay/replay.ts';
import { type Settings, settle, type Wishes } from '../../replay/settings.ts';
import { createEventRecord, type EventRecord, type Meta } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import type { Target } from './target.ts';
import { isFact } from './units.ts';

/** Events that are kept by default, the last ones; about 60 MB. */
export const KEPT = 1 << 17;

/** The first violation of that rule; or of that cause, as a report numbers it. */
export type Wanted = { readonly rule: string } | { readonly cause: number };

export interface Found {
  readonly target: Target;
  readonly meta: EventRecord;
  readonly settings: Settings;
  /** Up to the one that shows it. */
  readonly events: readonly EventRecord[];
  /** How many there are, kept or not. */
  readonly count: number;
}

export interface Finder {
  step(event: EventRecord): InputError | undefined;
  /** It has been shown: what comes now does not matter. */
  readonly isOver: boolean;
  /** Causes and rules that were seen, for a message where what is wanted is not among them. */
  readonly seen: ReadonlySet<string>;
  result(): Found | undefined;
}

export interface FindOptions extends Wishes {
  readonly strict: boolean;
  /** Most events that are kept. */
  readonly most?: number;
}

export function createFinder(wanted: Wanted, { strict, most = KEPT, ...wishes }: FindOptions): Finder {
  let target: Target | undefined;
  const seen = new Set<string>();
  const replay = createReplay({
    ...wishes,
    strict,
    maxViolations: 0,
    onCause(kind, rule, cause) {
      seen.add('rule' in wanted ? rule : String(cause));
      if ('rule' in wanted ? rule === wanted.rule : cause === wanted.cause) target ??= { kind, rule };
    },
  });
  const facts: EventRecord[] = [];
  const ring: EventRecord[] = [];
  let next = 0;
  let meta: Meta | undefined;
  let count = 0;

  const keep = (event: EventRecord): void => {
    const copy = { ...event };
    if (ring.length < most) ring.push(copy);
    else {
      const oldest = ring[next] as EventRecord;
      if (isFact(oldest)) facts.push(oldest);
      ring[next] = copy;
      next = (next + 1) % most;
    }
    count += 1;
  };

  return {
    step(event) {
      if (event.kind !== KIND.meta) keep(event);
      else meta ??= event.meta;
      return replay.step(event);
    },
    get isOver() {
      return target !== undefined;
    },
    seen,
    result() {
      if (target === undefined) return undefined;
      const whole = metaOf(wishes, meta);
      const settings = settle({}, whole);
      if ('field' in settings) throw new Error(`${settings.field} ${settings.found}`);
      const record = createEventRecord();
      record.kind = KIND.meta;
      record.meta = whole;
      const events = [...facts, ...ring.slice(next), ...ring.slice(0, next)];
      return { target, meta: record, settings, events, count };
    },
  };
}

export interface Collector {
  add(event: EventRecord): void;
  /** All have come. */
  readonly isOver: boolean;
  readonly events: readonly EventRecord[];
}

/** Of the first `count` events but `meta` those that are wanted, where the trace is read again. */
export function createCollector(count: number, isWanted: (event: EventRecord) => boolean): Collector {
  const events: EventRecord[] = [];
  let seen = 0;
  return {
    add(event) {
      if (event.kind === KIND.meta) return;
      seen += 1;
      if (isWanted(event)) events.push({ ...event });
    },
    get isOver() {
      return seen === count;
    },
    events,
  };
}

/** What the trace says of itself, and what the caller does: so that the trace alone says it. */
function metaOf(wishes: Wishes, meta: Meta | undefined): Meta {
  const settings = settle(wishes, meta);
  if ('field' in settings) throw new Error(`${settings.field} ${settings.found}`);
  const { sve_vl, sme_vl, ...rest } = meta ?? {};
  const { sveVl, smeVl } = settings.features;
  return {
    ...rest,
    model: settings.model.name,
    mode: settings.mode,
    ...(sveVl > 0 && { sve_vl: sveVl }),
    ...(smeVl > 0 && { sme_vl: smeVl }),
  };
}
