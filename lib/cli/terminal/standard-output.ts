/** Standard output of the process. The streams of Node.js take 3 ms to load, a sixth of a short replay. */

import { constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import type { Writable } from './io.ts';

const FILE = 1;

/** To be called once. The stream of Node.js, or where no write has to wait, one that needs nothing of it. */
export function standardOutput(): Writable {
  const file = openAtOnce();
  return file === undefined ? streamOfNode() : directOutput(file);
}

function streamOfNode(): Writable {
  const { stdout } = process;
  return {
    isTTY: stdout.isTTY,
    columns: stdout.columns,
    write: (text, done) => stdout.write(typeof text === 'string' ? text : Buffer.from(text), done),
    on: (...listener) => stdout.on(...listener),
  };
}

/** What to write to; undefined where a write may wait: in a system call, where no signal would reach the program. */
function openAtOnce(): number | undefined {
  try {
    const stats = fstatSync(FILE);
    if (stats.isFile() || (stats.isCharacterDevice() && stats.rdev === statSync('/dev/null').rdev)) return FILE;
    // Opened again: what says that a write fails instead of waiting is shared by all who have the pipe open.
    const again = constants.O_WRONLY | constants.O_NONBLOCK;
    return stats.isFIFO() && process.platform === 'linux' ? openSync(`/proc/self/fd/${FILE}`, again) : undefined;
  } catch {
    return undefined;
  }
}

/** The stream of Node.js takes over at the first write that would have to wait. */
function directOutput(file: number): Writable {
  const listeners: Parameters<Writable['on']>[] = [];
  let stream: Writable | undefined;
  return {
    on(...listener) {
      listeners.push(listener);
      stream?.on(...listener);
    },
    write(text, done = () => {}) {
      if (stream !== undefined) return stream.write(text, done);
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(file, bytes, written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
          stream = streamOfNode();
          for (const listener of listeners) stream.on(...listener);
          return stream.write(bytes.subarray(written), done);
        }
        for (const [event, take] of listeners) if (event === 'error') take(error as Error);
      }
      done();
      return true;
    },
  };
}
