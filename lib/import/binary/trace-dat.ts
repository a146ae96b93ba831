/** trace.dat, the file of trace-cmd, versions 6 and 7: Documentation/trace-cmd/trace-cmd.dat.v6.5.txt and .v7.5.txt of trace-cmd. */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { byTime, type Stream } from './by-time.ts';
import { type Cursor, createCursor, Malformed, Unsupported } from './cursor.ts';
import { type Inflate, inflateNamed } from './inflate.ts';
import { type CpuData, pagesOf } from './pages.ts';
import type { Recording } from './recording.ts';
import { createPageReader, type Recorded } from './ring-buffer.ts';
import type { Storage } from './storage.ts';
import { createSymbols } from './symbols.ts';
import {
  createDescriptions,
  type Descriptions,
  type Machine,
  readCommands,
  readFormats,
  readHeaders,
  readMachine,
  readSections,
  readSystems,
} from './tracing-data.ts';

/** What options say, in either version. */
interface Options {
  release: string | undefined;
  machine: string | undefined;
  clock: string | undefined;
  cpus: number | undefined;
  /** Added to every time. */
  offset: bigint;
}

/** A buffer of the kernel: the top one, or that of an instance. */
interface TraceBuffer {
  readonly clock: string | undefined;
  readonly pageSize: number;
  readonly cpus: readonly CpuData[];
}

const OPTION = {
  done: 0,
  date: 1,
  buffer: 3,
  clock: 4,
  uname: 5,
  offset: 7,
  cpuCount: 8,
  timeShift: 12,
  headerInfo: 16,
  ftraceEvents: 17,
  eventFormats: 18,
  kallsyms: 19,
  commands: 21,
  bufferText: 22,
} as const;

/** Clocks that do not count nanoseconds (trace_clocks, kernel/trace/trace.c). */
const COUNTERS = new Set(['counter', 'x86-tsc', 'ppc-tb']);

/** Bytes of the beginning of version 6 that are read at first; descriptions and symbols are some megabytes. */
const FIRST_READ = 16 * 1024 * 1024;
const MOST_SECTIONS = 10_000;

/** Throws `Malformed`, `Unsupported`. */
export function openTraceDat(storage: Storage): Recording {
  const start = storage.read(0, Math.min(storage.size, 4096));
  const { machine, cursor } = readMachine(start, 'its beginning');
  if (machine.version === '7') return openVersion7(storage, machine, cursor);
  if (machine.version === '6') return openVersion6(storage, machine, cursor.at);
  throw new Unsupported('trace.dat of version 6 or 7', `version ${machine.version.slice(0, 20)}`);
}

function openVersion6(storage: Storage, machine: Machine, at: number): Recording {
  for (let length = FIRST_READ; ; length *= 4) {
    const bytes = storage.read(0, Math.min(storage.size, length));
    try {
      return readVersion6(storage, machine, createCursor(bytes, machine.bigEndian, 'its tables', at));
    } catch (error) {
      if (!(error instanceof Malformed) || bytes.length === storage.size || length >= 64 * FIRST_READ) throw error;
    }
  }
}

function readVersion6(storage: Storage, machine: Machine, cursor: Cursor): Recording {
  const descriptions = createDescriptions();
  const options = createOptions();
  readSections(cursor, descriptions);
  readCommands(cursor.take(cursor.size()), descriptions);
  options.cpus = cursor.u32();
  const instances: number[] = [];
  const readTagged = (from: Cursor): readonly CpuData[] => {
    let tag = tagAt(from);
    if (tag === 'options') {
      readOptions6(from, options, instances);
      tag = tagAt(from);
    }
    if (tag === 'latency') throw new Unsupported('entries of trace.dat', 'the text of a latency tracer');
    if (tag !== 'flyrecord') throw new Malformed('"flyrecord" before the table of CPUs', tag);
    return tableOf6(from, options.cpus as number);
  };
  const top = readTagged(cursor);
  const tables = [top];
  // They are behind the data of the CPUs.
  for (const place of instances) {
    const length = Math.min(storage.size - place, 64 * 1024 + 16 * (MAX_CPU + 1));
    if (length <= 0) throw new Malformed('an instance within the file', `place ${place}`);
    tables.push(readTagged(createCursor(storage.read(place, length), machine.bigEndian, 'an instance')));
  }
  const buffers = tables.map((cpus) => ({ clock: undefined, pageSize: machine.pageSize, cpus }));
  return recordingOf(storage, machine, descriptions, options, buffers, undefined);
}

