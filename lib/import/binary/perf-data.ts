/**
 * perf.data, as `perf record` writes it into a file or a pipe: tools/perf/Documentation/perf.data-file-format.txt,
 * tools/perf/util/header.h. Of its samples those of tracepoints are read; their raw data are entries of ftrace.
 */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { type Cursor, createCursor, Malformed, Unsupported } from './cursor.ts';
import { type Attribute, clockName, readAttribute, SAMPLE } from './perf-attributes.ts';
import { type Place, RECORD, readSample, trailerOf } from './perf-records.ts';
import type { Recording } from './recording.ts';
import type { Recorded } from './ring-buffer.ts';
import { createRounds } from './rounds.ts';
import type { Storage } from './storage.ts';
import { createDescriptions, type Descriptions, readCommands, readMachine, readSections } from './tracing-data.ts';

/** Sections behind the data, by their bit. */
const FEATURE = { tracingData: 1, release: 4, architecture: 6, cpus: 7, directory: 24, compressed: 27 } as const;

const HEADER = 104;
const PIPE_HEADER = 16;
const RECORD_HEADER = 8;

/** What the file says, from its header or, in a pipe, from records. */
interface Said {
  readonly bigEndian: boolean;
  readonly attributes: Attribute[];
  /** Which attribute an id is of. */
  readonly byId: Map<bigint, Attribute>;
  readonly descriptions: Descriptions;
  longSize: number;
  release: string | undefined;
  architecture: string | undefined;
  cpus: number;
}

interface Range {
  readonly at: number;
  readonly size: number;
}

/** Throws `Malformed`, `Unsupported`. */
export function openPerfData(storage: Storage): Recording {
  const bigEndian = storage.read(0, 8).toString('latin1') === '2ELIFREP';
  const said: Said = {
    bigEndian,
    attributes: [],
    byId: new Map(),
    descriptions: createDescriptions(),
    longSize: 8,
    release: undefined,
    architecture: undefined,
    cpus: 0,
  };
  const start = createCursor(storage.read(0, Math.min(storage.size, HEADER)), bigEndian, 'the header of perf.data', 8);
  const data = start.size() === PIPE_HEADER ? openPipe(storage, said) : openFile(storage, start, said);
  checkAttributes(said.attributes);
  return {
    source: 'perf',
    release: said.release,
    machine: said.architecture,
    clock: clockName(said.attributes[0]?.clock),
    inNanoseconds: true,
    cpus: said.cpus,
    bigEndian,
    longSize: said.longSize,
    descriptions: said.descriptions,
    entries: () => entriesOf(storage, data, said),
  };
}

function openFile(storage: Storage, header: Cursor, said: Said): Range {
  const attributeSize = header.size();
  const attributes = rangeIn(header);
  const data = rangeIn(header);
  rangeIn(header);
  const features = [0, 64, 128, 192].flatMap((first) => bitsOf(header.u64(), first));
  if (data.size === 0) throw new Malformed('perf.data that was finished', 'one whose recording was ended by force');
  if (attributeSize < 80) throw new Malformed('attributes of 80 bytes or more', String(attributeSize));
  readAttributes(storage, attributes, attributeSize, said);
  const table = createCursor(storage.read(data.at + data.size, features.length * 16), said.bigEndian, 'the features');
  for (const feature of features) {
    const { at, size } = rangeIn(table);
    if (READ_FEATURES.has(feature)) takeFeature(feature, storage.read(at, size), said);
  }
  return data;
}

function rangeIn(cursor: Cursor): Range {
  return { at: cursor.size(), size: cursor.size() };
}

function bitsOf(word: bigint, first: number): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < 64; bit++) if (((word >> BigInt(bit)) & 1n) === 1n) bits.push(first + bit);
  return bits;
}

function readAttributes(storage: Storage, { at, size }: Range, each: number, said: Said): void {
  const bytes = storage.read(at, size);
  for (let place = 0; place + each <= size; place += each) {
    const attribute = readAttribute(bytes.subarray(place, place + each - 16), said.bigEndian);
    const ids = rangeIn(createCursor(bytes, said.bigEndian, 'the attributes', place + each - 16));
    takeAttribute(attribute, storage.read(ids.at, ids.size), said);
  }
}

