/** trace.dat of version 6: descriptions, options and the table of CPUs one after the other; instances behind the data. */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { type Cursor, createCursor, Malformed, Unsupported } from './cursor.ts';
import type { CpuData } from './pages.ts';
import type { Recording } from './recording.ts';
import type { Storage } from './storage.ts';
import { createOptions, OPTION, type Options, takeOption } from './trace-dat-options.ts';
import { checkCpus, recordingOf } from './trace-dat-recording.ts';
import { createDescriptions, type Machine, readCommands, readSections } from './tracing-data.ts';

/** Bytes of the beginning of version 6 that are read at first; descriptions and symbols are some megabytes. */
const FIRST_READ = 16 * 1024 * 1024;

/** `at`: where what follows the header begins. Throws `Malformed`, `Unsupported`. */
export function openVersion6(storage: Storage, machine: Machine, at: number): Recording {
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

function readOptions6(cursor: Cursor, options: Options, instances: number[]): void {
  for (let id = cursor.u16(); id !== OPTION.done; id = cursor.u16()) {
    const data = createCursor(cursor.take(cursor.u32()), cursor.bigEndian, 'an option');
    if (id === OPTION.buffer) instances.push(data.size());
    else takeOption(id, data, options);
  }
}
