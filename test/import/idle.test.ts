/** Idle states that lose the registers: what lines of a capture tell of fpsimd_cpu_pm_notifier(). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importText } from '../support/captures.ts';

const HEAD = '# worldswitch-capture: model=v6.10\n# worldswitch-capture: mode=vhe\n# tracer: nop\n';

const line = (comm: string, pid: number, us: number, text: string): string =>
  `${comm.padStart(16)}-${pid}      [001] d..2.     2.${String(us).padStart(6, '0')}: ${text}\n`;
const toIdle =
  line(
    'vmm',
    91,
    100,
    'sched_switch: prev_comm=vmm prev_pid=91 prev_prio=120 prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120',
  ) +
  line(
    'vmm',
    91,
    200,
    'thread_switch: (fpsimd_thread_switch+0x0/0x150) next=0xffff000000bb2c40 o1=0 l1=0xffff000000bda680',
  );
const flush = (pid: number) =>
  line(
    pid === 0 ? '<idle>' : 'sh',
    pid,
    310,
    'save_flush: (fpsimd_save_and_flush_cpu_state+0x0/0x60) o1=0 l1=0xffff000000bda680',
  );
const notifier = (cmd: number) =>
  line('<idle>', 0, 300, `cpu_pm: (fpsimd_cpu_pm_notifier+0x0/0x60) cmd=${cmd} o1=0 l1=0xffff000000bda680`);

const powerDowns = (text: string): number =>
  importText(HEAD + text).events.filter(({ event }) => event === 'cpu_pm_enter').length;

test('a save and flush of the idle task is that of CPU_PM_ENTER', () => {
  assert.equal(powerDowns(toIdle + flush(0)), 1);
  const { account } = importText(HEAD + toIdle + flush(0));
  assert.deepEqual([account.unused, account.lost], [[], 0]);
});

test('the notifier tells it by its command, once', () => {
  assert.equal(powerDowns(toIdle + notifier(0)), 1);
  assert.equal(powerDowns(toIdle + notifier(0) + flush(0)), 1);
  for (const cmd of [1, 2, 3]) assert.equal(powerDowns(toIdle + notifier(cmd)), 0);
  const shows = importText(HEAD + toIdle + notifier(0)).events[0]?.records;
  assert.ok((shows as readonly string[]).includes('cpu_pm_enter'));
});
