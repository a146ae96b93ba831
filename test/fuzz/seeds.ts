/** What the fuzzer begins with: all traces of the corpus, captures, and whole captures where they are beside the project. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Seed {
  readonly name: string;
  /** Lines without their line ends. */
  readonly lines: readonly string[];
  readonly isTrace: boolean;
}

const TRACES = new URL('../../traces/', import.meta.url);
const CAPTURES = new URL('../import/data/', import.meta.url);
const RAW = new URL('../../../shared/captures/raw/', import.meta.url);

function seedOf(name: string, bytes: Uint8Array): Seed {
  const lines = Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1);
  return { name, lines, isTrace: name.endsWith('.ndjson') };
}

function filesOf(folder: URL, wanted: RegExp): URL[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => new URL(name, folder));
}

const nameOf = (url: URL): string => url.pathname.replace(/.*\//, '');

/** The same on every machine, unless `raw` adds recordings, and the captures beside the project. */
export function seeds(raw = false): readonly Seed[] {
  const plain = [...filesOf(TRACES, /\.ndjson$/), ...filesOf(CAPTURES, /\.(ndjson|ftrace)$/)];
  const recordings = raw ? filesOf(CAPTURES, /\.(dat|data)\.gz$/) : [];
  const packed = [...recordings, ...(raw && existsSync(RAW) ? filesOf(RAW, /\.gz$/) : [])];
  return [
    ...plain.map((url) => seedOf(nameOf(url), readFileSync(url))),
    ...packed.map((url) => seedOf(nameOf(url).replace(/\.gz$/, ''), gunzipSync(readFileSync(url)))),
  ];
}
