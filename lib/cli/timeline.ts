/** `replay --timeline`: listens to the replay, and writes its timeline below the report. */

import type { RunOptions } from '../replay/wiring.ts';
import { formatTimeline } from '../show/text/timeline.ts';
import { createPaint } from '../text/paint.ts';
import { createStrip } from '../timeline/strip.ts';
import type { Listeners } from './reporting.ts';
import { type ColourOption, hasColour } from './terminal/colour.ts';
import type { Io } from './terminal/io.ts';

/** Where stdout is no terminal. */
const WIDTH = 80;

export interface TerminalTimeline {
  /** The listeners, and those of the timeline. */
  listen(listeners: Listeners): Listeners & Required<Pick<RunOptions, 'onStep' | 'onViolation'>>;
  /** With an empty line before it. */
  format(options: { readonly color: ColourOption }, io: Io): Promise<string>;
}

export function createTerminalTimeline(): TerminalTimeline {
  const strip = createStrip();
  return {
    listen: (listeners) => ({
      ...listeners,
      onStep: (machine) => strip.step(machine),
      onViolation(violation) {
        listeners.onViolation?.(violation);
        if (violation.cpu !== undefined) strip.mark(violation.cpu);
      },
    }),
    async format({ color }, { stdout, env }) {
      const paint = await createPaint(hasColour(color, stdout, env));
      const text = formatTimeline(strip, stdout.columns ?? WIDTH, paint);
      return text === '' ? '' : `\n${text}`;
    },
  };
}
