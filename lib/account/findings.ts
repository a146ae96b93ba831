/** What the import of a capture found, as the ledger takes it: nothing that was not understood may end in a pass. */

import type { ImportAccount } from '../import/account.ts';
import type { Findings } from './ledger.ts';

/** Lines that can be left out without a loss: nothing of the trace was in them. */
const HARMLESS: ReadonlySet<string> = new Set(['console text', 'line printed twice']);

const UNKNOWN = /^(?:event|function) (.*)$/s;

export function findingsOf(account: ImportAccount): Findings {
  const unknownEvents: [string, number][] = [];
  const unfollowed: [string, number][] = [];
  const assumptions: [string, number][] = Object.entries(account.assumptions);
  for (const { what, count } of account.unused) {
    const name = UNKNOWN.exec(what)?.[1];
    if (name !== undefined) unknownEvents.push([name, count]);
    else if (HARMLESS.has(what)) assumptions.push([`${what}: left out`, count]);
    else unfollowed.push([what, count]);
  }
  return {
    unknownEvents: sums(unknownEvents),
    unfollowed: Object.fromEntries(unfollowed),
    assumptions: Object.fromEntries(assumptions),
  };
}

/** An event and a function may have the same name. */
function sums(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const byName = new Map<string, number>();
  for (const [name, count] of counts) byName.set(name, (byName.get(name) ?? 0) + count);
  return Object.fromEntries(byName);
}