/** `ids`: u64 of those samples that are of it. */
function takeAttribute(attribute: Attribute, ids: Buffer, said: Said): void {
  said.attributes.push(attribute);
  const cursor = createCursor(ids, said.bigEndian, 'the ids of an attribute');
  while (cursor.left >= 8) said.byId.set(cursor.u64(), attribute);
}

const READ_FEATURES: ReadonlySet<number> = new Set(Object.values(FEATURE));

function takeFeature(feature: number, bytes: Buffer, said: Said): void {
  const cursor = createCursor(bytes, said.bigEndian, 'a feature of perf.data');
  if (feature === FEATURE.tracingData) takeTracingData(bytes, said);
  else if (feature === FEATURE.release) said.release = textIn(cursor);
  else if (feature === FEATURE.architecture) said.architecture = textIn(cursor);
  else if (feature === FEATURE.cpus) {
    cursor.skip(4);
    said.cpus = Math.min(cursor.u32(), MAX_CPU + 1);
  } else if (feature === FEATURE.directory)
    throw new Unsupported('perf.data in one file', 'one of a directory of them');
  else if (feature === FEATURE.compressed) throw new Unsupported('perf.data without -z', 'compressed records');
}

function textIn(cursor: Cursor): string {
  return cursor.take(cursor.u32()).toString('latin1').replace(/\0.*$/s, '');
}

function takeTracingData(bytes: Buffer, said: Said): void {
  const { machine, cursor } = readMachine(bytes, 'the formats of perf.data');
  said.longSize = machine.longSize;
  readSections(cursor, said.descriptions);
  // Since version 0.6.
  if (cursor.left >= 8) readCommands(cursor.take(cursor.size()), said.descriptions);
}

/** Samples of several kinds can be told apart by their first word only. */
function checkAttributes(attributes: readonly Attribute[]): void {
  if (attributes.length === 0) throw new Malformed('perf.data with events', 'none');
  if (attributes.length > 1 && !attributes.every(({ has }) => has(SAMPLE.identifier))) {
    const [first, ...others] = attributes as [Attribute, ...Attribute[]];
    const bits = [...Array(24).keys()];
    if (others.every(({ has }) => bits.every((bit) => has(bit) === first.has(bit)))) return;
    throw new Unsupported('samples that say which event they are of', 'samples without an identifier');
  }
}

/** The records of a pipe before its first sample say what a file says in its header. */
function openPipe(storage: Storage, said: Said): Range {
  const data = { at: PIPE_HEADER, size: storage.size - PIPE_HEADER };
  for (const { type, body, behind } of recordsOf(storage, data, said.bigEndian)) {
    if (type === RECORD.headerAttribute) {
      const size = createCursor(body, said.bigEndian, 'an attribute', 4).u32();
      takeAttribute(readAttribute(body, said.bigEndian), body.subarray(size), said);
    } else if (type === RECORD.tracingData) takeTracingData(behind(), said);
    else if (type === RECORD.headerFeature) {
      const cursor = createCursor(body, said.bigEndian, 'a feature of perf.data');
      const feature = cursor.size();
      if (READ_FEATURES.has(feature)) takeFeature(feature, body.subarray(8), said);
    } else if (type === RECORD.sample) break;
  }
  return data;
}

interface PerfRecord {
  readonly type: number;
  /** Without its header. */
  readonly body: Buffer;
  /** What follows the record and is not in its size. */
  behind(): Buffer;
}

/** Bytes of the data that are read at a time; a record has at most 65,535. */
const READ = 256 * 1024;

