/** Violations: the first ones in full, all of them in number. */

import type { Told } from '../check/checker.ts';
import type { Report, Severity, Violation } from '../report/report.ts';
import { entry, sorted } from '../text/order.ts';

export interface ViolationAccount {
  /** Violations of severity error, listed or not. */
  readonly errors: number;
  /** Counts one, and says whether there is room to `keep` it. One that a filter hides counts as an error only. */
  count(rule: string, severity: Severity, listed: boolean): boolean;
  /** One that has been counted, and for which there is room. */
  keep(violation: Violation): void;
  /** One that follows from another; one that a filter hides counts as an error only. */
  follow(first: Told, listed: boolean): void;
  violations(): Pick<Report, 'violations' | 'violation_counts'>;
}

/** `limit`: how many the report lists. */
export function createViolationAccount(limit: number): ViolationAccount {
  const listed: Violation[] = [];
  const counts: Record<string, { total: number; listed: number; followed: number }> = {};
  let errors = 0;
  const of = (rule: string) => entry(counts, rule, () => ({ total: 0, listed: 0, followed: 0 }));
  return {
    get errors() {
      return errors;
    },
    count(rule, severity, isListed) {
      if (severity === 'error') errors += 1;
      if (!isListed) return false;
      of(rule).total += 1;
      return listed.length < limit;
    },
    keep(violation) {
      listed.push(violation);
      of(violation.rule).listed += 1;
    },
    follow(first, isListed) {
      if (first.severity === 'error') errors += 1;
      if (!isListed) return;
      first.followed += 1;
      const count = of(first.rule);
      count.total += 1;
      count.followed += 1;
    },
    violations: () => ({ violations: listed, violation_counts: sorted(counts) }),
  };
}
