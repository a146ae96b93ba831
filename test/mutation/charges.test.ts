/**
 * Every place of the emulator that charges a step is pinned: without it, the expected report of some trace would be another.
 * The mutants are made of the sources, with a switch before each charge, so that a new one needs a trace that has it.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type * as Running from '../../lib/replay/run.ts';
import { settle } from '../../lib/replay/settings.ts';
import { FOLDERS, type Run, runsOf, traceOf } from '../support/corpus.ts';

/** A call of a function that charges, as a statement. */
const CHARGE = /\b(?:(?:machine\.)?watch\.charge|chargeGuestSave|chargeGuestLoad|chargeSwitch)\((?!machine: )[^;]*;/g;

/** Texts of the places, by number. */
const places: string[] = [];

/** Whether the place of that number is left out; notes that it was come by. */
type Switch = (place: number) => boolean;
declare global {
  var isLeftOut: Switch;
}

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

/** The replay with a switch before each charge. */
async function mutable(): Promise<typeof Running> {
  const { outputFiles } = await build({
    entryPoints: ['lib/replay/run.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    plugins: [
      {
        name: 'switches',
        setup({ onLoad }) {
          onLoad({ filter: /\/lib\/kernel\/.*\.ts$/ }, ({ path }) => ({
            loader: 'ts',
            contents: readFileSync(path, 'utf8').replace(CHARGE, (call) => {
              const place = places.push(`${path.replace(/.*\//, '')}: ${call}`) - 1;
              return `globalThis.isLeftOut(${place}) || ${call}`;
            }),
          }));
        },
      },
    ],
  });
  const file = join(folder, 'run.mjs');
  writeFileSync(file, outputFiles[0]?.contents ?? '');
  return import(pathToFileURL(file).href);
}

const { startRun } = await mutable();

function reportOf(run: Run): string {
  const { inputs, events } = traceOf(run.folder, run.trace);
  const settings = settle({ model: run.model.name, mode: run.mode }, events[0]?.meta);
  assert.ok('features' in settings && events[0] !== undefined);
  const replay = startRun({ strict: run.strict }, settings, events[0]);
  for (const event of events) replay.step(event);
  return JSON.stringify(replay.finish(inputs));
}

test('every charge changes an expected report where it is left out', () => {
  /** Runs that come by each place, small ones first. */
  const runs: { readonly run: Run; readonly text: string }[][] = places.map(() => []);
  const bySize = FOLDERS.flatMap(runsOf).sort(
    (a, b) => traceOf(a.folder, a.trace).events.length - traceOf(b.folder, b.trace).events.length,
  );
  for (const run of bySize) {
    const passed = new Set<number>();
    globalThis.isLeftOut = (place) => {
      passed.add(place);
      return false;
    };
    const text = reportOf(run);
    for (const place of passed) runs[place]?.push({ run, text });
  }
  const unseen = places.filter((_, place) => {
    globalThis.isLeftOut = (asked) => asked === place;
    return !runs[place]?.some(({ run, text }) => reportOf(run) !== text);
  });
  assert.ok(places.length > 70);
  assert.deepEqual(unseen, []);
});
