/** Violations: the first ones in full, all of them in number. */

import type { Told } from '../check/checker.ts';
import type { Report, Violation } from '../report/report.ts';
import { entry, sorted } from '../text/order.ts';

export interface ViolationAccount {
  /** Violations of severity error, listed or not. */
  readonly errors: number;
  /** Counts one; keeps it while there is room, and says whether. One that a filter hides counts as an error only. */
  add(violation: Violation, listed: boolean): boolean;
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
    add(violation, isListed) {
      if (violation.severity === 'error') errors += 1;
      if (!isListed) return false;
      const count = of(violation.rule);
      count.total += 1;
      if (listed.length >= limit) return false;
      listed.push(violation);
      count.listed += 1;
      return true;
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