function* recordsOf(storage: Storage, { at, size }: Range, bigEndian: boolean): Generator<PerfRecord> {
  const end = at + size;
  if (end > storage.size) throw new Malformed(`${size} bytes of records at ${at}`, 'a file that is cut short');
  let held: Buffer = Buffer.alloc(0);
  let start = at;
  const ensure = (place: number, count: number): number => {
    if (place + count > end) throw new Malformed('a record that ends within the data', 'one that does not');
    if (place < start || place + count > start + held.length) {
      start = place;
      held = storage.read(place, Math.min(Math.max(READ, count), end - place));
    }
    return place - start;
  };
  for (let place = at; place < end; ) {
    const header = ensure(place, RECORD_HEADER);
    const { type, length } = headerOf(createCursor(held, bigEndian, 'a record', header));
    const first = ensure(place, length);
    const body = held.subarray(first + RECORD_HEADER, first + length);
    const extra = extraOf(type, body, bigEndian);
    const next = place + length;
    yield { type, body, behind: () => storage.read(next, extra) };
    place = next + extra;
  }
}

function headerOf(cursor: Cursor): { readonly type: number; readonly length: number } {
  const type = cursor.u32();
  cursor.skip(2);
  const length = cursor.u16();
  if (length < RECORD_HEADER) throw new Malformed('a record of 8 bytes or more', String(length));
  return { type, length };
}

/** Bytes that follow a record and are not in its size. */
function extraOf(type: number, body: Buffer, bigEndian: boolean): number {
  if (type === RECORD.tracingData) return 8 * Math.ceil(createCursor(body, bigEndian, 'a record').u32() / 8);
  return type === RECORD.auxtrace ? createCursor(body, bigEndian, 'a record').size() : 0;
}

/** Samples lie by the CPU whose buffer they are from, within rounds: sorted by time, as perf sorts them. */
function* entriesOf(storage: Storage, data: Range, said: Said): Generator<Recorded> {
  const { bigEndian, byId, descriptions } = said;
  const only = said.attributes[0] as Attribute;
  const rounds = createRounds();
  let last: Recorded | undefined;
  let told = 0;
  let counted = 0;
  for (const { type, body } of recordsOf(storage, data, bigEndian)) {
    const cursor = createCursor(body, bigEndian, 'a record of perf.data');
    if (type === RECORD.sample) {
      const identified = only.has(SAMPLE.identifier) && cursor.left >= 8;
      const attribute = identified ? (byId.get(createCursor(body, bigEndian, 'a sample').u64()) ?? only) : only;
      const { raw, ...place } = readSample(cursor, attribute);
      if (raw === undefined || !attribute.isTracepoint) continue;
      last = entryAt(place, 0, raw);
      rounds.add(last);
    } else if (type === RECORD.lost) {
      cursor.skip(8);
      const count = countIn(cursor);
      told += count;
      if (count > 0) rounds.add(entryAt(trailerOf(cursor, only), count, NOTHING));
    } else if (type === RECORD.lostSamples) counted += countIn(cursor);
    else if (type === RECORD.comm) {
      cursor.skip(4);
      const thread = cursor.u32();
      descriptions.commands.set(thread, cursor.text());
    } else if (type === RECORD.compressed || type === RECORD.compressed2) {
      throw new Unsupported('perf.data without -z', 'compressed records');
    } else if (type === RECORD.finishedRound) yield* rounds.finishRound();
    yield* rounds.overflow();
  }
  // The counters of the events, read at the end, have what was told where it happened as well.
  if (counted > told && last !== undefined)
    rounds.add({ ...last, lost: counted - told, bytes: NOTHING, start: 0, end: 0 });
  yield* rounds.finish();
}

/** A number of lost entries. */
const countIn = (cursor: Cursor): number => Math.min(cursor.size(), 2 ** 49);

const NOTHING = Buffer.alloc(0);

function entryAt({ time, cpu }: Place, lost: number, raw: Buffer): Recorded {
  if (time === undefined || cpu === undefined) {
    throw new Malformed('samples with their time and CPU', 'samples without (perf record -T --sample-cpu)');
  }
  if (cpu > MAX_CPU) throw new Malformed(`a CPU from 0 to ${MAX_CPU}`, String(cpu));
  return { cpu, time, lost, bytes: raw, start: 0, end: raw.length };
}
