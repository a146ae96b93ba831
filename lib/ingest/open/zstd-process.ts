/**
 * zstd through the program of that name, for a Node.js that has no zstd itself. Of the packages that bring it, none is to
 * be trusted with damaged files: they take what is cut short or corrupt for complete, or wait for ever.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';

/** Beginning of what the program says of data that are cut short, and of other bytes behind them. */
const CUT_SHORT = /premature end|unexpected end/i;
const TRAILING = /unsupported format|unknown header/i;

/** The codes of node:zlib for the same two things. */
const CODES: readonly (readonly [RegExp, string])[] = [
  [CUT_SHORT, 'Z_BUF_ERROR'],
  [TRAILING, 'ZSTD_error_prefix_unknown'],
];

/** `bytesWritten`: how many bytes it has used. `highWaterMark`: how many it keeps ready, at most about that many. */
export function createZstdProcess(highWaterMark: number): Duplex & { readonly bytesWritten: number } {
  const child = spawn('zstd', ['-d', '-c', '-q'], { stdio: 'pipe' });
  const said = collectError(child);
  let written = 0;
  const stream = new Duplex({
    readableHighWaterMark: highWaterMark,
    write(chunk: Uint8Array, _encoding, done) {
      written += chunk.length;
      child.stdin.write(chunk, () => done());
    },
    final(done) {
      child.stdin.end(() => done());
    },
    read() {
      child.stdout.resume();
    },
    destroy(error, done) {
      child.kill('SIGKILL');
      done(error);
    },
  });
  // A program that has ended takes no more; why it did, its exit code says.
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Uint8Array) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.on('error', (error) => stream.destroy(error));
  child.on('close', (code) => {
    if (code === 0) stream.push(null);
    else stream.destroy(failureOf(said()));
  });
  return Object.defineProperty(stream, 'bytesWritten', { get: () => written }) as Duplex & { bytesWritten: number };
}

/** What the program writes to stderr, as far as it is needed. */
function collectError(child: ChildProcessWithoutNullStreams): () => string {
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (text.length < 1000) text += chunk.toString();
  });
  return () => text;
}

function failureOf(said: string): NodeJS.ErrnoException {
  const code = CODES.find(([pattern]) => pattern.test(said))?.[1];
  // "zstd: /*stdin*\: Decoding error (36) : Data corruption detected"
  const message =
    said
      .trim()
      .split('\n')[0]
      ?.replace(/^.* : /, '') || 'it cannot be decompressed';
  return Object.assign(new Error(message), code !== undefined && { code });
}
