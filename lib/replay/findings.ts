/** What the import of a capture found, as the ledger takes it: nothing that was not understood may end in a pass. */

import type { Findings } from '../account/ledger.ts';
import type { Capture } from '../import/read.ts';
import type { TraceEvent } from '../import/state/queue.ts';
import type { LEFT_OUT } from '../trace/vocabulary.ts';

/** Lines that can be left out without a loss: nothing of the trace was in them. */
const HARMLESS: ReadonlySet<string> = new Set(['console text', 'line printed twice']);

const UNKNOWN = /^(?:event|function) (.*)$/s;

/** A capture that does not name its kernel is replayed under another, perhaps: what it confirms then proves nothing. */
const PRESUMED = { of: 'model', what: 'a capture does not name its kernel: model or mode presumed' } as const;

/** `presuming`: the capture is replayed as it names its kernel, and under a presumed one where it does not. */
export function findingsOf(
  { account, model, mode, presumed = account.presumed }: Capture,
  presuming: boolean,
): Findings {
  const unknownEvents: [string, number][] = [];
  const unfollowed: [string, number][] = [];
  const assumptions: [string, number][] = Object.entries(account.assumptions);
  for (const { what, count } of account.unused) {
    const name = UNKNOWN.exec(what)?.[1];
    if (name !== undefined) unknownEvents.push([name, count]);
    else if (HARMLESS.has(what)) assumptions.push([`${what}: left out`, count]);
    else unfollowed.push([what, count]);
  }
  const unnamed = model === undefined || mode === undefined ? [PRESUMED] : [];
  return {
    unknownEvents: sums(unknownEvents),
    unfollowed: Object.fromEntries(unfollowed),
    assumptions: Object.fromEntries(assumptions),
    ...(presuming && { presumed: [...presumed, ...unnamed] }),
  };
}

const PRESUMED_OF = { model: 'presumed', mode: 'presumed_mode' } as const;

/** The findings as the lines that carry them at the end of a trace. */
export function linesOf({ unknownEvents, unfollowed, assumptions, presumed = [] }: Findings): readonly TraceEvent[] {
  const counted = (about: (typeof LEFT_OUT)[number], counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([what, count]): TraceEvent => ({ event: 'left_out', about, what, count }));
  return [
    ...counted('unknown', unknownEvents),
    ...counted('unfollowed', unfollowed),
    ...counted('assumed', assumptions),
    ...presumed.map(({ of, what }): TraceEvent => ({ event: 'left_out', about: PRESUMED_OF[of], what })),
  ];
}

/** An event and a function may have the same name. */
function sums(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const byName = new Map<string, number>();
  for (const [name, count] of counts) byName.set(name, (byName.get(name) ?? 0) + count);
  return Object.fromEntries(byName);
}
