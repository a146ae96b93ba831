/** Bytes of a text trace, in chunks of any size, through an importer: whole lines, counted, with bounded memory. */

import { type Block, createLineSplitter, DEFAULT_MAX_LINE_BYTES } from '../ingest/lines.ts';
import type { ImportAccount } from './account.ts';
import { createImporter, type ImportOptions } from './importer.ts';
import type { Emit } from './state/queue.ts';

export interface TextImportOptions extends ImportOptions {
  /** Longest line that is looked at, in bytes. */
  readonly maxLineBytes?: number;
}

export interface TextImport {
  push(chunk: Uint8Array): void;
  finish(): ImportAccount;
}

const LINE_FEED = 0x0a;

/**
 * A byte is read as one character: what is parsed is ASCII, and the kernel pads names by bytes. Only the samples in the account
 * are people's to read, and become UTF-8. A line that is too long counts as one that is no line of a trace.
 */
export function createTextImport(options: TextImportOptions, emit: Emit): TextImport {
  const { maxLineBytes = DEFAULT_MAX_LINE_BYTES } = options;
  const importer = createImporter(options, emit);
  const splitter = createLineSplitter(maxLineBytes, 'any');
  /** Stands for a line that is not looked at. */
  const tooLong = Buffer.from(`a line of more than ${maxLineBytes} bytes (--max-line-bytes)\n`);
  let lines = 0;

  function take({ bytes, faults }: Block): void {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let index = 0; start < block.length; index++) {
      const end = block.indexOf(LINE_FEED, start);
      lines++;
      if (faults.has(index)) importer.push(tooLong, 0, tooLong.length - 1, lines);
      else importer.push(block, start, end, lines);
      start = end + 1;
    }
    importer.leaveBytes();
  }

  return {
    push(chunk) {
      for (const block of splitter.push(chunk)) take(block);
    },
    finish() {
      for (const block of splitter.end()) take(block);
      const account = importer.finish();
      const unused = account.unused.map((entry) => ({ ...entry, sample: asUtf8(entry.sample) }));
      return { ...account, unused };
    },
  };
}

function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
