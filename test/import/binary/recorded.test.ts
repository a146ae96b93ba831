/** Recordings of a running kernel, against the text that trace-cmd and perf print of them: both give the same events. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { asText } from '../../../lib/import/binary/as-text.ts';
import { openBytes } from '../../../lib/ingest/open/open.ts';
import { createZstdDecompress } from '../../../lib/ingest/open/zstd.ts';
import { DATA, type Imported, importText } from '../../support/captures.ts';
import { skipUnless } from '../../support/skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const OPTIONS = { model: 'v7.1', mode: 'nvhe', sveVl: 64 };
const RECORDINGS = new URL('recordings/', DATA);

const canReadZstd = createZstdDecompress !== undefined || spawnSync('zstd', ['--version']).status === 0;

async function textOf(path: string, stdin?: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of asText(openBytes(path, stdin === undefined ? {} : { stdin }), path)) {
    if (!(chunk instanceof Uint8Array)) throw new Error(`${chunk.expected}, found ${chunk.found}`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

/** A recording as a file that is not compressed. */
function plain(name: string): string {
  const path = join(folder, name);
  const isPlain = name.startsWith('zstd');
  const bytes = readFileSync(new URL(isPlain ? name : `${name}.gz`, RECORDINGS));
  writeFileSync(path, isPlain ? bytes : gunzipSync(bytes));
  return path;
}

/** The events but for what only the recording says: its kernel, its CPUs, and times where trace-cmd prints a count (any clock but local). */
function eventsOf({ events }: Imported, hasTimes: boolean): unknown[] {
  return events.map(({ ts, ...event }) => {
    if (event.event === 'meta') return { ...event, source: '', cpus: 2 };
    return hasTimes ? { ...event, ts } : event;
  });
}

const CASES = [
  { name: 'zstd.trace.dat', skip: skipUnless(canReadZstd, 'neither this Node.js nor a program can decompress zstd') },
  ...['none', 'v6', 'boot', 'instance', 'function'].map((name) => ({
    name: `${name}.trace.dat`,
    skip: false as const,
  })),
  ...['file', 'pipe'].map((name) => ({ name: `${name}.perf.data`, skip: false as const })),
];

describe('a recording of a running kernel', () => {
  for (const { name, skip } of CASES) {
    it(`${name}: the events that the text of its own program gives`, { skip }, async () => {
      const printed = gunzipSync(readFileSync(new URL(`${name.split('.')[0]}.txt.gz`, RECORDINGS)));
      const expected = importText(printed, OPTIONS);
      const read = importText(await textOf(plain(name)), OPTIONS);
      const hasTimes = expected.events.at(-1)?.ts !== undefined;
      assert.equal(hasTimes, !name.startsWith('boot'));
      assert.deepEqual(eventsOf(read, hasTimes), eventsOf(expected, hasTimes));
      assert.ok(read.events.length > 150);
      assert.deepEqual(read.account.unused, expected.account.unused);
      assert.equal(read.events[0]?.source, 'Linux 7.3.4+deb13-arm64');
    });
  }

  it('is the same from a file, compressed, and through a pipe in small pieces', async () => {
    for (const name of ['none.trace.dat', 'v6.trace.dat', 'file.perf.data']) {
      const path = plain(name);
      const expected = await textOf(path);
      const bytes = readFileSync(path);
      const stdin = (async function* () {
        for (let at = 0; at < bytes.length; at += 999) yield bytes.subarray(at, at + 999);
      })();
      assert.ok((await textOf(new URL(`${name}.gz`, RECORDINGS).pathname)).equals(expected));
      assert.ok((await textOf('-', stdin)).equals(expected));
    }
  });
});
