/** Bytes of a text trace, in chunks of any size, through an importer: whole lines, counted, with bounded memory. */

import { createLineSplitter, DEFAULT_MAX_LINE_BYTES } from '../ingest/lines.ts';
import type { Foreign, ImportAccount } from './account.ts';
import { createImporter, type Importer, type ImportOptions } from './importer.ts';
import { createLineOrder, type Flaw, type LineAt } from './line-order.ts';
import { createLookAhead, type Held } from './look-ahead.ts';
import type { Emit } from './state/queue.ts';
import { createSurvey } from './survey.ts';

export interface TextImportOptions extends ImportOptions {
  /** Longest line that is looked at, in bytes. */
  readonly maxLineBytes?: number;
}

export interface TextImport {
  /** A line that has shown that the capture is not of an arm64 machine. */
  readonly foreign: Foreign | undefined;
  /** Far into it there has been no line that is an entry of a trace; it may never end. */
  readonly isNone: boolean;
  push(chunk: Uint8Array): void;
  /** Imports what is still held, a piece at each step; to be called once, after the last chunk. May be left out. */
  rest(): Iterable<void>;
  finish(): ImportAccount;
}

/**
 * Bytes that are read ahead: to say what the capture shows, before any of it is imported (a kind of line that comes later only
 * was not recorded), and where losses begin.
 */
const AHEAD = 16 * 1024 * 1024;

/**
 * A byte is read as one character: what is parsed is ASCII, and the kernel pads names by bytes. Only the samples in the account
 * are people's to read, and become UTF-8. A line that is too long counts as one that is no line of a trace.
 */
export function createTextImport(options: TextImportOptions, emit: Emit): TextImport {
  const { maxLineBytes = DEFAULT_MAX_LINE_BYTES } = options;
  const survey = createSurvey(options.ignore ?? [], maxLineBytes, options.file);
  const splitter = createLineSplitter(maxLineBytes, 'any');
  const ahead = createLookAhead();
  const order = createLineOrder(survey.shown, options.file, importLine);
  /** Stands for a line that is not looked at. */
  const tooLong = Buffer.from(`a line of more than ${maxLineBytes} bytes (--max-line-bytes)\n`);
  let importer: Importer | undefined;
  let ended = false;
  /** Bytes, so far. A line may have no end. */
  let pushed = 0;

  /** All but the last `most` bytes that were read. */
  function* importAll(most: number): Generator<void> {
    for (let held = ahead.take(most); held !== undefined; held = ahead.take(most)) {
      importer ??= createImporter(options, survey.shown, emit);
      putInOrder(held);
      yield;
    }
  }

  function* rest(): Generator<void> {
    if (!ended) {
      ended = true;
      if (importer === undefined) survey.end();
      for (const block of splitter.end()) ahead.push(block);
    }
    yield* importAll(-1);
    order.end();
    yield;
  }

  function putInOrder(held: Held): void {
    let start = 0;
    for (const [index, end] of held.ends.entries()) {
      order.push(held, index, start, end);
      start = end + 1;
    }
  }

  function importLine({ held, index, start, end, columns }: LineAt, flaw: Flaw): void {
    const into = importer as Importer;
    const number = held.first + index;
    if (held.faults.has(index)) into.push(tooLong, 0, tooLong.length - 1, number);
    else if (ahead.isTold(number)) into.passOver();
    else if (flaw !== undefined) into.leaveOut(held.bytes, start, end, number, flaw);
    else into.push(held.bytes, start, end, number, columns);
    for (const { cpu, count } of ahead.lostAfter(number)) into.lose(cpu, count);
  }

  return {
    get foreign() {
      return importer?.foreign;
    },
    get isNone() {
      return pushed > AHEAD && survey.entries === 0;
    },
    push(chunk) {
      pushed += chunk.length;
      if (importer === undefined) survey.push(chunk);
      for (const block of splitter.push(chunk)) ahead.push(block);
      for (const _ of importAll(AHEAD));
    },
    rest,
    finish() {
      for (const _ of rest());
      importer ??= createImporter(options, survey.shown, emit);
      const account = importer.finish(order.moved);
      const unused = account.unused.map((entry) => ({ ...entry, sample: asUtf8(entry.sample) }));
      return { ...account, unused };
    },
  };
}

function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
