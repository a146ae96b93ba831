import type { Block } from './lines.ts';
import type { Batch } from './source.ts';

/** Turns the blocks of one input, in order, into batches. */
export interface BlockReader {
  /** Lines seen so far, blank ones included. */
  readonly lines: number;
  /** Batches without entries are left out. Each must be read before the next is asked for. */
  batches(block: Block): Iterable<Batch>;
  close(): void;
}
