/** What a minimised trace must still show, and whether it does. */

import { startRun } from '../../replay/run.ts';
import type { Settings } from '../../replay/settings.ts';
import { createEventRecord, type EventRecord } from '../../trace/event.ts';

/** A violation of the rule (or a divergence: DIVERGED) that comes of a cause of that kind. */
export interface Target {
  readonly rule: string;
  readonly kind: string;
}

/** Whether the events show it, on their own, line by line. */
export type Shows = (events: readonly EventRecord[]) => boolean;

/** `settings`: of the `meta` event that all candidates begin with. */
export function createShows(target: Target, settings: Settings, strict: boolean): Shows {
  return (events) => {
    let isShown = false;
    const onCause = (kind: string, rule: string): void => {
      if (kind === target.kind && rule === target.rule) isShown = true;
    };
    const run = startRun({ strict, maxViolations: 0, onCause }, settings, events[0] ?? createEventRecord());
    for (let index = 0; index < events.length && !isShown; index++) {
      const event = events[index] as EventRecord;
      event.input = 0;
      event.line = index + 1;
      run.step(event);
    }
    return isShown;
  };
}
