/** What the layouts come to: counts and bytes. */

export const LAYOUTS = [
  {
    id: 'L1',
    name: 'userspace format',
    title: 'L1 userspace',
    summary: 'kept at the larger vector length, converted when userspace looks (owner FP_STATE_USER_OWNED)',
  },
  {
    id: 'L2',
    name: 'native format',
    title: 'L2 native',
    summary: 'kept as SVCR.SM has it, never converted; a change of mode zeroes it',
  },
  {
    id: 'L3',
    name: 'native, SVCR first',
    title: 'L3 SVCR first',
    summary: 'as L2, and userspace is told to write SVCR before the rest (SM-01)',
  },
] as const;

export interface LayoutResult {
  readonly id: string;
  readonly name: string;
  /** Between the native and the userspace format, in either direction. */
  conversions: number;
  bytes_read: number;
  /** Registers written in another format; what is between them is zeroed. */
  bytes_rewritten: number;
  /** Holes of conversions, and state that a write to SVCR by userspace zeroes. */
  bytes_zeroed: number;
  /** Register state of vCPUs saved and loaded, over all puts of a vCPU. */
  readonly context_switches: { count: number; bytes: number; bytes_each: number };
  /** Copied from or to userspace, with all that this layout does beside it: conversions in both directions, and zeroing. */
  readonly userspace_accesses: { count: number; refused: number; bytes: number; bytes_each: number };
  /** Writes to SVCR that discard what userspace wrote before. */
  orderings_that_lose_data: number;
}

/** A write to SVCR that discards registers which userspace wrote before it, in L2 and L3. */
export interface LostOrdering {
  readonly input: number;
  readonly line: number;
  readonly vm: number;
  readonly vcpu: number;
  /** What is lost, and the line of the first write to it. */
  readonly registers: 'vectors' | 'za';
  readonly written: number;
}

export interface LayoutsResult {
  readonly inputs: readonly { readonly name: string; readonly lines: number; readonly events: number }[];
  /** vCPUs of the trace, and those for which the two formats can differ. */
  readonly vcpus: number;
  readonly vcpus_with_two_formats: number;
  readonly layouts: readonly LayoutResult[];
  /** The first ones. */
  readonly lost: readonly LostOrdering[];
  /** Writes to SVCR whose value the trace does not tell, taken not to change it. */
  readonly svcr_unknown: number;
}

export function createLayoutResults(): readonly [LayoutResult, LayoutResult, LayoutResult] {
  return LAYOUTS.map(({ id, name }) => ({
    id,
    name,
    conversions: 0,
    bytes_read: 0,
    bytes_rewritten: 0,
    bytes_zeroed: 0,
    context_switches: { count: 0, bytes: 0, bytes_each: 0 },
    userspace_accesses: { count: 0, refused: 0, bytes: 0, bytes_each: 0 },
    orderings_that_lose_data: 0,
  })) as unknown as readonly [LayoutResult, LayoutResult, LayoutResult];
}

/** To a tenth; 0 of none. */
export const each = (bytes: number, count: number): number => (count === 0 ? 0 : Math.round((bytes / count) * 10) / 10);
