/** OSLAR_EL1 written by a guest: no line says what, so who owns the debug registers is not known, and nothing false is said. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { importText, only } from '../support/captures.ts';

const vcpu = (iflags: string): string =>
  `kvm=0xfff0000001000000 vcpu=0 vptr=0xfff0000002000000 on=0 ifl=${iflags} cfl=0x1`;
const VCPU = vcpu('0x0');
const DIRTY = '0x10';
let at = 0;
const line = (text: string): string => `              vm-401     [000] d..1.    38.${String(at++ + 100000)}: ${text}\n`;
const load = (): string => line(`vcpu_load: (kvm_arch_vcpu_load+0x0/0x540) ${VCPU} cpu=0 o0=0 l0=0x0`);
const put = (): string => line(`vcpu_put: (kvm_arch_vcpu_put+0x0/0x1a0) ${VCPU} o0=0 l0=0x0`);
const access = (register: string): string => line(`kvm_sys_access: PC: 401a74 ${register} write`);
const OSLAR = 'SYS_OSLAR_EL1 (2,0,1,0,4)';
const DBGBCR = 'SYS_DBGBCRn_EL1(0) (2,0,0,0,5)';
const run = (iflags = '0x0'): string =>
  line(`flush_fp: (kvm_arch_vcpu_ctxflush_fp+0x0/0xb0) ${vcpu(iflags)} o0=0 l0=0x0`) +
  line('kvm_entry: PC: 0x0000000000400a90') +
  line(`sync_fp: (kvm_arch_vcpu_ctxsync_fp+0x0/0x1b0) ${VCPU} o0=0 l0=0x0`) +
  line('kvm_exit: TRAP: HSR_EC: 0x0018 (SYS64), PC: 0x0000000000400a90');
const header = (release: string): string =>
  `# worldswitch-capture: release=${release}\n# worldswitch-capture: mode=vhe\n`;

function replay(text: string): Report {
  const { events } = importText(text);
  const running = createReplay({});
  const record = createEventRecord();
  for (const event of events) {
    assert.equal(decode(event, record), undefined);
    running.step(record);
  }
  return running.finish([]);
}

describe('a write to OSLAR_EL1 that is captured', () => {
  it('since v6.14 stands between the put and the load of its handler', () => {
    const text = header('7.3.4') + load() + run() + access(OSLAR) + put() + load() + run();
    const names = importText(text).events.map(({ event }) => event);
    const lock = names.indexOf('guest_oslock');
    assert.deepEqual(
      [names[lock - 1], names[lock + 1]].map((name) => name?.replace('observe', '')),
      ['vcpu_put', ''],
    );
    assert.ok(names.indexOf('vcpu_load', lock) > lock);
    assert.equal(only(importText(text).events, 'guest_oslock')[0]?.vcpu, 0);
  });

  it('up to v6.13 is where it was', () => {
    const text = header('6.12.107') + load() + run() + access(OSLAR) + run() + put();
    const names = importText(text).events.map(({ event }) => event);
    assert.ok(names.indexOf('guest_oslock') < names.lastIndexOf('guest_enter'));
  });

  it('leaves open who owns the debug registers: a later trap is no violation', () => {
    for (const release of ['7.3.4', '6.12.107']) {
      const handler = release.startsWith('7') ? put() + load() : '';
      // vcpu->arch.iflags up to v6.13: DEBUG_DIRTY.
      const touched = release.startsWith('7') ? '0x0' : DIRTY;
      const before = header(release) + load() + run() + access(DBGBCR) + run(touched) + access(OSLAR) + handler;
      const report = replay(before + run() + access(DBGBCR) + run(touched) + access(DBGBCR) + put());
      assert.deepEqual(report.violations, []);
    }
  });
});

describe('a trapped access to a debug register', () => {
  it('may be handled after the load that follows, where its thread was scheduled out behind it', () => {
    const switchTo = (from: number, to: number): string =>
      line(
        `sched_switch: prev_comm=a prev_pid=${from} prev_prio=120 prev_state=R ==> next_comm=b next_pid=${to} next_prio=120`,
      ).replace('vm-401', from === 401 ? 'vm-401' : ' a-7  ');
    const text =
      header('7.3.4') +
      load() +
      run() +
      access(DBGBCR) +
      switchTo(401, 7) +
      put() +
      switchTo(7, 401) +
      load() +
      run() +
      run() +
      put();
    const told = only(importText(text).events, 'debug_dirty');
    assert.deepEqual(
      told.map(({ maybe }) => maybe),
      [undefined, true],
    );
    const { assumptions } = replay(text).ledger;
    assert.ok((assumptions['a debug switch is not counted: who uses the debug registers is unknown'] ?? 0) > 0);
  });
});
