/** Values by a short text, found from the bytes where they stand: no string is made. */

import { startsWith } from './bytes.ts';

export interface ByteTable<V> {
  /** The value of [start, end); undefined where it has none. */
  get(bytes: Uint8Array, start: number, end: number): V | undefined;
  /** Where the table is full, or the text is long, nothing is remembered. */
  set(bytes: Uint8Array, start: number, end: number, value: V): void;
}

const LONGEST = 64;

interface Entry<V> {
  readonly text: Uint8Array;
  readonly value: V;
}

export function createByteTable<V>(capacity: number): ByteTable<V> {
  const size = 2 ** Math.ceil(Math.log2(capacity * 4));
  const buckets: Entry<V>[][] = Array.from({ length: size }, () => []);
  let count = 0;
  const bucketOf = (bytes: Uint8Array, start: number, end: number): Entry<V>[] =>
    buckets[hashOf(bytes, start, end) & (size - 1)] as Entry<V>[];
  return {
    get(bytes, start, end) {
      const bucket = bucketOf(bytes, start, end);
      for (let i = 0; i < bucket.length; i++) {
        const { text, value } = bucket[i] as Entry<V>;
        if (text.length === end - start && startsWith(bytes, text, start)) return value;
      }
      return undefined;
    },
    set(bytes, start, end, value) {
      if (count >= capacity || end - start > LONGEST) return;
      count++;
      bucketOf(bytes, start, end).push({ text: Uint8Array.from(bytes.subarray(start, end)), value });
    },
  };
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = ((hash << 5) - hash + (bytes[i] as number)) | 0;
  return hash ^ (hash >>> 15);
}
