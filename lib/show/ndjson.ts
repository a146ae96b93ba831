/**
 * The stream form, for pipes: a line per transition, violation and divergence as it happens, each with its `type`,
 * and the report, which has none, as the last line.
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
    violation: (violation) => line({ type: 'violation', ...violation }),
    divergence: (divergence) => line({ type: 'divergence', ...divergence }),
    report: (report) => {
      line(report);
      lines.flush();
    },
  };
}
