/** Binary recordings as text, so that they take the way of every capture: lines as the kernel prints them. */

import fs from 'node:fs';
import { type Fault, fault } from '../../ingest/fault.ts';
import { type ByteSource, resume } from '../../ingest/open/open.ts';
import { isArm64 } from '../payload/other-machines.ts';
import { Malformed, Unsupported } from './cursor.ts';
import { openPerfData } from './perf-data.ts';
import { printedByProgram } from './program.ts';
import type { Recording, RecordingFormat } from './recording.ts';
import { createRenderer } from './render.ts';
import { gather, openStorage, type Storage, storageOf } from './storage.ts';
import { openTraceDat } from './trace-dat.ts';
import { MAGIC } from './tracing-data.ts';

/** `PERFILE2`, in either byte order. */
const PERF_MAGICS = [Buffer.from('PERFILE2'), Buffer.from('2ELIFREP')];

/** What begins with `first`; undefined where it is no recording, or too little to tell. */
export function recordingFormat(first: Uint8Array): RecordingFormat | undefined {
  const startsWith = (magic: Buffer): boolean => magic.equals(first.subarray(0, magic.length));
  if (startsWith(MAGIC)) return 'trace.dat';
  return PERF_MAGICS.some(startsWith) ? 'perf.data' : undefined;
}

/** Bytes that tell. */
const LONGEST_MAGIC = 10;

const OPEN: Readonly<Record<RecordingFormat, (storage: Storage) => Recording>> = {
  'trace.dat': openTraceDat,
  'perf.data': openPerfData,
};

export interface TextOptions {
  /** Is told how many bytes of a file have been read. */
  readonly onBytes?: (count: number) => void;
}

/** The bytes of an input of that path, those of a recording as text. */
export async function* asText(bytes: ByteSource, path: string, options: TextOptions = {}): ByteSource {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    let first: Uint8Array = new Uint8Array(0);
    let broken: Fault | undefined;
    while (first.length < LONGEST_MAGIC && broken === undefined) {
      const next = await iterator.next();
      if (next.done) break;
      if (next.value instanceof Uint8Array) first = Buffer.concat([first, next.value]);
      else broken = next.value;
    }
    const all = resume(first, broken, iterator);
    const format = recordingFormat(first);
    yield* format === undefined ? all : printed(all, path, format, options);
  } finally {
    await iterator.return?.();
  }
}

async function* printed(bytes: ByteSource, path: string, format: RecordingFormat, options: TextOptions): ByteSource {
  const isFile = isPlain(path, format);
  const storage = isFile ? openStorage(path, options.onBytes) : await held(bytes);
  if (!('read' in storage)) {
    yield storage;
    return;
  }
  try {
    yield* textOf(OPEN[format](storage));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    if (error instanceof Unsupported && isFile) yield* printedByProgram(format, path, faultOf(format, error));
    else yield faultOf(format, error);
  } finally {
    storage.close();
  }
}

async function held(bytes: ByteSource): Promise<Storage | Fault> {
  const all = await gather(bytes);
  return Buffer.isBuffer(all) ? storageOf(all) : all;
}

function faultOf(format: RecordingFormat, { expected, found }: Malformed): Fault {
  return fault(`${expected} (${format})`, found);
}

/** A regular file that is not compressed, which can be read at any place. */
function isPlain(path: string, format: RecordingFormat): boolean {
  if (path === '-' || !fs.statSync(path).isFile()) return false;
  const file = fs.openSync(path, 'r');
  try {
    const first = Buffer.alloc(LONGEST_MAGIC);
    fs.readSync(file, first, 0, first.length, 0);
    return recordingFormat(first) === format;
  } finally {
    fs.closeSync(file);
  }
}

/** Bytes of text that are delivered at a time, about. */
const CHUNK = 64 * 1024;

/** Throws `Malformed`: also where the recording is not of an arm64 machine. */
export function* textOf(recording: Recording): Generator<Buffer> {
  const { machine } = recording;
  if (machine !== undefined && !isArm64(machine)) {
    throw new Malformed('a recording of an arm64 machine', `one of ${machine.slice(0, 40)}`);
  }
  const render = createRenderer(recording);
  let text = headerOf(recording);
  for (const recorded of recording.entries()) {
    text += render(recorded);
    if (text.length < CHUNK) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}

/** What a capture says of itself (payload/capture-header.ts). */
function headerOf({ release, cpus, clock, inNanoseconds }: Recording): string {
  const lines = inNanoseconds ? [`# worldswitch-capture: clock=${clock}`] : [];
  if (release !== undefined) lines.push(`# worldswitch-capture: release=${release}`);
  if (cpus > 0) lines.push(`# worldswitch-capture: cpus=${cpus}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return lines.map((line) => `${line.replace(/[\0-\x1f]/g, '?')}\n`).join('');
}
