/** Bytes of a text trace, in chunks of any size, through an importer: whole lines, counted, with bounded memory. */

import type { ImportAccount } from './account.ts';
import { createImporter, type ImportOptions } from './importer.ts';
import type { Emit } from './queue.ts';

export interface TextImport {
  push(chunk: Uint8Array): void;
  finish(): ImportAccount;
}

/** Longest line that is looked at, in bytes. A kprobe event has at most 128 arguments (MAX_TRACE_ARGS): far less than this. */
export const MAX_TEXT_LINE = 1_048_576;
/** Stands for a line that is not looked at. */
const TOO_LONG = `a line of more than ${MAX_TEXT_LINE} bytes`;

/**
 * A byte is read as one character: what is parsed is ASCII, and the kernel pads names by bytes. Only the samples in the account
 * are people's to read, and become UTF-8. A line longer than MAX_TEXT_LINE counts as one that is no line of a trace.
 */
export function createTextImport(options: ImportOptions, emit: Emit): TextImport {
  const importer = createImporter(options, emit);
  let held: string[] = [];
  let heldLength = 0;
  let lines = 0;
  let first = true;

  function take(line: string): void {
    lines++;
    importer.push(first ? withoutMark(line) : line, lines);
    first = false;
  }

  /** The rest of a chunk: joined only when its line is complete, so that chunks of a byte cost no more than others. */
  function hold(part: string): void {
    if (part.length === 0) return;
    heldLength += part.length;
    if (heldLength <= MAX_TEXT_LINE) held.push(part);
  }

  function release(): string {
    const whole = held.join('');
    const cut = heldLength > MAX_TEXT_LINE;
    held = [];
    heldLength = 0;
    return cut ? TOO_LONG : whole;
  }

  return {
    push(chunk) {
      const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
      let start = 0;
      let end = text.indexOf('\n');
      if (end >= 0 && heldLength > 0) {
        hold(text.slice(0, end));
        take(release());
        start = end + 1;
        end = text.indexOf('\n', start);
      }
      while (end >= 0) {
        if (first || end - start > MAX_TEXT_LINE) take(end - start > MAX_TEXT_LINE ? TOO_LONG : text.slice(start, end));
        else importer.pushPart(text, start, end, ++lines);
        start = end + 1;
        end = text.indexOf('\n', start);
      }
      hold(start === 0 ? text : text.slice(start));
    },
    finish() {
      if (heldLength > 0) take(release());
      const account = importer.finish();
      const unused = account.unused.map((entry) => ({ ...entry, sample: asUtf8(entry.sample) }));
      return { ...account, unused };
    },
  };
}

/** The byte order mark that some programs put before text. */
function withoutMark(line: string): string {
  return line.startsWith('\u00ef\u00bb\u00bf') ? line.slice(3) : line;
}

function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
