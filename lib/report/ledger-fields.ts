/** The ledger of a report, field by field, for all that go through it: the check of a report, its schema, what is merged. */

import type { Report } from './report.ts';

/** A number, or numbers by name. `skipped_lines` is beside them, since it may be absent. */
const FIELDS = {
  implied: 'count',
  inferred: 'count',
  lost: 'count',
  unknown_events: 'counts',
  unknown_fields: 'counts',
  not_modelled: 'counts',
  unfollowed: 'counts',
  weak_orderings: 'counts',
  skipped_checks: 'counts',
  refused: 'counts',
  assumptions: 'counts',
  unordered_ts: 'count',
} as const satisfies Record<Exclude<keyof Report['ledger'], 'skipped_lines'>, 'count' | 'counts'>;

type LedgerOf<Count, Counts> = {
  readonly [Name in keyof typeof FIELDS]: (typeof FIELDS)[Name] extends 'count' ? Count : Counts;
};

/** Each field with what stands for a number, or for numbers by name. */
export function ledgerOf<Count, Counts>(count: Count, counts: Counts): LedgerOf<Count, Counts> {
  const entries = Object.entries(FIELDS).map(([name, kind]) => [name, kind === 'count' ? count : counts]);
  return Object.fromEntries(entries);
}
