/** Reads a report that was written earlier, as far as two reports are compared. */

import type { Report } from './report.ts';
import { count, list, map, object, oneOf, text } from './shape.ts';

/** The parts of a report in terms of which two of them are compared, and the model, which says what they are of. */
export type ComparableReport = Pick<
  Report,
  'model' | 'verdict' | 'events' | 'transitions' | 'debug' | 'violations' | 'violation_counts' | 'cost'
>;

const counts = map(count);
const costs = map(object({ count }, { bytes: count }));

const REPORT = object({
  // Format 1 also lists the rules that were checked, which no comparison is about.
  format: oneOf(1, 2),
  model: object({ name: text, mode: text }),
  verdict: oneOf('pass', 'fail', 'inconclusive'),
  events: counts,
  transitions: object({ total: count, by_edge: counts, by_cause: counts, by_cpu: map(counts) }),
  debug: object({ switches: count, by_edge: counts }),
  violations: list(
    object(
      {
        rule: text,
        severity: oneOf('error', 'warning', 'suspicious'),
        input: count,
        line: count,
        event: text,
        message: text,
        expected: list(text),
        state: map(text),
        source: text,
        followed: count,
      },
      { cpu: count, vm: count, vcpu: count },
    ),
  ),
  violation_counts: map(object({ total: count, listed: count, followed: count })),
  cost: object({
    total: costs,
    by_event: map(costs),
    by_cpu: map(costs),
    by_vcpu: map(costs),
    sysregs: map(object({ read: count, write: count })),
  }),
});

/** The report that `json` is the text of, or what is wrong with it, in words (unescaped). */
export function readReport(json: string): ComparableReport | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  return REPORT(value, '') ?? (value as ComparableReport);
}
