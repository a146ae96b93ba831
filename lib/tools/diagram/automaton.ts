/** A deterministic automaton made of the writes to fp_owner that were seen. */

/** Which copy of fp_owner; the only one is called by its name. */
export type Place = 'fp_owner' | 'kernel' | 'hyp';

export interface Write {
  readonly from: string;
  readonly to: string;
  /** Event of the trace in which it happened. */
  readonly kind: number;
  readonly place: Place;
  /** The value that was written. */
  readonly owner: string;
  /** The step that wrote it. */
  readonly cause: string;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The step that writes fp_owner; with the value that it writes, where that is not always the same. */
  readonly event: string;
}

export interface Automaton {
  /** Sorted, as are the edges. */
  readonly states: readonly string[];
  readonly initial: string;
  readonly edges: readonly Edge[];
}

/** fp_owner as zeroed memory has it. */
export const INITIAL_OWNER = 'free';

/** "guest", or "kernel_host_hyp_guest" where there are two copies. */
export function stateName(owners: readonly (readonly [Place, string])[]): string {
  const [first] = owners;
  if (owners.length === 1 && first !== undefined) return first[1];
  const of = (place: Place): string => owners.find(([each]) => each === place)?.[1] ?? '';
  return `kernel_${of('kernel')}_hyp_${of('hyp')}`;
}

export function automatonOf(writes: readonly Write[], initial: string): Automaton {
  const known = writes.filter(({ from }) => !from.includes('unknown'));
  const ambiguous = ambiguousCauses(known);
  const edges = new Map<string, Edge>();
  for (const { from, to, cause, owner } of known) {
    const event = ambiguous.has(cause) ? `${cause}_${owner}` : cause;
    edges.set(`${from} ${to} ${event}`, { from, to, event });
  }
  const sorted = [...edges].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
  const states = new Set([initial, ...sorted.flatMap(({ from, to }) => [from, to])]);
  return { states: [...states].sort(), initial, edges: sorted };
}

/** Steps that lead from one state to several. */
function ambiguousCauses(writes: readonly Write[]): ReadonlySet<string> {
  const targets = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const { from, to, cause } of writes) {
    const key = `${from} ${cause}`;
    if ((targets.get(key) ?? to) !== to) ambiguous.add(cause);
    targets.set(key, to);
  }
  return ambiguous;
}
