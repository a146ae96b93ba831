/** Names that an input makes up: however long, and however many, they take no longer than what is said with one of them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LONGEST_KEY } from '../../lib/ingest/plain/json.ts';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'input');

/** V8 tells names that are longer than 16,383 by their length alone. */
const LENGTH = 17_000;
const LINES = 600;

/** Where a name that nobody knows can stand, by what stands around it. */
const PLACES: Readonly<Record<string, (name: string, line: number) => string>> = {
  'a field': (name) => `{"event":"cpu_on","cpu":0,"${name}":1}`,
  'a field of a field': (name) => `{"event":"cpu_on","cpu":0,"note":{"${name}":[1]}}`,
  'an event': (name) => `{"event":"${name}","cpu":0}`,
  'a register': (name) => `{"event":"guest_reg_write","cpu":0,"reg":"${name}"}`,
  'a note': (name) => `{"event":"cpu_on","cpu":0,"note":"${name}"}`,
  'an owner': (name) => `{"event":"observe","cpu":0,"last":"${name}"}`,
  'an event of a capture': (name, line) => ` vm-1 [000] d..1. ${line}.000001: ${name}: PC: 0xffff`,
  'a field of a capture': (name, line) => ` vm-1 [000] d..1. ${line}.000001: vcpu_put: (f+0x0/0x20) ${name}=1`,
  'a function of a capture': (name, line) => ` vm-1 [000] d..1. ${line}.000001: ${name} <-f`,
  'a line of a header': (name) => `# ${name}: ${name}=1`,
  'no line of a capture': (name) => `=> ${name}`,
};

/** CPU time in ms, the least of three. */
async function timeOf(text: string, argv: readonly string[]): Promise<number> {
  writeFileSync(path, text);
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3; times++) {
    const start = process.cpuUsage();
    const { code } = await run(['replay', '--keep-going', '--format', 'json', ...argv, path]);
    const { user, system } = process.cpuUsage(start);
    assert.ok(code !== 3, `exit code ${code}`);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const numbered = (line: number): string => String(line).padStart(LENGTH, 'x');

for (const [place, at] of Object.entries(PLACES)) {
  test(`${LINES} long names: ${place}`, async () => {
    const first = place.includes('capture') || place.includes('header') ? ' vm-1 [000] d..1. 0.000001: x: y' : '';
    const text = (name: (line: number) => string) =>
      `${[first, ...Array.from({ length: LINES }, (_, n) => at(name(n), n + 1))].join('\n')}\n`;
    for (const argv of first === '' ? [[], ['--reader', 'ndjson']] : [[]]) {
      const same = await timeOf(
        text(() => numbered(0)),
        argv,
      );
      const different = await timeOf(text(numbered), argv);
      // As the square of their number it would be twenty times as long.
      assert.ok(different < 4 * same + 200, `${different} ms, and ${same} ms where all are the same`);
    }
  });
}

test('a key has a longest length, with escapes and inside of values too; what is no key has none', async () => {
  const key = 'k'.repeat(LONGEST_KEY);
  const escaped = `\\u006b${'k'.repeat(LONGEST_KEY - 1)}`;
  const lines = [
    `{"event":"cpu_on","cpu":0,"${key}":1}`,
    `{"event":"cpu_on","cpu":0,"${escaped}":1}`,
    `{"event":"cpu_on","cpu":0,"note":"${key}k"}`,
    `{"event":"cpu_on","cpu":0,"${key}k":1}`,
    `{"event":"cpu_on","cpu":0,"${escaped}k":1}`,
    `{"event":"cpu_on","cpu":0,"x":[{"${key}k":1}]}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  for (const argv of [[], ['--reader', 'ndjson']]) {
    const { stderr } = await run(['replay', '--keep-going', ...argv, path]);
    const said = [
      ...stderr.matchAll(/^\S+:(\d+): error: .*expected a key of at most (\d+) characters, found one of (\d+)$/gm),
    ];
    assert.deepEqual(
      said.map(([, ...numbers]) => numbers.map(Number)),
      [4, 5, 6].map((line) => [line, LONGEST_KEY, LONGEST_KEY + 1]),
    );
  }
});
