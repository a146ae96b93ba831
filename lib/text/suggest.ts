/** "Did you mean": for names that are not options or commands, as commander does it for those. */

/** Edits (insert, delete, replace, swap of neighbours) that lead from `a` to `b`. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (old[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (older[j - 2] ?? 0) + 1);
      row.push(best);
    }
    older = old;
    old = row;
  }
  return old[b.length] ?? 0;
}

/** Longest name that is compared: the work grows with its square. */
const LONGEST = 64;

/** " (Did you mean FP-07?)" with up to three names, or '' where none is near. Case does not count as a difference. */
export function didYouMean(name: string, names: readonly string[]): string {
  if (name === '' || name.length > LONGEST) return '';
  const wanted = name.toLowerCase();
  const near = names
    .map((candidate) => ({
      candidate,
      begins: candidate.toLowerCase().startsWith(wanted),
      edits: distance(wanted, candidate.toLowerCase()),
    }))
    .filter(({ candidate, begins, edits }) => begins || edits <= Math.max(1, Math.floor(candidate.length * 0.4)))
    .sort((a, b) => Number(b.begins) - Number(a.begins) || a.edits - b.edits);
  // What is clearly nearest stands alone.
  const best = near.filter(({ begins, edits }) => begins === near[0]?.begins && edits === near[0]?.edits).slice(0, 3);
  if (best.length === 0) return '';
  return ` (Did you mean ${best.map(({ candidate }) => candidate).join(' or ')}?)`;
}
