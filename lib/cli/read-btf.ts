/** The file of --btf. */

import { closeSync, openSync, readSync } from 'node:fs';
import { type Btf, isBtfError, MAX_BLOB_BYTES, readBtf } from '../btf/blob.ts';
import { escapeText } from '../text/escape.ts';
import { Failure, reasonOf } from './exit.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a BTF file; '-' is stdin. Throws `Failure` where it cannot be read or is no BTF. */
export function readBtfFile(path: string): Btf {
  const name = escapeText(path === '-' ? '<stdin>' : path, 200);
  let bytes: Uint8Array;
  try {
    bytes = readAll(path);
  } catch (error) {
    throw new Failure(`cannot read ${name}: ${reasonOf(error)}`);
  }
  const btf = readBtf(bytes);
  if (!isBtfError(btf)) return btf;
  const found = escapeText(btf.found, 80);
  throw new Failure(`${name} is no BTF: at byte ${btf.offset}: expected ${btf.expected}, found ${found}`);
}

/** Files of sysfs and pipes have no size to ask for, and some files never end. */
function readAll(path: string): Uint8Array {
  const descriptor = path === '-' ? 0 : openSync(path, 'r');
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0; total <= MAX_BLOB_BYTES; ) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = readSync(descriptor, chunk);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      total += length;
    }
    throw new Error(`larger than ${MAX_BLOB_BYTES} bytes`);
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}
