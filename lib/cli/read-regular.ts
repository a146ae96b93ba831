/** Small files that are named by nobody, but looked for beside others: what is no file, or too large for one, is not read. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Failure } from './exit.ts';

// Windows has no O_NONBLOCK: `undefined` adds nothing.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The bytes of a regular file. Throws `Failure` for what is none (a device may never end, a pipe may have no writer) and for
 * more than `most` bytes, which `option` of the command line lifts; else what the file system says.
 */
export function readRegular(path: string, most: number, option?: string): Buffer {
  const file = openSync(path, OPEN_FLAGS);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Failure(stats.isDirectory() ? 'it is a directory' : 'it is no regular file');
    if (stats.size > most) {
      const hint = option === undefined ? '' : ` (${option} lifts this limit)`;
      throw new Failure(`expected at most ${most} bytes, found ${stats.size}${hint}`);
    }
    const bytes = Buffer.allocUnsafe(stats.size);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
