/** What goes to the page beside columns of numbers: types that both sides have. */

import type { Report } from '../../report/report.ts';
import type { Mark, Subject, Timeline, Value } from '../../timeline/timeline.ts';

export interface Header {
  readonly base: string;
  readonly report: PageReport;
  /** How many events, and how many of them have times: all or none. */
  readonly events: number;
  readonly times: number;
  readonly values: readonly Value[];
  /** `changes`: how many starts and states. */
  readonly tracks: readonly {
    readonly name: string;
    readonly subject: Subject;
    readonly drawn: boolean;
    readonly changes: number;
  }[];
  readonly edges: Timeline['edges'];
  readonly transitions: number;
  readonly marks: readonly Mark[];
  readonly causes: Timeline['causes'];
  readonly left: Timeline['left'];
  /** By kind. */
  readonly kinds: readonly { readonly name: string; readonly doc: string }[];
  readonly rules: Readonly<Record<string, string>>;
}

/** Of the report, what the page shows beside the picture. */
export type PageReport = Pick<
  Report,
  'model' | 'inputs' | 'verdict' | 'reasons' | 'violation_counts' | 'causes' | 'cost' | 'observations'
>;
