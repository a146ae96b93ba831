/** Standard output of the process: the stream of Node.js, which waits for a slow reader without being deaf to signals. */

import type { Writable } from './io.ts';

/** To be called once. */
export function standardOutput(): Writable {
  const { stdout } = process;
  const { isTTY, columns, rows } = stdout;
  return { ...copying(stdout), isTTY, columns, rows };
}

/** The stream, with bytes copied: the caller reuses its buffer, and the stream may keep them until they can be written. */
export function copying(stream: Writable): Writable {
  return {
    write: (text, done) => stream.write(typeof text === 'string' ? text : Buffer.from(text), done),
    on: (...listener) => stream.on(...listener),
  };
}