/** Tags have 10 bytes: a name, blanks, and a 0. */
const tagAt = (cursor: Cursor): string =>
  cursor
    .take(10)
    .toString('latin1')
    .replace(/[ \0]+$/, '');

function tableOf6(cursor: Cursor, cpus: number): readonly CpuData[] {
  checkCpus(cpus);
  return Array.from({ length: cpus }, (_, cpu) => ({ cpu, at: cursor.size(), size: cursor.size() }));
}

function checkCpus(cpus: number): void {
  if (cpus > MAX_CPU + 1) throw new Malformed(`at most ${MAX_CPU + 1} CPUs`, String(cpus));
}

function readOptions6(cursor: Cursor, options: Options, instances: number[]): void {
  for (let id = cursor.u16(); id !== OPTION.done; id = cursor.u16()) {
    const data = createCursor(cursor.take(cursor.u32()), cursor.bigEndian, 'an option');
    if (id === OPTION.buffer) instances.push(data.size());
    else takeOption(id, data, options);
  }
}

function openVersion7(storage: Storage, machine: Machine, cursor: Cursor): Recording {
  const compression = cursor.text();
  cursor.text();
  const inflate = compression === 'none' ? undefined : inflateNamed(compression);
  const descriptions = createDescriptions();
  const options = createOptions();
  const buffers: TraceBuffer[] = [];
  const sections = new Map<number, number>();
  const seen = new Set<number>();
  for (let next = cursor.size(); next !== 0; ) {
    if (seen.has(next) || seen.size > MOST_SECTIONS) throw new Malformed('options that come to an end', 'none');
    seen.add(next);
    next = readOptions7(sectionAt(storage, machine, next, inflate), (id, data) => {
      if (id === OPTION.buffer) buffers.push(bufferOf7(storage, machine, data));
      else if (id >= OPTION.headerInfo && id <= OPTION.commands) sections.set(id, data.size());
      else takeOption(id, data, options);
    });
  }
  const read = (id: number, reader: (section: Cursor, into: Descriptions) => void): void => {
    const place = sections.get(id);
    if (place !== undefined) reader(sectionAt(storage, machine, place, inflate), descriptions);
  };
  read(OPTION.headerInfo, readHeaders);
  read(OPTION.ftraceEvents, readFormats);
  read(OPTION.eventFormats, readSystems);
  read(OPTION.commands, (section, into) => readCommands(section.take(section.size()), into));
  read(OPTION.kallsyms, (section, into) => {
    into.symbols = createSymbols(section.take(section.u32()));
  });
  return recordingOf(storage, machine, descriptions, options, buffers, inflate);
}

/** Returns where the next options are; 0 where there are none. */
function readOptions7(cursor: Cursor, take: (id: number, data: Cursor) => void): number {
  for (;;) {
    const id = cursor.u16();
    const data = createCursor(cursor.take(cursor.u32()), cursor.bigEndian, 'an option');
    if (id === OPTION.done) return data.size();
    take(id, data);
  }
}

const SECTION_HEADER = 16;
const COMPRESSED = 1;

/** The content of a section, decompressed. */
function sectionAt(storage: Storage, machine: Machine, at: number, inflate: Inflate | undefined): Cursor {
  const header = createCursor(storage.read(at, SECTION_HEADER), machine.bigEndian, 'a section');
  header.skip(2);
  const flags = header.u16();
  header.skip(4);
  const content = createCursor(storage.read(at + SECTION_HEADER, header.size()), machine.bigEndian, 'a section');
  if ((flags & COMPRESSED) === 0) return content;
  const bytes = createCursor(content.bytes, machine.bigEndian, 'a section');
  const packed = bytes.u32();
  const size = bytes.u32();
  return createCursor(inflated(inflate)([{ bytes: bytes.take(packed), size }]), machine.bigEndian, 'a section');
}

function inflated(inflate: Inflate | undefined): Inflate {
  if (inflate === undefined) throw new Malformed('no compressed section, as the file says', 'one');
  return inflate;
}

