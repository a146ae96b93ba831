/** The report itself, as one JSON document. */

import { toJson } from '../text/json.ts';
import type { Reporter, Sink } from './reporter.ts';

export function createReporter(sink: Sink): Reporter {
  return { report: (report) => sink.write(`${toJson(report, 2)}\n`) };
}
