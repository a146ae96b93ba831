/** A recording that has been opened: what it says of itself, and its entries in the order of time. */

import type { Recorded } from './ring-buffer.ts';
import type { Descriptions } from './tracing-data.ts';

export type RecordingFormat = 'trace.dat' | 'perf.data';

export interface Recording {
  /** What wrote it: `trace-cmd 7`, `perf`. */
  readonly source: string;
  /** As uname says it, where it is said. */
  readonly release: string | undefined;
  readonly machine: string | undefined;
  /** Name of the clock; times are in nanoseconds but for `counter` and its like. */
  readonly clock: string;
  readonly inNanoseconds: boolean;
  /** Number of CPUs, 0 where nothing says it. */
  readonly cpus: number;
  readonly bigEndian: boolean;
  readonly longSize: number;
  readonly descriptions: Descriptions;
  /** Entries, each in the same object. An entry without bytes stands for losses only. Throws `Malformed`. */
  entries(): Iterable<Recorded>;
}
