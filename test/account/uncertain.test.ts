/** Costs that a trace does not determine: an interval, why, and what would settle it; none where the trace is complete. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

type Line = Readonly<Record<string, unknown>>;

const SHOWN = [
  ...['vcpu_load', 'sched_in', 'vcpu_put', 'sched_out', 'guest_enter', 'guest_exit', 'guest_fp_trap', 'debug_dirty'],
  ...['guest_debug', 'neon_begin', 'task_switch', 'return_to_user', 'nested_eret', 'nested_exception'],
];

function replay(meta: Line, ...events: readonly Line[]): Report {
  const running = createReplay({});
  const record = createEventRecord();
  for (const event of [{ event: 'meta', format: 1, ...meta }, ...events]) {
    assert.equal(decode(event, record), undefined);
    assert.equal(running.step(record), undefined);
  }
  return running.finish([]);
}

const vhe = { model: 'v7.1', mode: 'vhe' };
const onCpu = (event: string, more: Line = {}): Line => ({ event, cpu: 0, ...more });
const load = onCpu('vcpu_load', { vcpu: 0, task: 41 });
const run = [onCpu('guest_enter'), onCpu('guest_exit')];
const put = onCpu('vcpu_put');
const switched = [onCpu('task_switch', { next: 41 }), onCpu('return_to_user', { task: 41 })];

describe('the costs of a complete trace', () => {
  it('are numbers', () => {
    const { cost } = replay({ ...vhe, sve_vl: 64 }, ...switched, load, ...run, put);
    assert.equal(cost.doubts, undefined);
    assert.deepEqual(
      Object.values(cost.total).filter(({ least, most }) => least !== undefined || most !== undefined),
      [],
    );
  });

  it('but for debug switches, where a guest that owned the registers could write MDSCR_EL1 and no write is told', () => {
    const owns = [load, ...run, onCpu('debug_dirty'), ...run, put];
    const { total } = replay(vhe, ...owns, load, ...run, put).cost;
    assert.deepEqual([total.debug_save?.count, total.debug_save?.least, total.debug_save?.most], [2, 2, 4]);
    const told = replay(vhe, onCpu('guest_mdscr', { mde: 0 }), ...owns, load, ...run, put).cost;
    assert.equal(told.doubts, undefined);
  });
});

describe('the costs of a trace that says what it shows', () => {
  const shown = { ...vhe, records: SHOWN };
  /** The first switch may have saved: whose the registers were before, nothing tells. */
  const BEFORE = 1;
  const away = onCpu('task_switch', { next: 7 });

  it('are an interval where a host task may have live SVE state, with the probe that settles it', () => {
    const { total, doubts } = replay({ ...shown, sve_vl: 64 }, ...switched, away).cost;
    assert.deepEqual([total.fpsimd_save?.least, total.fpsimd_save?.most], [0, 1 + BEFORE]);
    assert.deepEqual([total.sve_save?.least, total.sve_save?.most], [0, 1 + BEFORE]);
    const doubt = doubts?.find(({ why }) => /live SVE/.test(why));
    assert.ok(doubt?.primitives.includes('sve_save'));
    assert.match(doubt?.shown_by ?? '', /fp_type/);
  });

  it('count a save in a system call as FPSIMD, which is what is left there', () => {
    const { total } = replay({ ...shown, sve_vl: 64 }, ...switched, load).cost;
    assert.deepEqual(total.fpsimd_save, { count: 1, bytes: 520, least: 1, most: 1 + BEFORE });
    assert.equal(total.sve_save?.most, BEFORE);
  });

  it('have ZA in it on a machine with SME only', () => {
    const { total } = replay({ ...shown, sme_vl: 64 }, ...switched, away).cost;
    assert.deepEqual([total.za_save?.count, total.za_save?.most], [0, 1 + BEFORE]);
    assert.equal(replay(shown, ...switched, away).cost.total.za_save, undefined);
  });

  it('have ZA in it where a save or a load was read without SVCR', () => {
    const za = (read: Line) => {
      const fresh = onCpu('return_to_user', { task: 41, ...read });
      const { total } = replay({ ...shown, sme_vl: 64 }, ...switched, fresh, { ...away, ...read }).cost;
      return [total.za_load?.most, total.za_save?.most];
    };
    const withoutSvcr = za({ fp_type: 'fpsimd' });
    const withSvcr = za({ fp_type: 'fpsimd', sm: 0, za: 0 });
    assert.deepEqual(
      withoutSvcr.map((most = 0, i) => most - (withSvcr[i] ?? 0)),
      [1, 1],
    );
  });

  it('have a load for each return to user mode, which the kernel enters for nothing else; who flushed may have saved', () => {
    const again = onCpu('return_to_user', { task: 41 });
    const { total } = replay(shown, ...switched, again, again).cost;
    assert.equal(total.fpsimd_load?.count, 3);
    assert.deepEqual([total.fpsimd_save?.least, total.fpsimd_save?.count, total.fpsimd_save?.most], [0, 2, 2 + BEFORE]);
  });

  it('have one more of each in the interval for a return that was deduced, of what the machine has', () => {
    const deduced = onCpu('return_to_user', { task: 41, inferred: true });
    for (const machine of [{}, { sve_vl: 64 }, { sve_vl: 64, sme_vl: 64 }]) {
      const { total } = replay({ ...shown, ...machine }, ...switched, deduced).cost;
      assert.deepEqual(
        [total.fpsimd_load?.count, total.fpsimd_load?.most, total.fpsimd_save?.most],
        [1, 2, 1 + BEFORE],
      );
      assert.equal(total.sve_load?.most, 'sve_vl' in machine ? 2 : undefined);
      assert.equal(total.za_load?.most, 'sme_vl' in machine ? 2 : undefined);
    }
    assert.equal(replay({ ...shown, model: 'v6.10' }, ...switched, deduced).cost.total.fpsimd_load?.count, 1);
  });

  it('have no end where signals save and load without a return to user mode, as up to v6.15', () => {
    const { total } = replay({ ...shown, model: 'v6.12-stable' }, ...switched, away).cost;
    assert.equal(total.fpsimd_save?.most, undefined);
    assert.ok(total.fpsimd_save?.least !== undefined);
  });

  it('have an FP trap at most in each run of protected KVM, which EL2 handles out of sight', () => {
    const { total } = replay({ ...shown, mode: 'pkvm' }, ...switched, load, ...run, ...run, put).cost;
    assert.deepEqual([total.cptr_open?.count, total.cptr_open?.least, total.cptr_open?.most], [0, 0, 2]);
    assert.deepEqual([total.guest_enter?.count, total.guest_enter?.least, total.guest_enter?.most], [2, 2, 4]);
  });

  it('have no end for what is hidden, or lost', () => {
    const records = SHOWN.filter((kind) => kind !== 'neon_begin');
    assert.equal(replay({ ...shown, records }, ...switched, away).cost.total.fpsimd_save?.most, undefined);
    const { total } = replay(shown, ...switched, onCpu('lost', { count: 3 }), load, ...run, put).cost;
    assert.deepEqual([total.debug_save?.least, total.debug_save?.most], [0, undefined]);
  });

  it('have debug switches that depend on what the guest wrote, until a trapped access tells that there were none', () => {
    const owns = [load, ...run, onCpu('debug_dirty'), ...run, put];
    const open = replay(shown, ...switched, ...owns, load, ...run, put).cost.total.debug_save;
    assert.deepEqual([open?.count, open?.least, open?.most], [2, 2, 4]);
    const settled = replay(shown, ...switched, ...owns, load, ...run, onCpu('debug_dirty'), put).cost.total.debug_save;
    assert.deepEqual([settled?.count, settled?.least], [2, undefined]);
  });
});
