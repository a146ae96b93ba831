/** The same entries as the kernel's other formats and other programs print them. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { DATA, type EntryText, eachEntry, ftraceLine, importText, only, readEntry } from '../support/captures.ts';

const OPTIONS = { model: 'v6.10', mode: 'vhe', sveVl: 64 };
const text = readFileSync(new URL('lazy-vhe.ftrace', DATA), 'utf8');
const expected = importText(text, OPTIONS).events;

/** Addresses instead of names: only the kernel itself prints those. */
const withAddresses = (payload: string): string =>
  payload
    .replace(/^\([^)<]+\)/, '(ffff80008001a2b4)')
    .replace(/^\([^)]* <- [^)]*\)/, '(ffff80008001a2b4 <- ffff80008001a2b0)');

/** How libtraceevent's plugin prints sched_switch. */
function pluginSwitch(payload: string): string {
  const match =
    /^prev_comm=(.*) prev_pid=(\d+) prev_prio=(\d+) prev_state=(\S+) ==> next_comm=(.*) next_pid=(\d+) next_prio=(\d+)$/.exec(
      payload,
    );
  if (match === null) return payload;
  const [, prev, prevPid, prevPrio, state, next, nextPid, nextPrio] = match;
  return `${prev}:${prevPid} [${prevPrio}] ${state} ==> ${next}:${nextPid} [${nextPrio}]`;
}

function perfLine({ comm, pid, cpu, time, name, payload }: EntryText, thread = pid.padStart(7)): string {
  const group = name.startsWith('kvm_') ? 'kvm' : name === 'sched_switch' ? 'sched' : 'fp';
  return `${comm.padStart(16)} ${thread} [${cpu}] ${time.padStart(12)}: ${`${group}:${name}`.padStart(20)}: ${withAddresses(payload)}`;
}

const withNanoseconds = (entry: EntryText): EntryText => ({ ...entry, time: `${entry.time}123` });
const inNanoseconds = (events: readonly TraceEvent[]): TraceEvent[] =>
  events.map((event) => (event.ts === undefined ? event : { ...event, ts: Number(event.ts) + 123 }));

