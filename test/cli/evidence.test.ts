/** What a run says of a trace that shows less, contradicts another, or says what nobody knows. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const golden = (name: string): string => fileURLToPath(new URL(`../../traces/golden/${name}.ndjson`, import.meta.url));
const NEON = [golden('neon-between-two-runs'), '--model', 'v6.14', '--mode', 'vhe'];

function trace(name: string, ...events: readonly object[]): string {
  const path = join(folder, name);
  writeFileSync(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return path;
}

const meta = (fields: object) => ({ event: 'meta', format: 1, ...fields });
const LOAD = { event: 'vcpu_load', ts: 1, cpu: 0, vcpu: 0 };
const PUT = { event: 'vcpu_put', ts: 2, cpu: 0 };

describe('--records', () => {
  it('takes a kind away: what it may have been is open, and what shows it is said', async () => {
    assert.equal((await run(['replay', ...NEON, '--format', 'json'])).code, 0);
    const { stdout } = await run(['replay', ...NEON, '--records', '-neon_begin', '--format', 'json']);
    const { verdict, records } = JSON.parse(stdout);
    assert.equal(verdict, 'inconclusive');
    assert.deepEqual(
      records.hides.map(({ kind, shown_by }: { kind: string; shown_by: string }) => [kind, shown_by]),
      [['neon_begin', 'kprobe kernel_neon_begin']],
    );
    const text = (await run(['replay', ...NEON, '--records', '-neon_begin'])).stdout;
    assert.match(text, /^Evidence {2}the trace hides 1 kind of event$/m);
    assert.match(text, /^ {2}neon_begin +\d+ +\d+ {2}kprobe kernel_neon_begin$/m);
  });

  it('names the kinds that there are, alone or one after the other', async () => {
    const { stdout } = await run([
      'replay',
      ...NEON,
      '--records',
      'vcpu_load,vcpu_put',
      '--records',
      'guest_enter',
      '--format',
      'json',
    ]);
    assert.deepEqual(JSON.parse(stdout).records.shows, ['guest_enter', 'vcpu_load', 'vcpu_put']);
    const { code, stderr } = await run(['replay', ...NEON, '--records', 'neon_begn']);
    assert.equal(code, 2);
    assert.match(stderr, /neon_begn is no kind of event \(Did you mean neon_begin\?\)/);
  });
});

describe('inputs that contradict each other', () => {
  const first = trace('first.ndjson', meta({ model: 'v6.10', mode: 'vhe', sve_vl: 32 }), LOAD);
  for (const [field, value] of Object.entries({ model: 'v7.1', mode: 'nvhe', sve_vl: 64 })) {
    it(`${field}: refused, naming both, unless an option says it`, async () => {
      const second = trace(`${field}.ndjson`, meta({ [field]: value }), PUT);
      const { code, stderr } = await run(['replay', first, second]);
      assert.equal(code, 2);
      assert.ok(stderr.includes(`${second}:1: error: field "${field}": expected `), stderr);
      assert.ok(stderr.includes(`, as ${first} says, found ${JSON.stringify(value)}`), stderr);
      const option = `--${field.replace('_', '-')}`;
      const settled = await run(['replay', first, second, option, String(value), '--format', 'json']);
      assert.equal(settled.code, 0);
      const said = Object.keys(JSON.parse(settled.stdout).ledger.assumptions);
      assert.ok(
        said.includes(
          `${field} ${value} was asked for, the trace says ${{ model: 'v6.10', mode: 'vhe', sve_vl: 32 }[field]}`,
        ),
      );
    });
  }

  it('what only one of them says holds for both; what one hides is hidden', async () => {
    const complete = trace('complete.ndjson', meta({}), LOAD);
    const partial = trace('partial.ndjson', meta({ model: 'v7.1', records: ['vcpu_load', 'vcpu_put'] }), PUT);
    const { stdout } = await run(['replay', complete, partial, '--format', 'json']);
    const { model, records } = JSON.parse(stdout);
    assert.equal(model.name, 'v7.1');
    assert.deepEqual(records.shows, ['vcpu_load', 'vcpu_put']);
  });
});

describe('names that are nearly those of the format', () => {
  it('an event or a field is told with what may be meant, and is no pass', async () => {
    const path = trace('misspelt.ndjson', LOAD, { ...PUT, event: 'vcpu_putt' }, { ...PUT, preemptable: true });
    const { stdout } = await run(['replay', path, '--format', 'json']);
    const { verdict, reasons } = JSON.parse(stdout);
    assert.equal(verdict, 'inconclusive');
    assert.ok(reasons.includes('1 unknown event: vcpu_putt (Did you mean vcpu_put?)'));
    assert.ok(reasons.includes('unknown field: preemptable (Did you mean preemptible?)'));
  });

  it("a field of one's own is counted, and no more", async () => {
    const { stdout } = await run([
      'replay',
      trace('own.ndjson', LOAD, { ...PUT, my_own_remark: 1 }),
      '--format',
      'json',
    ]);
    const { verdict, ledger } = JSON.parse(stdout);
    assert.deepEqual([verdict, ledger.unknown_fields], ['pass', { my_own_remark: 1 }]);
  });

  it('--strict refuses both', async () => {
    const field = await run(['replay', '--strict', trace('field.ndjson', LOAD, { ...PUT, preemptable: true })]);
    assert.equal(field.code, 2);
    assert.match(
      field.stderr,
      /field\.ndjson:2: error: expected fields of vcpu_put, found "preemptable" \(Did you mean preemptible\?\)/,
    );
    assert.equal(
      (await run(['replay', '--strict', trace('event.ndjson', LOAD, { ...PUT, event: 'vcpu_putt' })])).code,
      2,
    );
  });
});

describe('nothing to be checked', () => {
  const bad = join(folder, 'bad.ndjson');
  writeFileSync(bad, '{"event":"vcpu_load"}\n');
  for (const [what, argv] of Object.entries({
    'an empty file': [trace('empty.ndjson')],
    'a device without end of nothing': ['/dev/null'],
    'a meta line alone': [trace('meta.ndjson', meta({}))],
    '--keep-going with nothing kept': [bad, '--keep-going'],
  })) {
    it(`${what}: 4, unless it may be empty`, async () => {
      assert.equal((await run(['replay', ...argv])).code, 4);
      assert.equal((await run(['replay', ...argv, '--allow-empty'])).code, 0);
    });
  }

  it('an inconclusive verdict has the code that it is given', async () => {
    const argv = ['replay', ...NEON, '--records', '-neon_begin'];
    assert.equal((await run(argv)).code, 0);
    assert.equal((await run([...argv, '--fail-on', 'inconclusive'])).code, 4);
    assert.equal((await run([...argv, '--exit-inconclusive', '125'])).code, 125);
  });
});
