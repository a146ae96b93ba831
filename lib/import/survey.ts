/**
 * What a capture shows: which probes and tracepoints have lines in it, and with which fields. A kind of line that never comes
 * was not recorded, as far as anybody can tell, unless the script that took the capture says that it was.
 */

import { createLineSplitter, DEFAULT_MAX_LINE_BYTES } from '../ingest/lines.ts';
import { createKindFinder } from './columns/kind.ts';
import { createLine } from './columns/line.ts';
import { logPrefixEnd } from './columns/log.ts';
import { createFiles } from './columns/margin.ts';
import { renderingOf } from './columns/rendering.ts';
import { createManner, type Manner, noteManner } from './manner.ts';
import { fieldsShown } from './payload/callers.ts';
import { type CaptureHeader, createCaptureHeader, readHeaderLine } from './payload/capture-header.ts';
import { EVENT_NAMES, WHAT, WHAT_COUNT } from './payload/event-names.ts';
import { createProbeFields, isProbe, readProbeFields } from './payload/kprobe-events.ts';

/** By WHAT: 1 where the capture has such lines, and bits of HAS for what they have. */
export interface Shown {
  readonly kinds: Uint8Array;
  readonly fields: Uint16Array;
  /** How the kernel goes about its work. */
  readonly manner: Manner;
  /** All of its entries stand in the kernel's log. */
  inLog: boolean;
}

export interface Survey {
  readonly shown: Shown;
  /** Lines so far that are entries of a trace. */
  readonly entries: number;
  /** The next bytes of the capture. */
  push(chunk: Uint8Array): void;
  /** That was all of it: what its header says of probes can be held against the lines. */
  end(): void;
}

const LINE_FEED = 0x0a;

/** `file`: which one is read, where several are printed together. */
export function createSurvey(ignore: readonly string[], maxLineBytes = DEFAULT_MAX_LINE_BYTES, file?: string): Survey {
  const shown: Shown = {
    kinds: new Uint8Array(WHAT_COUNT),
    fields: new Uint16Array(WHAT_COUNT),
    manner: createManner(),
    inLog: false,
  };
  const files = createFiles(file);
  const splitter = createLineSplitter(maxLineBytes, 'any');
  const header = createCaptureHeader();
  const line = createLine();
  const fields = createProbeFields();
  const kindOf = createKindFinder(ignore);
  let entries = 0;

  function take(bytes: Buffer, start: number, end: number): void {
    line.bytes = bytes;
    line.start = start;
    line.end = end > start && bytes[end - 1] === 0x0d ? end - 1 : end;
    if (bytes[start] === 0x23) {
      readHeaderLine(bytes.toString('latin1', start, line.end), header);
      return;
    }
    const inLog = logPrefixEnd(line) > start;
    line.start = logPrefixEnd(line);
    if (renderingOf(line) === '' || files.isOther(line)) return;
    if (entries === 0) shown.inLog = inLog;
    else if (inLog && !shown.inLog) return;
    entries++;
    const what = kindOf(line);
    if (what === WHAT.unknown) return;
    const has = isProbe(what) && !line.isFunction && readProbeFields(line, fields) >= 0;
    noteManner(shown.manner, line, what, has ? fields : undefined);
    if (shown.kinds[what] === 1 && shown.fields[what] !== 0) return;
    shown.kinds[what] = 1;
    if (has) shown.fields[what] = fieldsShown(line, fields);
  }

  function takeAll(bytes: Uint8Array, skip: ReadonlyMap<number, unknown>): void {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let start = 0, index = 0; start < block.length; index++) {
      const end = block.indexOf(LINE_FEED, start);
      if (!skip.has(index)) take(block, start, end);
      start = end + 1;
    }
  }

  return {
    shown,
    get entries() {
      return entries;
    },
    push(chunk) {
      for (const { bytes, faults } of splitter.push(chunk)) takeAll(bytes, faults);
    },
    end() {
      shown.manner.whole = true;
      for (const { bytes, faults } of splitter.end()) takeAll(bytes, faults);
      if (isWhole(header, entries)) for (const name of header.probes) show(shown, name);
    },
  };
}

/** The lines are as many as the kernel counted. */
function isWhole({ entriesOf, entries: counted }: CaptureHeader, entries: number): boolean {
  const promised = [...entriesOf.values()].reduce((sum, count) => sum + count, 0);
  return entries > 0 && entries === (entriesOf.size > 0 ? promised : counted);
}

function show(shown: Shown, name: string): void {
  const what = EVENT_NAMES[name];
  if (what !== undefined) shown.kinds[what] = 1;
}
