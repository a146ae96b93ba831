/**
 * The stream form, for pipes: a line per transition, violation and divergence as it happens, and the report as the last
 * line, each with its `type`. How many followed from a violation is known at the end: the report has it.
 */

import { createByteLines } from '../text/byte-lines.ts';
import { toJson } from '../text/json.ts';
import type { Reporter, Sink } from './reporter.ts';
import { createTransitionLine } from './transition-line.ts';

export function createReporter(sink: Sink): Reporter {
  const lines = createByteLines((piece) => sink.write(piece));
  const line = (value: object): void => {
    lines.text(toJson(value));
    lines.end();
  };
  return {
    transition: createTransitionLine(lines),
    violation: ({ followed: _, ...violation }) => line({ type: 'violation', ...violation }),
    divergence: (divergence) => line({ type: 'divergence', ...divergence }),
    report: (report) => {
      line({ type: 'report', ...report });
      lines.flush();
    },
  };
}
