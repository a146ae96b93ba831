/** The hypervisor's own trace (v7.1), alone and beside the capture of its host. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCompanion } from '../../lib/import/companion.ts';
import { type CaptureOptions, readCaptures } from '../../lib/import/read.ts';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { encode } from '../../lib/trace/encode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { DATA, type EntryText, importText, readEntry } from '../support/captures.ts';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const OPTIONS = { model: 'v7.1', mode: 'nvhe' };
const FULL = readFileSync(new URL('owner-debug.ftrace', DATA), 'utf8');
/** Lines of the host that tell of entries and exits. */
const TELLING = new Set(['flush_fp', 'flush_fp_ret', 'kvm_entry', 'sync_fp', 'sync_fp_ret', 'kvm_exit']);

const isEntry = (line: string): boolean => line !== '' && !line.startsWith('#');
const HOST = FULL.split('\n')
  .filter((line) => !isEntry(line) || !TELLING.has(readEntry(line).name))
  .join('\n');

const line = ({ cpu, time }: EntryText, what: string, reason: string, vcpu: string): string => {
  const [seconds = '', fraction = ''] = time.split('.');
  return `[${cpu}]\t${seconds.padStart(5)}.${fraction}: ${what} reason=${reason} vcpu=${vcpu}\n`;
};

/** What EL2 says of the runs of the capture: at kvm_entry it is called and leaves for the guest, at sync_fp it is back in the host. */
const HYPERVISOR = FULL.split('\n')
  .filter(isEntry)
  .map(readEntry)
  .map((entry) => {
    if (entry.name === 'kvm_entry')
      return line(entry, 'hyp_enter', 'hvc', entry.pid) + line(entry, 'hyp_exit', 'eret_guest', entry.pid);
    if (entry.name !== 'sync_fp') return '';
    const handled =
      line(entry, 'hyp_enter', 'guest_exit', entry.pid) + line(entry, 'hyp_exit', 'eret_guest', entry.pid);
    return handled + line(entry, 'hyp_enter', 'guest_exit', entry.pid) + line(entry, 'hyp_exit', 'eret_host', '0');
  })
  .join('');

const SWITCHES = ['vcpu_load', 'sched_in', 'vcpu_put', 'sched_out', 'guest_enter', 'guest_exit', 'task_switch'];

/** Loads, entries, exits, puts and task switches of each CPU, in order. */
function switchesOf(events: readonly { readonly event?: unknown; readonly cpu?: unknown }[]): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const { event, cpu } of events) {
    if (!SWITCHES.includes(String(event))) continue;
    all[String(cpu)] = [...(all[String(cpu)] ?? []), String(event)];
  }
  return all;
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(inputs: readonly string[], options: CaptureOptions = {}): Promise<TraceEvent[]> {
  const record = createEventRecord();
  const events: TraceEvent[] = [];
  for await (const batch of readCaptures(inputs, { importing: OPTIONS, ...options }).batches) {
    for (let index = 0; index < batch.length; index++) {
      const error = batch.read(index, record);
      assert.equal(error, undefined);
      events.push(encode(record) as unknown as TraceEvent);
    }
  }
  return events;
}

