/** What every output format is: something that takes the findings of a replay and writes them to a sink. */

import type { Divergence, Report, Transition, Violation } from '../report/report.ts';
import type { Page } from '../text/page.ts';
import type { Paint } from '../text/paint.ts';

/** Where a reporter writes: a stream, a file, or a string in a test. */
export interface Sink {
  /** Bytes are UTF-8, and not kept: what is in them changes after the call. */
  write(text: string | Uint8Array): void;
}

export interface Style extends Page {
  readonly paint: Paint;
  /** The inputs as they were given, for what points at files; the report has only their names. */
  readonly paths?: readonly string[];
  /** Lines of the terminal that it is printed on; absent where it is none. */
  readonly rows?: number;
  /** Of this program. */
  readonly version?: string;
}

/** The first three are called as things happen, and only where the format has them; `report` once, at the end. */
export interface Reporter {
  readonly transition?: (transition: Transition) => void;
  readonly violation?: (violation: Violation) => void;
  readonly divergence?: (divergence: Divergence) => void;
  readonly report: (report: Report) => void;
}

export type CreateReporter = (sink: Sink, style: Style) => Reporter;
