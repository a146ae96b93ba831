/**
 * What a hostile capture or trace takes grows as its length, whatever it is made of, and memory has a bound. GROWTH: how many
 * times longer than here they are (default 1).
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../support/cli.ts';
import { measured } from '../support/measure.ts';
import { SHAPES, type Shape } from './growth.ts';

const SCALE = Number(process.env.GROWTH ?? 1);
/** Lines. */
const SHORT = 100 * SCALE;
const TIMES = 8;
/** Of what grows as the square, a length of 8 times takes 64 times as long. */
const MOST = 3 * TIMES;
/** In seconds: what no length explains (compilation, collected garbage). */
const SLACK = 0.3;

/** In MB: twice what Node.js with tsx and the program take. */
const MOST_MEMORY = 400;

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'input');

/** Of the processor. */
async function secondsOf(text: string): Promise<number> {
  writeFileSync(path, text, 'latin1');
  const start = process.cpuUsage();
  const { code, stderr } = await run(['replay', '--no-progress', '--keep-going', '--format', 'json', path]);
  const { user, system } = process.cpuUsage(start);
  assert.ok([0, 1, 2, 4].includes(code as number), stderr.slice(0, 2000));
  assert.ok(stderr.length < 100_000, `${stderr.length} characters`);
  return (user + system) / 1e6;
}

test('the memory that the longest of them take has a bound', async () => {
  for (const name of ['loads of many vCPUs', 'switches through many tasks', 'lines without anything']) {
    writeFileSync(path, (SHAPES[name] as Shape)(SHORT * TIMES * 10), 'latin1');
    const { maxRSS } = await measured(['replay', '--no-progress', '--format', 'json', path]);
    assert.ok(maxRSS < MOST_MEMORY, `${name}: ${maxRSS} MB`);
  }
});

for (const [name, shape] of Object.entries(SHAPES)) {
  test(name, async () => {
    const short = await secondsOf(shape(SHORT));
    let long = await secondsOf(shape(SHORT * TIMES));
    // A machine that is busy may take long once; what grows as the square takes long again.
    if (long >= MOST * short + SLACK) long = await secondsOf(shape(SHORT * TIMES));
    assert.ok(long < MOST * short + SLACK, `${short} s, and ${long} s of ${TIMES} times as much`);
  });
}
