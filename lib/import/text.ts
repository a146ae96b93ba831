/** Bytes of a text trace, in chunks of any size, through an importer: whole lines, counted, with bounded memory. */

import type { ImportAccount } from './account.ts';
import { createImporter, type ImportOptions } from './importer.ts';
import type { Emit } from './state/queue.ts';

export interface TextImport {
  push(chunk: Uint8Array): void;
  finish(): ImportAccount;
}

/** Longest line that is looked at, in bytes. A kprobe event has at most 128 arguments (MAX_TRACE_ARGS): far less than this. */
export const MAX_TEXT_LINE = 1_048_576;
/** Stands for a line that is not looked at. */
const TOO_LONG = Buffer.from(`a line of more than ${MAX_TEXT_LINE} bytes\n`);
const LF = 0x0a;
/** The byte order mark that some programs put before text. */
const MARK = Buffer.from('\ufeff');

/**
 * A byte is read as one character: what is parsed is ASCII, and the kernel pads names by bytes. Only the samples in the account
 * are people's to read, and become UTF-8. A line longer than MAX_TEXT_LINE counts as one that is no line of a trace.
 */
export function createTextImport(options: ImportOptions, emit: Emit): TextImport {
  const importer = createImporter(options, emit);
  /** The start of a line that is not complete yet, as far as it is looked at. */
  let held = Buffer.allocUnsafe(256);
  let heldLength = 0;
  let lines = 0;

  /** The line [start, end), which a line feed follows. */
  function take(bytes: Buffer, start: number, end: number): void {
    lines++;
    if (end - start > MAX_TEXT_LINE) importer.push(TOO_LONG, 0, TOO_LONG.length - 1, lines);
    else importer.push(bytes, lines === 1 ? afterMark(bytes, start, end) : start, end, lines);
  }

  /** Doubles its room where that is too small, so that chunks of a byte cost no more than others. */
  function hold(part: Buffer): void {
    const length = heldLength + part.length;
    if (length <= MAX_TEXT_LINE) {
      if (length >= held.length) held = Buffer.concat([held.subarray(0, heldLength)], 2 * length);
      part.copy(held, heldLength);
    }
    heldLength = length;
  }

  function takeHeld(): void {
    if (heldLength <= MAX_TEXT_LINE) held[heldLength] = LF;
    take(held, 0, heldLength);
    heldLength = 0;
  }

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const before = lines;
      let start = 0;
      let end = bytes.indexOf(LF);
      if (end >= 0 && heldLength > 0) {
        hold(bytes.subarray(0, end));
        takeHeld();
        start = end + 1;
        end = bytes.indexOf(LF, start);
      }
      while (end >= 0) {
        take(bytes, start, end);
        start = end + 1;
        end = bytes.indexOf(LF, start);
      }
      if (lines > before) importer.leaveBytes();
      hold(bytes.subarray(start));
    },
    finish() {
      if (heldLength > 0) takeHeld();
      const account = importer.finish();
      const unused = account.unused.map((entry) => ({ ...entry, sample: asUtf8(entry.sample) }));
      return { ...account, unused };
    },
  };
}

/** Where the line [start, end) begins if a byte order mark stands before it. */
function afterMark(bytes: Buffer, start: number, end: number): number {
  const marked = end - start >= MARK.length && MARK.equals(bytes.subarray(start, start + MARK.length));
  return marked ? start + MARK.length : start;
}

function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