function bufferOf7(storage: Storage, machine: Machine, data: Cursor): TraceBuffer {
  const section = data.size();
  data.text();
  const clock = data.text();
  const pageSize = data.u32();
  const count = data.u32();
  checkCpus(count);
  const header = createCursor(storage.read(section, SECTION_HEADER), machine.bigEndian, 'a section');
  header.skip(2);
  const isCompressed = (header.u16() & COMPRESSED) !== 0;
  const cpus = Array.from({ length: count }, () => ({
    cpu: data.u32(),
    at: data.size(),
    size: data.size(),
    isCompressed,
  }));
  return { clock, pageSize, cpus };
}

const createOptions = (): Options => ({
  release: undefined,
  machine: undefined,
  clock: undefined,
  cpus: undefined,
  offset: 0n,
});

const textIn = (data: Cursor): string => data.bytes.toString('latin1').replace(/\0.*$/s, '');

function takeOption(id: number, data: Cursor, options: Options): void {
  if (id === OPTION.uname) {
    // "Linux HOST RELEASE MACHINE"; a host name has no blanks.
    const words = textIn(data).trim().split(' ');
    options.release = words[2];
    options.machine = words.length > 3 ? words.at(-1) : undefined;
  } else if (id === OPTION.clock) {
    options.clock = /\[(.{1,40}?)\]/.exec(textIn(data))?.[1];
  } else if (id === OPTION.cpuCount) {
    options.cpus = data.u32();
  } else if (id === OPTION.date) {
    options.offset += integerIn(data) * 1000n;
  } else if (id === OPTION.offset) {
    options.offset += integerIn(data);
  } else if (id === OPTION.timeShift) {
    throw new Unsupported("times of the machine's own clock", "a guest's recording, whose times are those of its host");
  } else if (id === OPTION.bufferText) {
    throw new Unsupported('entries of trace.dat', 'the text of a latency tracer');
  }
}

/** As strtoll reads it. */
function integerIn(data: Cursor): bigint {
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]{1,16}|\d{1,19})/.exec(textIn(data));
  if (match === null) return 0n;
  const value = BigInt(match[2] as string);
  return match[1] === '-' ? -value : value;
}

const LEAST_PAGE = 64;
const MOST_PAGE = 16 * 1024 * 1024;

function recordingOf(
  storage: Storage,
  machine: Machine,
  descriptions: Descriptions,
  options: Options,
  buffers: readonly TraceBuffer[],
  inflate: Inflate | undefined,
): Recording {
  const clock = buffers.find((buffer) => buffer.clock)?.clock ?? options.clock ?? 'local';
  for (const { clock: own = clock, pageSize } of buffers) {
    if (own !== clock) throw new Malformed(`instances with one clock (${clock})`, `one with ${own}`);
    if (pageSize < LEAST_PAGE || pageSize > MOST_PAGE) throw new Malformed('a page size', `${pageSize} bytes`);
  }
  const streams = (): Stream[] =>
    buffers.flatMap(({ cpus, pageSize }) =>
      cpus
        .filter(({ size }) => size > 0)
        .map((data) => streamOf(storage, machine, data, pageSize, options.offset, inflate)),
    );
  return {
    source: `trace-cmd ${machine.version}`,
    release: options.release,
    machine: options.machine,
    clock,
    inNanoseconds: !COUNTERS.has(clock),
    cpus: options.cpus ?? buffers[0]?.cpus.length ?? 0,
    bigEndian: machine.bigEndian,
    longSize: machine.longSize,
    descriptions,
    entries: () => byTime(streams()),
  };
}

function streamOf(
  storage: Storage,
  machine: Machine,
  data: CpuData,
  pageSize: number,
  offset: bigint,
  inflate: Inflate | undefined,
): Stream {
  if (data.cpu > MAX_CPU) throw new Malformed(`a CPU from 0 to ${MAX_CPU}`, String(data.cpu));
  const entry: Recorded = { cpu: data.cpu, time: 0n, lost: 0, bytes: Buffer.alloc(0), start: 0, end: 0 };
  const pages = pagesOf(storage, machine, data, pageSize, inflate);
  const reader = createPageReader(pages, { ...machine, pageSize }, entry);
  return {
    entry,
    next() {
      if (!reader.next()) return false;
      entry.time += offset;
      return true;
    },
  };
}
