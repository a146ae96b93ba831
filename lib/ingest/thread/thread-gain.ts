/** Whether a second thread pays; apart from the thread's own files, which are loaded only where it does. */

import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { COMPRESSIONS } from '../open/decompress.ts';
import type { Recognise } from '../recognise.ts';

/** Bytes that are looked at to know whether a file is plain text in this format. */
const FIRST_BYTES = 64 * 1024;

/** Whether a second thread can make anything faster: not where there is one core. */
export function hasCoreForThread(): boolean {
  return availableParallelism() > 1;
}

/** Whether the file is this format, not compressed: all that the thread reads. */
export function isPlainNdjson(path: string, recognise: Recognise | undefined): boolean {
  const first = firstBytesOf(path);
  if (COMPRESSIONS.some(({ magic }) => magic.every((byte, index) => first[index] === byte))) return false;
  return recognise === undefined || recognise(first) === 'ndjson';
}

function firstBytesOf(path: string): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = new Uint8Array(FIRST_BYTES);
    return bytes.subarray(0, readSync(file, bytes));
  } catch {
    // Whoever reads it will say why it cannot be.
    return new Uint8Array(0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
