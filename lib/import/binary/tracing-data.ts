/**
 * What a recording says of its events: formats, names of tasks, symbols. The same in trace.dat (Documentation/trace-cmd of
 * trace-cmd, trace-cmd.dat.v6.5 and .v7.5) and in perf.data (tools/perf/util/trace-event-read.c).
 */

import { type Cursor, createCursor, Malformed } from './cursor.ts';
import { type EventFormat, parseEventFormat } from './event-format.ts';
import { createSymbols, type Symbols } from './symbols.ts';

/** Magic number of trace.dat, and of what perf.data has of it. */
export const MAGIC = Buffer.from('\x17\x08\x44tracing', 'latin1');

/** What the beginning says of the machine that recorded. */
export interface Machine {
  /** `6`, `7`, or `0.5`. */
  readonly version: string;
  readonly bigEndian: boolean;
  /** Bytes of a long, 4 or 8. */
  readonly longSize: number;
  /** Bytes of a page of the ring buffer. */
  readonly pageSize: number;
}

/** Everything that is needed to read entries. */
export interface Descriptions {
  readonly events: Map<number, EventFormat>;
  /** Names of tasks, by pid. */
  readonly commands: Map<number, string>;
  symbols: Symbols;
}

export const createDescriptions = (): Descriptions => ({
  events: new Map(),
  commands: new Map(),
  symbols: createSymbols(Buffer.alloc(0)),
});

/** Bytes that the beginning takes at most. */
export const BEGINNING = 64;

/** Reads the magic number and what follows it; the cursor that is returned stands behind it. */
export function readMachine(bytes: Buffer, what: string): { readonly machine: Machine; readonly cursor: Cursor } {
  const first = createCursor(bytes, false, what);
  if (!first.take(MAGIC.length).equals(MAGIC)) throw new Malformed(`${what} that begins with its magic number`, 'none');
  const version = first.text();
  const bigEndian = first.u8() === 1;
  const cursor = createCursor(bytes, bigEndian, what, first.at);
  const longSize = cursor.u8();
  if (longSize !== 4 && longSize !== 8) throw new Malformed('a long of 4 or 8 bytes', String(longSize));
  return { machine: { version, bigEndian, longSize, pageSize: cursor.u32() }, cursor };
}

/** The sections as they follow each other up to the symbols and formats of printk. */
export function readSections(cursor: Cursor, into: Descriptions): void {
  readHeaders(cursor);
  readFormats(cursor, into);
  readSystems(cursor, into);
  into.symbols = createSymbols(cursor.take(cursor.u32()));
  cursor.skip(cursor.u32());
}

/** header_page and header_event: the layout of a page has been the same since there are such files. */
export function readHeaders(cursor: Cursor): void {
  for (const name of ['header_page', 'header_event']) {
    const found = cursor.text();
    if (found !== name) throw new Malformed(`section ${name}`, found.slice(0, 40));
    cursor.skip(cursor.size());
  }
}

/** A number of event formats, each with its size before it. */
export function readFormats(cursor: Cursor, into: Descriptions): void {
  const count = cursor.u32();
  for (let index = 0; index < count; index++) {
    const text = cursor.take(cursor.size()).toString('latin1');
    const format = parseEventFormat(text);
    // One that does not describe itself has no entries either that anybody could tell.
    if (format !== undefined) into.events.set(format.id, format);
  }
}

/** Event formats by subsystem. */
export function readSystems(cursor: Cursor, into: Descriptions): void {
  const count = cursor.u32();
  for (let index = 0; index < count; index++) {
    cursor.text();
    readFormats(cursor, into);
  }
}

/** `PID NAME`, a line for each task. */
export function readCommands(bytes: Buffer, into: Descriptions): void {
  for (const line of bytes.toString('latin1').split('\n')) {
    const match = /^(\d{1,7}) (.*)$/s.exec(line);
    if (match !== null) into.commands.set(Number(match[1]), match[2] as string);
  }
}