describe('renderings of a trace', () => {
  it('trace-cmd report: padded names, addresses, the words of its plugins, its own header', () => {
    const rendered = eachEntry(text, (entry) => {
      const { comm, pid, cpu, flags, time, name, payload } = entry;
      const body = name === 'sched_switch' ? pluginSwitch(payload) : withAddresses(payload);
      return `${comm.padStart(16)}-${pid.padEnd(5)} [${cpu}] ${flags} ${time.padStart(12)}: ${`${name}:`.padEnd(21)} ${body}`;
    }).replace(/^#.*\n/gm, '');
    const { events, account } = importText(`cpus=2\n${rendered}`, OPTIONS);
    assert.deepEqual(events, expected);
    assert.deepEqual(account.unused, []);
  });

  it('trace-cmd report of kvm_exit as fields', () => {
    const rendered = eachEntry(text, (entry) => {
      const exit = /^(IRQ|TRAP): HSR_EC: 0x([0-9a-f]+) .* PC: (\S+)$/.exec(entry.payload);
      if (entry.name !== 'kvm_exit' || exit === null) return ftraceLine(entry);
      return ftraceLine({
        ...entry,
        payload: `ret=${exit[1] === 'IRQ' ? 0 : 2} esr_ec=0x${exit[2]} vcpu_pc=${exit[3]}`,
      });
    });
    assert.deepEqual(importText(rendered, OPTIONS).events, expected);
  });

  it('perf script whose padding is gone, as in mails: the columns are found where they are', () => {
    const header = '# ========\n# captured on: a day\n#\n';
    const body = text.replace(/^#.*\n/gm, '');
    const padded = eachEntry(body, (entry) => perfLine(entry, `${'90'.padStart(7)}/${entry.pid.padEnd(7)}`));
    const cut = padded.replaceAll(/^ +/gm, '');
    const squeezed = cut.replaceAll(/^(.*?:) +/gm, (columns) => columns.replaceAll(/ +/g, ' '));
    const events = importText(header + padded, OPTIONS).events;
    for (const text of [cut, squeezed]) {
      const got = importText(header + text, OPTIONS);
      assert.equal(got.account.format, 'perf script');
      assert.deepEqual(got.events, events);
    }
    assert.equal(importText('vmm 9/9 [000] 1.000100: kvm_entry: PC: 0x0\n', OPTIONS).account.records, 0);
  });

  it('perf script: groups, pid or pid/tid, microseconds or nanoseconds', () => {
    // Its lines say nothing of softirqs and of the number of CPUs.
    const [meta = { event: 'meta' as const }, ...rest] = expected;
    const { cpus: _cpus, ...other } = meta;
    const header = '# ========\n# captured on: a day\n#\n';
    const body = text.replace(/^#.*\n/gm, '');
    const plain = importText(header + eachEntry(body, (entry) => perfLine(entry)), OPTIONS);
    assert.deepEqual(plain.events, [other, ...rest]);
    assert.equal(plain.account.format, 'perf script');
    const threads = eachEntry(body, (entry) =>
      perfLine(withNanoseconds(entry), `${'90'.padStart(7)}/${entry.pid.padEnd(7)}`),
    );
    assert.deepEqual(importText(threads, OPTIONS).events, inNanoseconds([other, ...rest]));
  });

  it('nanoseconds in the time column', () => {
    const rendered = eachEntry(text, (entry) => ftraceLine(withNanoseconds(entry)));
    assert.deepEqual(importText(rendered, OPTIONS).events, inNanoseconds(expected));
  });

  it('the latency format: eight columns of the name, CPU and flags without brackets, time since the start', () => {
    const rendered = eachEntry(text, ({ comm, pid, cpu, flags, time, name, payload }) => {
      const since = Math.round(Number(time) * 1e6) - 2_800_000;
      return `${comm.slice(0, 8).padStart(8)}-${pid.padEnd(7)} ${String(Number(cpu)).padStart(3)}${flags} ${String(since).padStart(4)}us!: ${name}: ${payload}`;
    });
    const { events, account } = importText(rendered, OPTIONS);
    assert.deepEqual(
      events,
      expected.map((event) => (event.ts === undefined ? event : { ...event, ts: Number(event.ts) - 2_800_000_000 })),
    );
    assert.equal(account.format, 'ftrace latency format');
  });

  it('a column of thread group ids, no column of flags, no padding', () => {
    const groups = eachEntry(text, (entry) => ftraceLine(entry).replace(' [', ' (     90) ['));
    assert.deepEqual(importText(groups, OPTIONS).events, expected);
    const unknownGroups = eachEntry(text, (entry) => ftraceLine(entry).replace(' [', ' (-------) ['));
    assert.deepEqual(importText(unknownGroups, OPTIONS).events, expected);
    const noFlags = eachEntry(text, (entry) => ftraceLine(entry).replace(`${entry.flags} `, ''));
    assert.deepEqual(importText(noFlags, OPTIONS).events, expected);
    assert.deepEqual(importText(text.replace(/^ +/gm, ''), OPTIONS).events, expected);
  });

  it('the softirq column becomes `softirq`', () => {
    const entry = readEntry(
      '          <idle>-0       [000] d.s1.     4.043786: neon_begin: (kernel_neon_begin+0x0/0x118)',
    );
    for (const [flags, softirq] of [
      ['d.s1.', true],
      ['d.H1.', true],
      ['d..1.', undefined],
      ['d.h1.', undefined],
    ] as const) {
      const { events } = importText(ftraceLine({ ...entry, flags }));
      assert.equal(only(events, 'neon_begin')[0]?.softirq, softirq, flags);
    }
  });

  it('a clock that counts no time gives events without one', () => {
    const { events } = importText(
      '             vmm-108     [000] d....     12345: kvm_nested_eret: elr_el2: 0x0 spsr_el2: 0x0\n',
    );
    assert.deepEqual(events[1], { event: 'nested_eret', cpu: 0, task: 108 });
  });

  it('times above 2^53 ns are strings', () => {
    const entry = '             vmm-108     [000] d.... 9007199254.740993: kvm_nested_eret: x\n';
    assert.equal(importText(entry).events[1]?.ts, '9007199254740993000');
  });
});
