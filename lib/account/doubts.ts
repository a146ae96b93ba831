/** What a trace hides, and what that leaves open: by kind of event, most costly first. */

import type { Report } from '../report/report.ts';
import { HIDDEN, HIDEABLE, type HideableKind } from '../trace/hidden.ts';
import { KIND } from '../trace/vocabulary.ts';

export interface Doubts {
  /** Whether an event of these kinds happened before that event will never be told: bits by the order of HIDEABLE. */
  unsettled(via: number, event: number): void;
  /** So many checks came out otherwise if an event of these kinds had happened. */
  open(via: number, checks: number): void;
  /** The section of the report; undefined where the trace hides nothing. */
  records(): Report['records'];
}

/** `hidden`: by kind, 1 where the trace does not tell of it. `records`: what it says that it shows. */
export function createDoubts(hidden: Uint8Array, records: readonly string[] | undefined): Doubts {
  const places = new Float64Array(HIDEABLE.length);
  const checks = new Float64Array(HIDEABLE.length);
  /** Each kind is counted once an event, however many ways there are past it. */
  const at = { event: 0, told: 0 };
  const add = (counts: Float64Array, via: number, times: number): void => {
    for (let bits = via, at = 0; bits !== 0; bits >>>= 1, at++) {
      if ((bits & 1) === 1) counts[at] = (counts[at] as number) + times;
    }
  };
  return {
    unsettled(via, event) {
      if (event !== at.event) [at.event, at.told] = [event, 0];
      const news = via & ~at.told;
      if (news === 0) return;
      add(places, news, 1);
      at.told |= news;
    },
    open: (via, times) => add(checks, via, times),
    records() {
      const isTold = records === undefined && !places.some((count) => count > 0) && !checks.some((count) => count > 0);
      if (isTold) return undefined;
      const row = (kind: HideableKind, at: number) => ({
        kind,
        places: places[at] as number,
        checks: checks[at] as number,
        shown_by: HIDDEN[kind].shownBy,
      });
      const hides = HIDEABLE.map(row).filter((one) => hidden[KIND[one.kind]] === 1 || one.places + one.checks > 0);
      return {
        ...(records !== undefined && { shows: [...new Set(records)].sort() }),
        hides: hides.sort((a, b) => b.checks - a.checks || b.places - a.places || (a.kind < b.kind ? -1 : 1)),
      };
    },
  };
}
