/**
 * The stream form, for pipes: a line per transition, violation and divergence as it happens, each with its `type`,
 * and the report, which has none, as the last line.
 */

import { toJson } from './json-text.ts';
import type { Reporter, Sink } from './reporter.ts';

/** Characters collected before they are written: a write per line would cost more than making the line. */
const BATCH = 64 * 1024;

export function ndjsonReporter(sink: Sink): Reporter {
  let pending = '';
  const line = (value: object): void => {
    pending += `${toJson(value)}\n`;
    if (pending.length >= BATCH) flush();
  };
  const flush = (): void => {
    const text = pending;
    pending = '';
    sink.write(text);
  };
  return {
    transition: (transition) => line({ type: 'transition', ...transition }),
    violation: (violation) => line({ type: 'violation', ...violation }),
    divergence: (divergence) => line({ type: 'divergence', ...divergence }),
    report: (report) => {
      line(report);
      if (pending !== '') flush();
    },
  };
}
