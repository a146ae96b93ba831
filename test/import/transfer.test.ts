/** As what the registers of host tasks are saved and loaded, and who does it: fpsimd_save_user_state() and what it calls for. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { faultOf, importText } from '../support/captures.ts';

/** struct task_struct of a pid, and where its FP state lies. */
const STATE = 0xec0;
const structOf = (pid: number): string => `0xffff0000000${(0x10 + pid).toString(16)}000`;
const stateOf = (pid: number): string => `0xffff0000000${(0x10 + pid).toString(16)}${STATE.toString(16)}`;

const HEADER = `# worldswitch-capture: task_fpsimd_state_offset=${STATE}`;
const line = (pid: number, microseconds: number, what: string, flags = 'd..1.'): string =>
  `            task-${pid}      [000] ${flags}     1.${String(microseconds).padStart(6, '0')}: ${what}`;

const to = (pid: number, last: string, more = ''): string =>
  `thread_switch: (fpsimd_thread_switch+0x0/0x230) next=${structOf(pid)} o0=0 l0=${last} ${more}`;
const announced = (from: number, next: number): string =>
  `sched_switch: prev_comm=task prev_pid=${from} prev_prio=120 prev_state=R ==> next_comm=task next_pid=${next} next_prio=120`;
const saved = (by: string, last: string, more: string): string =>
  `user_save: (${by}+0x30/0x2a0 <- fpsimd_save_user_state) l0=${last} ${more}`;

/** Events, without times and observations. */
function eventsOf(...lines: string[]): TraceEvent[] {
  const { events } = importText(`${[HEADER, ...lines].join('\n')}\n`, { model: 'v7.3', mode: 'vhe' });
  assert.deepEqual(
    events.map(faultOf).filter((fault) => fault !== undefined),
    [],
  );
  return events
    .filter(({ event }) => event !== 'meta' && event !== 'observe')
    .map(({ ts: _ts, cpu: _cpu, ...event }) => event);
}

test('a task is saved as thread.fp_type says where fpsimd_save_user_state() returns, streaming and ZA with it', () => {
  const switched = (more: string) =>
    eventsOf(
      line(5, 10, announced(5, 6)),
      line(5, 11, to(6, stateOf(5))),
      line(5, 12, saved('fpsimd_thread_switch', stateOf(5), more)),
      line(6, 20, announced(6, 5)),
      line(6, 21, to(5, stateOf(5))),
      line(6, 22, saved('fpsimd_thread_switch.part.0', stateOf(5), 't0=1')),
    ).slice(0, 1);
  const event = 'task_switch';
  assert.deepEqual(switched('t0=1'), [{ event, next: 6, fp_type: 'fpsimd' }]);
  assert.deepEqual(switched('t0=2 s0=0x3'), [{ event, next: 6, fp_type: 'sve', sm: 1, za: 1 }]);
  // FP_STATE_CURRENT, and what is not there.
  assert.deepEqual(switched('t0=0'), [{ event, next: 6 }]);
  assert.deepEqual(switched('t0=(fault)'), [{ event, next: 6 }]);
  // Before v6.2: thread_info.flags.
  assert.deepEqual(switched('f0=0x800000'), [{ event, next: 6, fp_type: 'sve' }]);
  assert.deepEqual(switched('f0=0x8'), [{ event, next: 6, fp_type: 'fpsimd' }]);
  // Of another CPU.
  assert.deepEqual(switched('t1=2'), [{ event, next: 6 }]);
});

test('a value that was cut is damage', () => {
  const cut = line(5, 12, saved('fpsimd_thread_switch', stateOf(5), 't0='));
  const { account } = importText(`${line(5, 11, to(6, stateOf(5)))}\n${cut}\n`, { model: 'v7.3', mode: 'vhe' });
  assert.equal(account.unused.length, 1);
});

