/** Reports from files, folders and pipes, one at a time: however many there are, one is in memory. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createLineSplitter } from '../ingest/lines.ts';
import { openBytes } from '../ingest/open/open.ts';

/** A JSON text that was found, or what is wrong (unescaped). `line` 0: the file as a whole. */
export type Found = { readonly path: string; readonly line: number } & (
  | { readonly value: unknown }
  | { readonly wrong: string }
);

/** Names that are reports in a folder; a compressed one is found by what is in it. */
const REPORT = /\.(?:nd)?json(?:\.(?:gz|zst))?$/;

/** The files of a folder and of those in it, in the order of their names. Names that begin with a dot are passed over. */
export function* filesOf(path: string, leftOut: (path: string) => void, wanted = REPORT): Generator<string> {
  if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    yield path;
    return;
  }
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) yield* filesOf(inside, leftOut, wanted);
    else if (wanted.test(entry.name)) yield inside;
    else leftOut(inside);
  }
}

/** Files up to this are read in one piece, which takes a tenth of the time. */
const SMALL = 1024 * 1024;
const LINE_FEED = 0x0a;
const BRACE = 0x7b;

/**
 * What a file holds: one JSON document on several lines, or one on each line. `maxBytes`: of a document, which is an error
 * beyond. Lines that are no reports but say what `replay --format ndjson` saw on the way are left out.
 */
export async function* readReports(path: string, maxBytes: number): AsyncGenerator<Found> {
  const small = path === '-' || maxBytes < SMALL ? undefined : smallFile(path);
  if (small !== undefined && isDocument(small)) yield parsed(path, 0, small.toString());
  else yield* readLines(path, maxBytes);
}

/** Undefined for what is large, no file, compressed, or cannot be read: whoever reads it in pieces says why. */
function smallFile(path: string): Buffer | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= SMALL ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** A document on several lines begins with a line of its own. */
const isDocument = (bytes: Uint8Array): boolean => bytes[0] === BRACE && (bytes[1] === LINE_FEED || bytes[1] === 0x0d);

async function* readLines(path: string, maxBytes: number): AsyncGenerator<Found> {
  const splitter = createLineSplitter(maxBytes);
  let line = 0;
  let document: string[] | undefined;
  let length = 0;
  function* take(blocks: ReturnType<typeof splitter.push>): Generator<Found> {
    for (const { bytes, faults } of blocks) {
      const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString().split('\n').slice(0, -1);
      for (const [index, text] of lines.entries()) {
        line += 1;
        const fault = faults.get(index);
        if (fault !== undefined) yield { path, line, wrong: `expected ${fault.expected}, found ${fault.found}` };
        else if (document !== undefined || (line === 1 && text.trimEnd() === '{')) {
          length += text.length;
          document ??= [];
          if (length <= maxBytes) document.push(text);
        } else if (text.trim() !== '') {
          const found = parsed(path, line, text);
          if (!isSighting(found)) yield found;
        }
      }
    }
  }
  for await (const chunk of openBytes(path)) {
    if (!(chunk instanceof Uint8Array)) {
      yield { path, line: 0, wrong: `expected ${chunk.expected}, found ${chunk.found}` };
      return;
    }
    yield* take(splitter.push(chunk));
  }
  yield* take(splitter.end());
  if (document === undefined) return;
  yield length <= maxBytes
    ? parsed(path, 0, document.join('\n'))
    : { path, line: 0, wrong: `expected a report of at most ${maxBytes} bytes, found a longer one` };
}

/** A transition, violation or divergence of the stream form, which are counted in the report at its end. */
function isSighting(found: Found): boolean {
  if (!('value' in found) || typeof found.value !== 'object' || found.value === null) return false;
  const { type } = found.value as { readonly type?: unknown };
  return type === 'transition' || type === 'violation' || type === 'divergence';
}

function parsed(path: string, line: number, text: string): Found {
  try {
    return { path, line, value: JSON.parse(text) };
  } catch (error) {
    return { path, line, wrong: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
