/** A capture says the same whether it is replayed as it is, or imported first: nothing that was not understood is forgotten. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Report } from '../../lib/report/report.ts';
import { mutated } from '../fuzz/mutate.ts';
import { run } from '../support/cli.ts';
import { createRandom, type Random } from '../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

interface Seed {
  readonly name: string;
  readonly lines: readonly string[];
}

const DATA = new URL('../import/data/', import.meta.url);
const RAW = new URL('../../../shared/captures/raw/', import.meta.url);
const linesOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1);
const SEEDS: readonly Seed[] = [
  ...readdirSync(DATA)
    .filter((name) => name.endsWith('.ftrace'))
    .map((name) => ({ name, lines: linesOf(readFileSync(new URL(name, DATA))) })),
  ...(existsSync(RAW) ? readdirSync(RAW) : []).map((name) => ({
    name,
    lines: linesOf(gunzipSync(readFileSync(new URL(name, RAW)))),
  })),
];

const OPTIONS: readonly (readonly string[])[] = [
  [],
  ['--model', 'v6.12'],
  ['--mode', 'nvhe'],
  ['--model', 'v6.10', '--mode', 'vhe', '--sve-vl', '64'],
  ['--ignore', 'kvm_exit'],
];

/** What of a report does not depend on where lines stand. */
function essence({
  verdict,
  reasons,
  violations,
  violation_counts,
  observations,
  ledger,
  events,
  transitions,
}: Report) {
  return {
    verdict,
    reasons,
    violations: violations.map(({ input: _input, line: _line, ...rest }) =>
      JSON.stringify(rest).replace(/line \d+/g, ''),
    ),
    violation_counts,
    checked: [observations.checked, observations.diverged],
    ledger,
    events,
    transitions,
  };
}

async function reportOf(argv: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await run(['replay', '--format', 'json', '--no-progress', ...argv]);
  assert.ok(code !== 2 && code !== 3, stderr.slice(0, 400));
  return JSON.parse(stdout);
}

async function isTheSame(text: string, options: readonly string[], what: string): Promise<boolean> {
  const [capture, trace] = [join(folder, 'capture'), join(folder, 'trace.ndjson')];
  writeFileSync(capture, text, 'latin1');
  const imported = await run(['import', 'ftrace', capture, '-o', trace, '--no-progress', ...options]);
  // What is no capture is none for a replay either.
  if (imported.code === 2) return false;
  const replaying = options.filter((word, at) => word !== '--ignore' && options[at - 1] !== '--ignore');
  const [direct, after] = [await reportOf([...options, capture]), await reportOf([...replaying, trace])];
  assert.deepEqual(essence(after), essence(direct), what);
  return true;
}

const UNKNOWN = ' kvm-1 [000] d..1. 999.000001: kvm_new_tracepoint: a=1';
const DAMAGES: Readonly<Record<string, (lines: string[], random: Random) => void>> = {
  nothing() {},
  'an unknown event': (lines) => lines.push(UNKNOWN),
  'an unknown event of the name of a known one': (lines) =>
    lines.push(UNKNOWN.replace('kvm_new_tracepoint', 'guest_exit')),
  'many unknown events': (lines) => {
    for (let n = 0; n < 150; n++) lines.push(UNKNOWN.replace('new', `new${n}`));
  },
  'a name of any bytes': (lines) => lines.push(UNKNOWN.replace('new', '\u00e9\u009b\u0001"\\')),
  'a cut line': (lines, random) => {
    const at = random.below(lines.length);
    lines[at] = (lines[at] ?? '').slice(0, random.below(120));
  },
  'text between lines': (lines, random) => lines.splice(random.below(lines.length), 0, 'Segmentation fault'),
  'text of a console': (lines, random) =>
    lines.splice(random.below(lines.length), 0, '[   12.345678] usb 1-1: new device'),
  'no header': (lines) =>
    lines.splice(
      0,
      lines.findIndex((line) => !line.startsWith('#')),
    ),
  'a kind of line less': (lines, random) => {
    const names = [...new Set(lines.flatMap((line) => /: (\w+): /.exec(line)?.[1] ?? []))];
    const name = random.pick(['', ...names]);
    lines.splice(0, lines.length, ...lines.filter((line) => !line.includes(`: ${name}: `)));
  },
};

for (const [damage, apply] of Object.entries(DAMAGES)) {
  test(`imported and then replayed: ${damage}`, async () => {
    for (const [number, seed] of SEEDS.entries()) {
      const random = createRandom(number);
      const part = seed.lines.slice(0, 400);
      apply(part, random);
      await isTheSame(`${part.join('\n')}\n`, random.pick(OPTIONS), `${seed.name}, ${damage}`);
    }
  });
}

test('imported and then replayed: mutations of captures', async () => {
  const seeds = SEEDS.map((seed) => ({ ...seed, isTrace: false }));
  let compared = 0;
  for (let number = 0; number < 150; number++) {
    const random = createRandom(number);
    const { bytes, of } = mutated(seeds, random);
    if (await isTheSame(bytes.toString('latin1'), random.pick(OPTIONS), `mutation ${number} of ${of.name}`)) compared++;
  }
  assert.ok(compared > 100, `${compared}`);
});

test('what is presumed of a kernel holds until the caller names it', async () => {
  const [capture, trace] = [join(folder, 'unnamed'), join(folder, 'unnamed.ndjson')];
  const lines = (SEEDS[0] as Seed).lines.filter((line) => !line.startsWith('#')).slice(0, 200);
  writeFileSync(capture, `${lines.join('\n')}\n`);
  await run(['import', 'ftrace', capture, '-o', trace]);
  const presumes = async (...argv: string[]) =>
    (await reportOf([...argv, trace])).reasons.some((reason) => reason.includes('presumed'));
  assert.deepEqual(
    [await presumes(), await presumes('--model', 'v6.10'), await presumes('--model', 'v6.10', '--mode', 'vhe')],
    [true, true, false],
  );
});
