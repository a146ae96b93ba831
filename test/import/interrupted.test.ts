/** Functions that are entered, and interrupted before their effect or after it: whatever is told of it, it is what was. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { holds, intervalOf } from '../lab/compare.ts';
import { importText } from '../support/captures.ts';
import { watchHost } from '../support/host.ts';

function replay(text: string): Report {
  const { events } = importText(text);
  const running = createReplay({});
  const record = createEventRecord();
  for (const event of events) {
    assert.equal(decode(event, record), undefined);
    assert.equal(running.step(record), undefined);
  }
  return running.finish([]);
}

const KERNELS = [
  { release: '7.3.4', flushes: true },
  { release: '6.12.107', flushes: false },
] as const;
const FACTS = [[], ['sve_vl=64'], ['sve_vl=64', 'sme_vl=32']] as const;

const HOST = fc.record({
  kernel: fc.constantFrom(...KERNELS),
  facts: fc.constantFrom(...FACTS),
  cpus: fc.integer({ min: 1, max: 3 }),
  tasks: fc.integer({ min: 3, max: 6 }),
  steps: fc.integer({ min: 1, max: 400 }),
  neonEnd: fc.boolean(),
});

const CPU_OF = /^\s*\S+-\d+\s+\[(\d+)\]/;

/** The capture without some of its lines, as ring buffers that ran over leave it: each CPU's next line says how many are missing. */
function withLoss(text: string, random: (below: number) => number): string {
  const lines = text.split('\n');
  const from = random(lines.length);
  const to = from + random(lines.length - from);
  const missing = new Map<string, number>();
  const left = lines.flatMap((line, index) => {
    const cpu = CPU_OF.exec(line)?.[1];
    if (cpu === undefined) return [line];
    const lost = missing.get(cpu) ?? 0;
    missing.set(cpu, index >= from && index < to ? lost + 1 : 0);
    if (index >= from && index < to) return [];
    return lost === 0 ? [line] : [`CPU:${Number(cpu)} [LOST ${lost} EVENTS]`, line];
  });
  return left.join('\n');
}

describe('a host whose tasks are preempted anywhere', () => {
  it('has no violation and no value that diverges, and has saved and loaded as often as the report says', () => {
    fc.assert(
      fc.property(HOST, fc.infiniteStream(fc.nat()), ({ kernel: ofKernel, ...host }, numbers) => {
        const random = (below: number): number => (numbers.next().value as number) % below;
        const { text, saves, loads } = watchHost({ ...host, ...ofKernel, random });
        const { violations, observations, cost } = replay(text);
        assert.deepEqual([violations, observations.diverging], [[], []], text);
        for (const [primitive, kernel] of [
          ['fpsimd_save', saves],
          ['fpsimd_load', loads],
        ] as const) {
          const row = { primitive, kernel, ...intervalOf(cost.total[primitive]), where: [] };
          assert.ok(holds(row), `${JSON.stringify(row)}\n${text}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nor has it where a piece of the capture was lost, in the midst of whatever the tasks were doing', () => {
    fc.assert(
      fc.property(HOST, fc.infiniteStream(fc.nat()), ({ kernel: ofKernel, ...host }, numbers) => {
        const random = (below: number): number => (numbers.next().value as number) % below;
        const text = withLoss(watchHost({ ...host, ...ofKernel, random }).text, random);
        const { violations, observations } = replay(text);
        assert.deepEqual([violations, observations.diverging], [[], []], text);
      }),
      { numRuns: 500 },
    );
  });

  it('nor where a task goes to another CPU within kernel-mode NEON, and no line shows switches', () => {
    const header = '# worldswitch-capture: release=7.3.4\n# worldswitch-capture: task_fpsimd_state_offset=3776\n';
    const begin = 'task-103     [001] d....     1.000012: neon_begin: (kernel_neon_begin+0x0/0x100) l0=0x0 l1=0x0\n';
    const end =
      'task-103     [000] d....     1.000036: neon_end: (kernel_neon_end+0x0/0x100) l0=0x0 l1=0xfff0000006640ec0\n';
    assert.deepEqual(replay(`${header}${begin}${end}`).violations, []);
  });

  it('nor where a task comes back from a switch on its way to user mode, and events were lost meanwhile', () => {
    const of = (pid: number, cpu: number, at: number, what: string): string =>
      `             vmm-${pid}     [00${cpu}] d..2.     1.00000${at}: ${what}\n`;
    const to = (from: number, next: number, cpu: number, at: number): string =>
      of(
        from,
        cpu,
        at,
        `sched_switch: prev_comm=vmm prev_pid=${from} prev_prio=120 prev_state=R ==> next_comm=vmm next_pid=${next} next_prio=120`,
      ) +
      of(
        from,
        cpu,
        at,
        `thread_switch: (fpsimd_thread_switch+0x0/0x230) next=0xfff00000066${next - 90}000 l0=0x0 l1=0x0`,
      );
    const vcpu = 'kvm=0xfff000000644e000 vcpu=0 vptr=0xfff000000505c680 on=-1 ifl=0x2 cfl=0x1 cpu=0';
    const text = [
      '# worldswitch-capture: release=7.3.4\n# worldswitch-capture: mode=nvhe\n',
      '# worldswitch-capture: task_fpsimd_state_offset=3776\n',
      to(101, 103, 0, 1),
      of(103, 0, 2, 'restore_current: (fpsimd_restore_current_state+0x0/0x480) l0=0x0 l1=0x0'),
      to(103, 102, 0, 3),
      'CPU:1 [LOST 3 EVENTS]\n',
      to(105, 104, 1, 4),
      to(102, 103, 0, 5),
      of(103, 0, 6, `vcpu_load: (kvm_arch_vcpu_load+0x0/0x540) ${vcpu} l0=0xfff0000006613ec0 l1=0x0`),
    ].join('');
    assert.deepEqual(replay(text).observations.diverging, []);
    assert.ok(importText(text).events.some(({ event, maybe }) => event === 'return_to_user' && maybe));
  });
});
