/** `worldswitch import ftrace` from the outside. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { run, runProcess, start } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const data = (name: string): string => fileURLToPath(new URL(`../import/data/${name}`, import.meta.url));
const RAW = data('lazy-vhe.ftrace');
/** What was taken for granted stands at the end. */
const LEFT_OUT =
  '{"event":"left_out","about":"assumed","what":"fpsimd_last_state points at a task or vCPU from before the trace; not reported","count":7}\n';
const EXPECTED = readFileSync(data('lazy-vhe.ndjson'), 'utf8') + LEFT_OUT;
const KERNEL = ['--model', 'v6.10', '--mode', 'vhe', '--sve-vl', '64'];
/** The capture with two lines more after its 200th, of the same task and time. */
function withForeign(): string {
  const lines = readFileSync(RAW, 'utf8').split('\n');
  const foreign = (value: string) => lines[199]?.replace(/: \w+: .*/, `: my_event: a=${value}`) ?? '';
  return lines.toSpliced(200, 0, foreign('\u001b[2J'), foreign('1')).join('\n');
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('import ftrace', () => {
  it('writes the trace to stdout and the account to stderr', async () => {
    const { code, stdout, stderr } = await run(['import', 'ftrace', RAW, ...KERNEL, '--strict']);
    assert.equal(code, 0);
    assert.equal(stdout, EXPECTED);
    assert.match(stderr, /^ftrace: 312 lines, 300 entries, 223 events, \d+ of them deduced\n/);
  });

  it('takes gzip by content, and stdin where there is no file', async () => {
    const zipped = file('zipped', gzipSync(readFileSync(RAW)));
    assert.equal((await run(['import', 'ftrace', zipped, ...KERNEL])).stdout, EXPECTED);
    for (const argv of [['-'], []]) {
      const { code, stdout } = await runProcess(['import', 'ftrace', ...argv, ...KERNEL], readFileSync(RAW));
      assert.deepEqual([code, stdout], [0, EXPECTED]);
    }
  });

  it('-o writes a file when it is complete, and never over its input', async () => {
    const output = join(folder, 'out.ndjson');
    const { code, stdout } = await run(['import', 'ftrace', RAW, ...KERNEL, '-o', output]);
    assert.deepEqual([code, stdout, readFileSync(output, 'utf8')], [0, '', EXPECTED]);
    const copy = file('copy', readFileSync(RAW));
    const refused = await run(['import', 'ftrace', copy, '-o', copy]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /it is an input of this run/);
    assert.deepEqual(readFileSync(copy), readFileSync(RAW));
    const failed = await run(['import', 'ftrace', join(folder, 'none'), '-o', join(folder, 'never')]);
    assert.equal(failed.code, 2);
    assert.equal(existsSync(join(folder, 'never')), false);
    assert.ok(readdirSync(folder).every((name) => !name.endsWith('.tmp')));
  });

  it('names what it did not understand: what, how many, the first line, nothing that a terminal obeys', async () => {
    const path = file('foreign', withForeign());
    const { code, stderr } = await run(['import', 'ftrace', path]);
    assert.equal(code, 0);
    assert.match(stderr, /^not used: event my_event, 2 times, first in line 201: .*my_event: a=\\u\{1b\}\[2J$/m);
    assert.equal((await run(['import', 'ftrace', path, '--strict'])).code, 4);
    assert.equal((await run(['import', 'ftrace', path, '--strict', '--ignore', 'my_event'])).code, 0);
  });

  it('with --strict, lost events are 4 too', async () => {
    const path = file('lost', `${readFileSync(RAW, 'utf8')}CPU:1 [LOST 12 EVENTS]\n`);
    const { code, stderr } = await run(['import', 'ftrace', path, '--strict']);
    assert.equal(code, 4);
    assert.match(stderr, /^12 events lost/m);
  });

  it('2 for what is no capture, a kernel that there is not, and a file cut short', async () => {
    for (const [content, said] of [
      ['no trace\n', /no line of it is an entry of a trace/],
      ['{"event":"vcpu_put","cpu":0}\n', /NDJSON already/],
      [Buffer.from('\x17\x08\x44tracing6\0', 'latin1'), /its beginning \(trace\.dat\)/],
      [gzipSync(readFileSync(RAW)).subarray(0, 2000), /expected/],
    ] as const) {
      const { code, stderr } = await run(['import', 'ftrace', file('wrong', content)]);
      assert.equal(code, 2);
      assert.match(stderr, said);
    }
    const unknown = await run(['import', 'ftrace', RAW, '--model', 'v6.1O']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /unknown model 'v6\.1O' \(Did you mean/);
    assert.equal((await run(['import', 'perf', RAW])).code, 2);
  });

  it('text prints a recording as the lines that are imported, safe to show', async () => {
    const path = data('recordings/v6.trace.dat.gz');
    const { code, stdout } = await run(['import', 'text', path]);
    assert.equal(code, 0);
    const again = await run(['import', 'ftrace', file('printed', stdout), '--model', 'v7.1', '--mode', 'nvhe']);
    assert.equal(again.stdout, (await run(['import', 'ftrace', path, '--model', 'v7.1', '--mode', 'nvhe'])).stdout);
    const hostile = await run(['import', 'text', file('hostile', ' \u001b[2J-1 [000] 1.0: x: \u202e\n')]);
    assert.equal(hostile.stdout, ' \\u{1b}[2J-1 [000] 1.0: x: \\u{202e}\n');
    assert.equal((await run(['import', 'text', file('cut', 'PERFILE2')])).code, 2);
  });

  it('a pipe closed early ends it quietly', async () => {
    // More than is read ahead; each copy of the capture a minute later than the one before, so that it goes on.
    const later = (by: number) =>
      readFileSync(RAW, 'utf8').replace(/(\d+)(?=\.\d{6}: )/g, (at) => `${Number(at) + 60 * by}`);
    const large = file('large', Array.from({ length: 700 }, (_, by) => later(by)).join(''));
    const child = start(['import', 'ftrace', large]);
    let stderr = '';
    child.stderr?.on('data', (chunk) => (stderr += chunk));
    child.stdout?.once('data', () => child.stdout?.destroy());
    const [code] = await once(child, 'close');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });
});