describe("the hypervisor's trace", () => {
  const expected = switchesOf(importText(FULL, OPTIONS).events);

  it('alone gives the entries and exits; exits that EL2 handles itself are none', () => {
    const { events, account } = importText(HYPERVISOR, OPTIONS);
    const entries = HYPERVISOR.split('hyp_enter reason=hvc').length - 1;
    assert.ok(entries >= 5);
    assert.equal(events.filter(({ event }) => event === 'guest_enter').length, entries);
    assert.deepEqual([account.format, account.unused, account.lost], ['trace of the hypervisor', [], 0]);
    assert.deepEqual(events[0]?.records, ['guest_enter', 'guest_exit']);
  });

  it('beside its host gives what the host does not tell, between the lines of each CPU, whatever the order of the files', async () => {
    const [host, hypervisor] = [file('host', HOST), file('hyp.gz', gzipSync(HYPERVISOR))];
    assert.notDeepEqual(switchesOf(await read([host])), expected);
    for (const inputs of [
      [host, hypervisor],
      [hypervisor, host],
    ]) {
      const events = await read(inputs);
      assert.deepEqual(switchesOf(events), expected);
      assert.ok(events[0]?.records?.includes('guest_enter') && events[0]?.records?.includes('vcpu_load'));
    }
  });

  it('adds nothing to what the host tells itself', async () => {
    const inputs = [file('full', FULL), file('hyp', HYPERVISOR)];
    assert.deepEqual(await read(inputs), await read([file('full', FULL)]));
  });

  it('a clock that differs is moved by its offset; a host of another clock is not merged with it, and that is said', async () => {
    const late = HYPERVISOR.replace(/\t *(\d+)\./g, (_, seconds: string) => `\t${Number(seconds) + 7}.`);
    const inputs = [file('host', HOST), file('late', late)];
    const offsets = new Map([['late', -7_000_000_000n]]);
    assert.deepEqual(switchesOf(await read(inputs, { clockOffsets: offsets })), expected);
    const local = file('local', `# worldswitch-capture: clock=local\n${HOST}`);
    const { stderr, code } = await run(['replay', local, file('hyp', HYPERVISOR), '--model', 'v7.1', '--mode', 'nvhe']);
    assert.match(stderr, /not used: the hypervisor's trace: its clock is boot, the capture's local/);
    assert.equal(code, 0);
    for (const same of [
      new Map([['hyp', 0n]]),
      new Map([['local', 0n]]),
      new Map([
        ['local', 5n],
        ['hyp', 5n],
      ]),
    ]) {
      const merged = await read([local, file('hyp', HYPERVISOR)], { clockOffsets: same });
      assert.deepEqual(switchesOf(merged).length, expected.length, 'who gives an offset, be it 0, knows the clocks');
    }
    assert.deepEqual(await read([local, inputs[0] as string].slice(0, 1)), await read([file('host', HOST)]));
  });

  it('of a thread that does not run there is not used, and says so', () => {
    const other = HYPERVISOR.replace(/vcpu=\d+/g, 'vcpu=77');
    const companion = readCompanion(other);
    const { events, account } = importText(HOST, { ...OPTIONS, companion });
    assert.equal(events.filter(({ event }) => event === 'guest_enter').length, 0);
    assert.match(account.unused[0]?.what ?? '', /where another thread runs.*--clock-offset/);
  });

  it('what is lost in it is lost on that CPU, what is cut or no line of it is named', () => {
    const lines = HYPERVISOR.trimEnd().split('\n');
    const middle = lines.findIndex((text, index) => index > 10 && text.includes('reason=hvc'));
    const cpu = Number(/^\[(\d+)\]/.exec(lines[middle] ?? '')?.[1]);
    const damaged = lines.toSpliced(middle, 0, `CPU:${cpu} [LOST 5 EVENTS]`, 'what is this?').join('\n').slice(0, -12);
    const companion = readCompanion(damaged, 0n);
    const { events, account } = importText(HOST, { ...OPTIONS, companion });
    const lost = events.filter(({ event }) => event === 'lost');
    assert.ok(
      lost.some(({ count, cpu: where, note }) => count === 5 && where === cpu && /hypervisor/.test(String(note))),
    );
    const unused = account.unused.map(({ what }) => what);
    assert.ok(unused.includes('text that is no line of the trace of the hypervisor'));
    assert.ok(unused.includes('damaged hyp_exit'));
  });

  it('with NDJSON beside it is a capture of its own, merged by time', async () => {
    const ndjson = file('trace.ndjson', '{"event":"hyp_init","cpu":0,"ts":1}\n');
    const events = await read([ndjson, file('hyp', HYPERVISOR)]);
    assert.ok(events.some(({ event }) => event === 'guest_enter') && events.some(({ event }) => event === 'hyp_init'));
  });
});
