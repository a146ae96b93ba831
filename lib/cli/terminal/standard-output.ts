/** Standard output of the process: the stream of Node.js, which waits for a slow reader without being deaf to signals. */

import type { Writable } from './io.ts';

/** To be called once. */
export function standardOutput(): Writable {
  const { stdout } = process;
  return {
    isTTY: stdout.isTTY,
    columns: stdout.columns,
    // Copied: the caller reuses its buffer, and the stream may keep bytes until they can be written.
    write: (text, done) => stdout.write(typeof text === 'string' ? text : Buffer.from(text), done),
    on: (...listener) => stdout.on(...listener),
  };
}