test('who saves the current task, and who flushes which: callers tell', () => {
  const flush = (next: string, by: string): string =>
    `flush_task: (fpsimd_flush_task_state+0x0/0x40) next=${next} by=${by}+0x18/0x60`;
  assert.deepEqual(
    eventsOf(
      line(5, 10, announced(5, 6)),
      line(5, 11, to(6, stateOf(5))),
      line(5, 12, saved('fpsimd_thread_switch', stateOf(5), 't0=1')),
      line(6, 20, saved('fpsimd_save_and_flush_current_state', stateOf(6), 't0=2')),
      line(6, 21, flush(structOf(6), 'fpsimd_save_and_flush_current_state')),
      line(6, 22, flush(structOf(7), 'copy_thread')),
      line(6, 23, flush(structOf(6), 'sve_set_common.isra.0')),
      line(6, 24, flush(structOf(9), 'fpr_set')),
    ),
    [
      { event: 'task_switch', next: 6, fp_type: 'fpsimd' },
      { event: 'user_save', fp_type: 'sve' },
      { event: 'flush_task', task: 6 },
      { event: 'flush_task', task: 6 },
    ],
  );
});

test('a signal frame is loaded where fpsimd_update_current_state() calls task_fpsimd_load()', () => {
  const loaded = (by: string): string => `user_load: (${by}+0x48/0xd0 <- task_fpsimd_load) l0=0x0`;
  const returned = `update_current_ret: (restore_sve_fpsimd_context+0x80/0x200 <- fpsimd_update_current_state) l0=${stateOf(5)} t0=2`;
  const lines = [
    line(5, 11, saved('fpsimd_preserve_current_state', stateOf(5), 't0=1')),
    line(5, 12, loaded('fpsimd_update_current_state')),
  ];
  const [, load] = eventsOf(...lines, line(5, 13, returned));
  assert.deepEqual(load, { event: 'user_load', task: 5, fp_type: 'sve' });
  assert.deepEqual(eventsOf(...lines).at(-1), { event: 'user_load', task: 5 });
  // A return to user mode tells of that one.
  assert.equal(eventsOf(line(5, 12, loaded('fpsimd_restore_current_state'))).length, 0);
  assert.equal(eventsOf(line(5, 13, returned)).length, 0);
});

test('up to v6.1 TIF_SVE, as do_notify_resume() finds it, says as what a task is loaded, and as what one without it is saved', () => {
  const returns = (tif: string) =>
    eventsOf(
      line(5, 10, `notify_resume: (do_notify_resume+0x0/0x100) tif=${tif}`),
      line(5, 11, `restore_current: (fpsimd_restore_current_state+0x0/0x80) l0=0x0`),
      line(
        5,
        12,
        `restore_current_ret: (do_notify_resume+0x40/0x100 <- fpsimd_restore_current_state) l0=${stateOf(5)}`,
      ),
      line(5, 13, saved('fpsimd_preserve_current_state', stateOf(5), '')),
    );
  assert.deepEqual(returns('0x800008'), [
    { event: 'return_to_user', task: 5, fp_type: 'sve' },
    { event: 'user_save', task: 5 },
  ]);
  assert.deepEqual(returns('0x8'), [
    { event: 'return_to_user', task: 5, fp_type: 'fpsimd' },
    { event: 'user_save', task: 5, fp_type: 'fpsimd' },
  ]);
});

test('the first use of SVE: its effect is before a switch where the task is saved as SVE, and at the return where not', () => {
  const begin = line(5, 10, 'sve_acc: (do_sve_acc+0x0/0x180) l0=0x0');
  const away = (type: number): string[] => [
    line(5, 11, announced(5, 6)),
    line(5, 12, to(6, stateOf(5))),
    line(5, 13, saved('fpsimd_thread_switch', stateOf(5), `t0=${type}`)),
    line(6, 20, announced(6, 5)),
    line(6, 21, to(5, stateOf(5))),
    line(6, 22, saved('fpsimd_thread_switch', stateOf(5), 't0=1')),
  ];
  const end = line(5, 30, 'sve_acc_ret: (el0_sve_acc+0x30/0x60 <- do_sve_acc) l0=0x0');
  const names = (...lines: string[]): string[] =>
    eventsOf(...lines).map(({ event, inferred }) => (inferred ? `${event}?` : event));
  assert.deepEqual(names(begin, ...away(1), end), ['fp_acc_begin', 'task_switch', 'task_switch', 'fp_acc_end']);
  assert.deepEqual(names(begin, ...away(2), end), ['fp_acc_begin', 'fp_acc_end?', 'task_switch', 'task_switch']);
  assert.deepEqual(names(begin, ...away(2)), ['fp_acc_begin', 'fp_acc_end?', 'task_switch', 'task_switch']);
  assert.deepEqual(names(end), []);
  const sme = [
    line(5, 10, 'sme_acc: (do_sme_acc+0x0/0x180) l0=0x0'),
    line(5, 30, 'sme_acc_ret: (el0_sme_acc+0x30/0x60 <- do_sme_acc) l0=0x0'),
  ];
  assert.deepEqual(eventsOf(...sme), [
    { event: 'fp_acc_begin', task: 5, isa: 'sme' },
    { event: 'fp_acc_end', task: 5, isa: 'sme' },
  ]);
});

