/** A trace that is split over files is the same trace: what is listed, and what follows from what, are functions of the events. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import { run } from '../support/cli.ts';
import { CORPUS, FOLDERS, type Run, runsOf } from '../support/corpus.ts';
import { createRandom, type Random } from '../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

/** Places of a trace, which are others where it is split. */
const PLACES = new Set(['input', 'line', 'inputs']);

/** Everything that a report says but where; lines are also named in texts. */
function withoutPlaces(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\b(?:lines?|input) \d+/g, '');
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  const rest = Object.entries(value).filter(([name]) => !PLACES.has(name));
  return Object.fromEntries(rest.map(([name, inner]) => [name, withoutPlaces(inner)]));
}

async function reportOf(paths: readonly string[], { model, mode, strict }: Run): Promise<Report> {
  const options = ['--model', model.name, '--mode', mode, ...(strict ? ['--strict'] : [])];
  const { stdout, stderr } = await run(['replay', '--format', 'json', ...options, '--max-violations', '5', ...paths]);
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

/** Each event to one of the files; that of a time stays behind those before it. A file is as the kernel of the trace is. */
function split(events: readonly object[], meta: object | undefined, random: Random): string[] {
  const count = 2 + random.below(3);
  const files = Array.from({ length: count }, () => (meta === undefined ? [] : [meta]));
  for (const event of events) files[random.below(count)]?.push(event);
  const some = files.filter((lines) => lines.length > (meta === undefined ? 0 : 1));
  return some.map((lines, at) => {
    const path = join(folder, `part${at}.ndjson`);
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return path;
  });
}

for (const name of FOLDERS) {
  test(`traces of traces/${name}, split over files`, async () => {
    let compared = 0;
    for (const [number, one] of runsOf(name).entries()) {
      const random = createRandom(number);
      const text = readFileSync(new URL(`${one.folder}/${one.trace}.ndjson`, CORPUS), 'utf8');
      const lines: readonly { readonly event: string }[] = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const meta = lines.find(({ event }) => event === 'meta');
      // Time goes on from line to line, that files can be put together again.
      const events = lines.filter((line) => line !== meta).map((line, at) => ({ ...line, ts: 1000 * (at + 1) }));
      const expected = await reportOf(split(events, meta, { ...random, below: () => 0 }), one);
      const actual = await reportOf(split(events, meta, random), one);
      const { meta: _, ...counted } = actual.events;
      const { meta: __, ...wanted } = expected.events;
      assert.deepEqual(
        withoutPlaces({ ...actual, events: counted }),
        withoutPlaces({ ...expected, events: wanted }),
        `${one.trace}, ${one.model.name} ${one.mode}`,
      );
      compared++;
    }
    assert.ok(compared > 5);
  });
}
