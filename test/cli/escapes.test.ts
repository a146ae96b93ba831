/** No character that moves a cursor, hides or reorders text comes out as it went in, wherever it stands in a trace. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { FORMAT_NAMES } from '../../lib/show/formats.ts';
import { type Outcome, run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

/** Control, format, separator characters but the space, and what is drawn as nothing; a few private and unassigned ones. */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{e000}\u{f8ff}\u{10fffd}\u{10ffff}\u{378}\u2800]|(?! )\p{Zs}/u;
const CHARACTERS = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => (code < 0xd800 || code > 0xdfff) && UNSAFE.test(String.fromCodePoint(code)))
  .map((code) => String.fromCodePoint(code));

/** All of them, a few at a time: names are cut where they are long. */
const PIECES = Array.from({ length: Math.ceil(CHARACTERS.length / 8) }, (_, n) =>
  CHARACTERS.slice(n * 8, n * 8 + 8).join(''),
);
/** Names told apart by a report. */
const AT_A_TIME = 90;

function* inTurns(): Generator<readonly string[]> {
  for (let start = 0; start < PIECES.length; start += AT_A_TIME) yield PIECES.slice(start, start + AT_A_TIME);
}

let files = 0;
function file(lines: readonly (string | object)[], name = `${++files}.ndjson`): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return path;
}

function assertSafe({ stdout, stderr }: Outcome, what: string): void {
  for (const [name, text] of Object.entries({ stdout, stderr })) {
    const found = UNSAFE.exec(text.replaceAll('\n', ''));
    assert.equal(found && `U+${found[0].codePointAt(0)?.toString(16)}`, null, `${what}, ${name}`);
  }
}

/** Every place of a trace where a string may stand that is replayed. */
const PLACES: readonly (readonly [where: string, line: (text: string, index: number) => object])[] = [
  ['name of an event', (text) => ({ event: `x${text}`, cpu: 0 })],
  ['name of a field', (text) => ({ event: 'cpu_on', cpu: 0, [`x${text}`]: 1 })],
  ['value of an unknown field', (text) => ({ event: 'cpu_on', cpu: 0, x: text })],
  ['note', (text) => ({ event: 'guest_exit', cpu: 0, note: text })],
  ['reason', (text) => ({ event: 'guest_exit', cpu: 0, reason: text })],
  ['note of a violation', (text, index) => ({ event: 'vcpu_load', cpu: 0, vcpu: index, note: text })],
];

const META = ['source', 'features', 'note', 'x'] as const;

for (const format of FORMAT_NAMES) {
  describe(`replay --format ${format}`, () => {
    for (const [where, line] of PLACES) {
      test(where, async () => {
        for (const pieces of inTurns()) {
          const outcome = await run(['replay', '--format', format, file(pieces.map(line))]);
          assert.ok([0, 1, 4].includes(Number(outcome.code)), outcome.stderr);
          assertSafe(outcome, where);
        }
      });
    }

    test('meta', async () => {
      const all = CHARACTERS.join('');
      for (const field of META) {
        const value = field === 'features' ? CHARACTERS : all;
        const path = file([
          { event: 'meta', format: 1, [field]: value },
          { event: 'cpu_on', cpu: 0 },
        ]);
        const outcome = await run(['replay', '--format', format, path]);
        assert.equal(outcome.code, 0);
        assertSafe(outcome, field);
      }
    });

    test('name of the file', async () => {
      const name = `${CHARACTERS.slice(1, 60).join('').replaceAll('/', '')}.ndjson`;
      for (const lines of [['{"event":"vcpu_load","cpu":0,"vcpu":0}'], ['x']]) {
        assertSafe(await run(['replay', '--format', format, file(lines, name)]), 'name');
      }
    });
  });
}

test('messages about what cannot be read', async () => {
  const wrong = (text: string): object[] => [
    { event: 'cpu_on', cpu: text },
    { event: 'observe', cpu: 0, last: text },
    { event: 'reg_get', vcpu: 0, reg: text },
    { event: 'meta', format: 1, model: text },
    { event: 'meta', format: 1, mode: text },
    { event: [text] },
  ];
  for (const piece of PIECES) {
    const bad = [...wrong(piece), `{"${piece.replaceAll('"', '')}`, `${piece}{`, `{"x":1,${piece}}`];
    const outcome = await run(['replay', '--keep-going', file(['{"event":"cpu_on","cpu":0}', ...bad])]);
    assert.equal(outcome.code, 0);
    assertSafe(outcome, 'bad lines');
  }
});

test('messages with --strict, and those of models that there are not', async () => {
  for (const piece of PIECES.slice(0, 80)) {
    assertSafe(await run(['replay', '--strict', file([{ event: piece }])]), 'unknown event');
    for (const field of ['model', 'mode']) {
      assertSafe(await run(['replay', file([{ event: 'meta', format: 1, [field]: piece }])]), field);
    }
  }
});

const CAPTURED = [
  '# worldswitch-capture: source=@',
  '# worldswitch-capture: release=@',
  '# worldswitch-capture: missed.@=3',
  '# tracer: nop',
  '          <idle>-0       [001] d..2.     3.877154: sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=@ next_pid=108 next_prio=120',
  '             @-108     [001] d....     3.877730: @: (fpsimd_restore_current_state+0x0/0xa8) o0=0',
  '             @-108     [001] d....     3.877731: kvm_entry: PC: @',
  '             @-108     [001] d....     3.877732: vcpu_load: (@+0x0/0xa8) @=@',
  '@',
  '@: @',
];

for (const argv of [['import', 'ftrace'], ['replay'], ['replay', '--format', 'json'], ['identify']]) {
  test(`${argv.join(' ')} of a capture`, async () => {
    const pieces = argv[0] === 'identify' ? PIECES.slice(0, 20) : PIECES;
    for (const piece of pieces) {
      // A line feed would end the line; an object would be another format.
      const text = piece.replaceAll('\n', '');
      const outcome = await run([...argv, file(CAPTURED.map((line) => line.replaceAll('@', `x${text}`)))]);
      assert.ok([0, 1, 2].includes(outcome.code ?? -1), outcome.stderr);
      assertSafe(outcome, argv.join(' '));
    }
  });
}

test('reports that are compared', async () => {
  const good = join(folder, 'good.json');
  await run(['replay', file(['{"event":"vcpu_load","cpu":0,"vcpu":0}']), '--out', `json:${good}`]);
  const report = JSON.parse((await run(['replay', file(['{"event":"cpu_on","cpu":0}']), '--format', 'json'])).stdout);
  for (const pieces of inTurns()) {
    const text = pieces.join('');
    const count = { count: 1, bytes: 1 };
    const other = file(
      [
        {
          ...report,
          model: { name: text, mode: text },
          transitions: { ...report.transitions, by_edge: { [text]: 1 }, by_cpu: { [text]: { [text]: 1 } } },
          cost: { ...report.cost, total: { [text]: count }, by_vcpu: { [text]: { [text]: count } } },
        },
      ],
      `${++files}.json`,
    );
    for (const format of ['text', 'json']) assertSafe(await run(['diff', good, other, '--format', format]), 'diff');
  }
});