test('a return that was interrupted with the task bound: thread.fpsimd_cpu tells whether its effect had been', () => {
  const interrupted = (cpu: number) =>
    eventsOf(
      line(5, 10, announced(5, 6)),
      line(5, 11, to(6, stateOf(5), 'c0=0')),
      line(5, 12, saved('fpsimd_thread_switch', stateOf(5), 't0=1')),
      line(6, 20, announced(6, 5)),
      line(6, 21, to(5, stateOf(5), 'c0=0')),
      line(6, 22, saved('fpsimd_thread_switch', stateOf(5), 't0=1')),
      // exec has flushed it.
      line(5, 30, `restore_current: (fpsimd_restore_current_state+0x0/0x80) l0=${stateOf(5)} c0=512`),
      line(5, 31, announced(5, 6)),
      line(5, 32, to(6, stateOf(5), `c0=${cpu}`)),
      line(5, 33, saved('fpsimd_thread_switch', stateOf(5), 't0=1')),
      line(6, 40, announced(6, 5)),
      line(6, 41, to(5, stateOf(5), `c0=${cpu}`)),
      line(6, 42, saved('fpsimd_thread_switch', stateOf(5), 't0=1')),
      line(
        5,
        50,
        `restore_current_ret: (do_notify_resume+0x40/0x100 <- fpsimd_restore_current_state) l0=${stateOf(5)} t0=1`,
      ),
    ).map(({ event, maybe }) => (maybe ? `${event}?` : event));
  const [before, behind] = [interrupted(0), interrupted(512)];
  assert.deepEqual(before.slice(2), ['return_to_user', 'task_switch', 'task_switch']);
  assert.deepEqual(behind.slice(2), ['task_switch', 'task_switch', 'return_to_user']);
});

test('ID registers become features, and what KVM found of a PMU comes first', () => {
  const meta = (...header: string[]): TraceEvent | undefined =>
    importText(`${header.map((one) => `# worldswitch-capture: ${one}\n`).join('')}${line(5, 10, announced(5, 6))}\n`)
      .events[0];
  const registers = [
    'id_aa64dfr0=0x100000001030560a',
    'id_aa64mmfr0=0x2100032310201126',
    'id_aa64mmfr1=0x110112010312122',
    'id_aa64pfr0=0x1301001121110222',
    'id_aa64pfr1=0x1000000121',
    'id_aa64smfr0=0x8000000000000000',
  ];
  const found = ['pmuv3', 'fgt', 'hcx', 'ras', 'fa64'];
  assert.deepEqual([...(meta(...registers)?.features ?? [])].sort(), [...found].sort());
  const without = meta(...registers, 'pmu=0', 'nested=0', 'brps=16', 'wrps=2');
  assert.ok(without?.features?.includes('no_pmuv3') && without.features.includes('no_nested'));
  assert.deepEqual([without?.brps, without?.wrps], [16, 2]);
  const wrong = meta('id_aa64pfr0=zero', 'pmu=maybe', 'brps=17', 'wrps=none');
  assert.deepEqual([wrong?.features, wrong?.brps, wrong?.wrps], [undefined, undefined, undefined]);
});

test('that savers of the current task are told is said only where callers are printed by name', () => {
  const records = (user: string) =>
    importText(`${HEADER}\n${line(5, 11, to(6, stateOf(5)))}\n${line(5, 12, user)}\n`, { model: 'v7.3', mode: 'vhe' })
      .events[0]?.records;
  const address = `user_save: (ffff800080012340 <- ffff800080045678) l0=${stateOf(5)} t0=1`;
  assert.ok(records(saved('fpsimd_thread_switch', stateOf(5), 't0=1'))?.includes('user_save'));
  assert.equal(records(address)?.includes('user_save'), false);
});
