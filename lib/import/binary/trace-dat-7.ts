/** trace.dat of version 7: sections, each compressed or not, that chains of options point to. */

import { type Cursor, createCursor, Malformed } from './cursor.ts';
import { type Inflate, inflateNamed } from './inflate.ts';
import type { Recording } from './recording.ts';
import type { Storage } from './storage.ts';
import { createSymbols } from './symbols.ts';
import { createOptions, OPTION, takeOption } from './trace-dat-options.ts';
import { checkCpus, recordingOf, type TraceBuffer } from './trace-dat-recording.ts';
import {
  createDescriptions,
  type Descriptions,
  type Machine,
  readCommands,
  readFormats,
  readHeaders,
  readSystems,
} from './tracing-data.ts';

const MOST_SECTIONS = 10_000;

/** `cursor`: behind the header. Throws `Malformed`, `Unsupported`. */
export function openVersion7(storage: Storage, machine: Machine, cursor: Cursor): Recording {
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
