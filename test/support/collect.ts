/** Reads traces to their end, for tests: every event and error in the order in which they come. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type ReadOptions, readTrace } from '../../lib/ingest/reader.ts';
import type { InputError, InputProgress, Source } from '../../lib/ingest/source.ts';
import { encode } from '../../lib/trace/encode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

export interface Seen {
  readonly input: number;
  readonly line: number;
  readonly event?: Record<string, unknown>;
  readonly unknownFields?: readonly string[];
  readonly error?: Pick<InputError, 'field' | 'expected' | 'found'>;
}

export async function collect(source: Source): Promise<Seen[]> {
  const record = createEventRecord();
  const seen: Seen[] = [];
  for await (const batch of source.batches) {
    for (let index = 0; index < batch.length; index++) {
      const error = batch.read(index, record);
      if (error) {
        const { input, line, ...rest } = error;
        seen.push({ input, line, error: rest });
      } else {
        const { input, line, unknownFields } = record;
        seen.push({ input, line, event: encode(record), ...(unknownFields.length > 0 ? { unknownFields } : {}) });
      }
    }
  }
  return seen;
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What comes of `bytes` on stdin; `chunkSize` cuts them. */
export async function collectBytes(bytes: Uint8Array | string, options: ReadOptions = {}): Promise<Seen[]> {
  return (await runBytes(bytes, options)).seen;
}

export async function runBytes(
  bytes: Uint8Array | string,
  options: ReadOptions = {},
): Promise<{ seen: Seen[]; progress: InputProgress | undefined }> {
  const source = readTrace(['-'], { ...options, stdin: inPieces(Buffer.from(bytes)) });
  return { seen: await collect(source), progress: source.inputs[0] };
}

export async function collectFiles(paths: readonly string[], options: ReadOptions = {}): Promise<Seen[]> {
  return collect(readTrace(paths, options));
}

/** A function that writes files into a directory that goes when the tests of the file are done. */
export function temporaryFiles(): (name: string, content: Uint8Array | string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'worldswitch-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
}

export function linesOf(seen: readonly Seen[], wanted: 'event' | 'error'): number[] {
  return seen.filter((item) => item[wanted] !== undefined).map(({ line }) => line);
}
