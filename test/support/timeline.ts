/** Timelines of traces that are in memory. */

import { createReplay, type ReplayOptions } from '../../lib/replay/replay.ts';
import type { Transition } from '../../lib/report/report.ts';
import { createRecorder } from '../../lib/timeline/recorder.ts';
import type { Timeline } from '../../lib/timeline/timeline.ts';
import type { Trace } from './replay.ts';

export interface Recorded {
  readonly timeline: Timeline;
  /** As they are told. */
  readonly transitions: readonly Transition[];
}

export function record(trace: Trace, options: ReplayOptions = {}): Recorded {
  const recorder = createRecorder();
  const transitions: Transition[] = [];
  const { onTransition, ...listeners } = recorder.listeners;
  const replay = createReplay({
    ...options,
    ...listeners,
    onTransition(transition) {
      transitions.push(transition);
      onTransition(transition);
    },
  });
  for (const event of trace.events) {
    const error = replay.step(event);
    if (error !== undefined) throw new Error(`${error.field}: ${error.expected}`);
  }
  return { timeline: recorder.finish(replay.finish(trace.inputs)), transitions };
}
