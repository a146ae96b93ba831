/** Any subset of the probes: what the others tell stands in, marked as deduced; what cannot be told is not guessed. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { countEvents, DATA, importText, only } from '../support/captures.ts';

const OPTIONS = { model: 'v6.10', mode: 'vhe', sveVl: 64 };
const STEPS = [
  'vcpu_load',
  'vcpu_put',
  'sched_in',
  'sched_out',
  'guest_enter',
  'guest_exit',
  'guest_fp_trap',
  'task_switch',
];

const linesOf = (name: string): string[] =>
  readFileSync(new URL(name, DATA), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('# entries'));
const lines = linesOf('lazy-vhe.ftrace');
const nameOf = (line: string): string => /: (\w+): /.exec(line)?.[1] ?? '';
const without = (...names: string[]) =>
  importText(lines.filter((line) => !names.includes(nameOf(line))).join('\n'), OPTIONS);
const steps = (input: { events: Parameters<typeof countEvents>[0] }) => {
  const counts = countEvents(input.events);
  return STEPS.map((name) => counts[name] ?? 0);
};
const all = without();
const recordsOf = ([meta]: readonly TraceEvent[]): readonly string[] => meta?.records ?? [];

describe('subsets of the probes', () => {
  for (const missing of [
    ['vcpu_load'],
    ['vcpu_put'],
    ['kvm_entry'],
    ['flush_fp_ret'],
    ['sync_fp_ret'],
    ['flush_fp', 'flush_fp_ret'],
    ['sync_fp', 'sync_fp_ret'],
    ['kvm_exit'],
    ['thread_switch'],
    ['save_flush', 'load_fp', 'load_fp_ret', 'put_fp', 'put_fp_ret'],
  ]) {
    it(`without ${missing.join(', ')}: the same steps`, () => {
      const result = without(...missing);
      const [traps, switches] = [STEPS.indexOf('guest_fp_trap'), STEPS.indexOf('task_switch')];
      const kept = (counts: number[]) =>
        counts.filter((_, index) => index !== switches || !missing.includes('thread_switch'));
      assert.deepEqual(kept(steps(result)), kept(steps(all)));
      assert.ok((steps(result)[traps] ?? 0) > 0);
      assert.equal(result.account.lost, 0);
    });
  }

  it('a step that another line stands in for is marked as deduced', () => {
    assert.ok(only(without('vcpu_load').events, 'vcpu_load').every((event) => event.inferred));
    assert.ok(only(without('vcpu_put').events, 'vcpu_put').every((event) => event.inferred));
    assert.ok(only(without().events, 'vcpu_put').every((event) => event.inferred === undefined));
  });

  it('traps are deduced from whatever line shows the owner after the run', () => {
    const parts = linesOf('owner-debug.ftrace');
    for (const missing of [[], ['flush_fp_ret'], ['sync_fp', 'sync_fp_ret'], ['kvm_exit']]) {
      const input = parts.filter((line) => !missing.includes(nameOf(line))).join('\n');
      const traps = only(importText(input, { model: 'v7.1', mode: 'nvhe' }).events, 'guest_fp_trap');
      assert.deepEqual(
        traps.map(({ inferred }) => inferred),
        [true, true, true],
        missing.join(),
      );
    }
  });

  it('a trap that was printed from inside the handler is deduced as well where that is ignored', () => {
    // The excerpt ends in a run with another trap.
    const finished = only(all.events, 'guest_fp_trap').slice(0, -1);
    const { events } = importText(lines.join('\n'), { ...OPTIONS, ignore: ['hyp_fp_trap'] });
    assert.deepEqual(
      only(events, 'guest_fp_trap').map(({ cpu, inferred }) => [cpu, inferred]),
      finished.map(({ cpu }) => [cpu, true]),
    );
  });

  it('without ctxflush it is not known whose the registers were: no trap is deduced, and the events say that it may have been', () => {
    const parts = linesOf('owner-debug.ftrace').filter((line) => !/^flush_fp/.test(nameOf(line)));
    const { events } = importText(parts.join('\n'), { model: 'v7.1', mode: 'nvhe' });
    assert.equal(only(events, 'guest_fp_trap').length, 0);
    assert.ok(!recordsOf(events).includes('guest_fp_trap'));
  });

  it('without sched_switch, thread_switch tells whose put it was, and who runs by the next line', () => {
    const result = without('sched_switch');
    const switches = only(result.events, 'task_switch').map(({ cpu, next }) => [cpu, next]);
    const expected = only(all.events, 'task_switch').map(({ cpu, next }) => [cpu, next]);
    // Who ran after the last one, no line says.
    assert.ok(switches.length > 10 && expected.length - switches.length <= 2);
    assert.deepEqual(switches, expected.slice(0, switches.length));
    assert.equal(only(result.events, 'sched_in').length, only(all.events, 'sched_in').length);
    assert.ok(Object.keys(result.account.assumptions).some((text) => text.includes('taken for that of the scheduler')));
  });

  it('without either no switch is made up: every event says who runs', () => {
    const { events, account } = without('sched_switch', 'thread_switch');
    assert.equal(only(events, 'task_switch').length, 0);
    assert.ok(!recordsOf(events).includes('task_switch'));
    assert.ok(only(events, 'guest_enter').every(({ task }) => task !== undefined));
    assert.equal(account.lost, 0);
  });

  it('tracepoints only: entries and exits, and not a load or a put is made up', () => {
    const parts = lines.filter(
      (line) => /^(kvm_|sched_)/.test(nameOf(line)) && nameOf(line) !== 'kvm_hyp_handle_fpsimd',
    );
    const { events } = importText(parts.join('\n'), OPTIONS);
    const counts = countEvents(events);
    assert.equal(counts.guest_enter, countEvents(all.events).guest_enter);
    assert.equal(counts.guest_exit, countEvents(all.events).guest_exit);
    assert.deepEqual([counts.lost, counts.vcpu_load, counts.vcpu_put], [undefined, undefined, undefined]);
    assert.ok(!recordsOf(events).some((kind) => ['vcpu_load', 'vcpu_put', 'guest_fp_trap'].includes(kind)));
  });

  it('the guest is left where the first line of the host comes, not at kvm_exit', () => {
    const columns = (flags: string, time: string) => `             vmm-108     [000] ${flags} ${time.padStart(12)}: `;
    const trace = [
      `${columns('d....', '1.000001')}kvm_entry: PC: 0x0000000040000000`,
      `${columns('d.s..', '1.000002')}neon_begin: (kernel_neon_begin+0x0/0x118)`,
      `${columns('.....', '1.000003')}kvm_exit: IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: 0x0000000040000000`,
    ];
    const { events } = importText(trace.join('\n'));
    assert.deepEqual(
      events.slice(1).map(({ event, reason }) => (reason === undefined ? event : `${event} ${reason}`)),
      ['guest_enter', 'guest_exit irq', 'neon_begin', 'neon_end'],
    );
  });

  it('any number of CPUs: only the values of its own are taken', () => {
    const fields = (key: string, value: string) =>
      Array.from({ length: 40 }, (_, cpu) => `${key}${cpu}=${cpu === 33 ? value : key === 'o' ? '1' : '0x0'}`).join(
        ' ',
      );
    const line = `             vmm-108     [033] d....     1.000001: restore_current: (f+0x0/0x1) ${fields('o', '2')} ${fields('l', '0x0')}`;
    assert.deepEqual(importText(line).events[1], {
      event: 'observe',
      ts: 1_000_001_000,
      cpu: 33,
      task: 108,
      fp_owner: 'guest',
      last: 'none',
    });
  });
});
