/**
 * Rules, or sides of them, that no trace can break in the models there are: what they would say of a state made by hand.
 * That they are asked at the right moments is a matter of the traces.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOLDS, type Rule, VIOLATED } from '../../lib/check/rule.ts';
import { RULES } from '../../lib/check/rules.ts';
import { deactivateMdcr } from '../../lib/kernel/code/switch.ts';
import type { Cpu } from '../../lib/kernel/state/cpu.ts';
import { nobody } from '../../lib/kernel/state/entity.ts';
import { cpuOf, createMachine, type Machine, writeOwner } from '../../lib/kernel/state/machine.ts';
import { MOMENT } from '../../lib/kernel/state/moments.ts';
import { GUEST_OWNED } from '../../lib/kernel/state/owner.ts';
import { createVcpu, type Vcpu } from '../../lib/kernel/state/vcpu.ts';
import type { Watcher } from '../../lib/kernel/state/watcher.ts';
import { findModel } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

const FEATURES = { sveVl: 64, smeVl: 0, brps: 6, wrps: 4, features: new Set<string>() };
/** Nobody listens. */
const WATCH = new Proxy({}, { get: () => () => {} }) as Watcher;

interface Loaded {
  readonly machine: Machine;
  readonly cpu: Cpu;
  readonly vcpu: Vcpu;
}

/** CPU 1 with vCPU 0/0 loaded. */
function loaded(name: string, mode: Mode): Loaded {
  const model = findModel(name);
  assert.ok(model !== undefined);
  const machine = createMachine(model.profile, mode, FEATURES, false, WATCH, { ...createEventRecord(), line: 7 });
  const cpu = cpuOf(machine, 1);
  const vcpu = createVcpu(0, 0);
  cpu.loaded = vcpu;
  return { machine, cpu, vcpu };
}

function ruleOf(id: string): Rule {
  const rule = RULES.find((rule) => rule.id === id);
  assert.ok(rule !== undefined);
  return rule;
}

/** Whether the rule is violated, and what it says then. */
function told(id: string, { machine, cpu }: Loaded, moment: number): string {
  const rule = ruleOf(id);
  const outcome = rule.check(machine, cpu, moment, nobody, '');
  if (outcome === HOLDS) return '';
  assert.equal(outcome, VIOLATED);
  return rule.describe(machine, cpu, moment, nobody, '').message;
}

test('DB-09: buffer controls of another window', () => {
  const state = loaded('v6.10', 'nvhe');
  state.cpu.window = 3;
  state.cpu.buffersWindow = 2;
  assert.equal(told('DB-09', state, MOMENT.exit), '');
  state.cpu.speSaved = true;
  assert.match(told('DB-09', state, MOMENT.exit), /^CPU 1 restores buffer controls/);
  state.cpu.buffersWindow = 3;
  assert.equal(told('DB-09', state, MOMENT.exit), '');
});

test('DB-11: trap controls of another window, which VHE saves at load', () => {
  for (const [mode, moment, other, when] of [
    ['vhe', MOMENT.put, MOMENT.exit, 'load'],
    ['nvhe', MOMENT.exit, MOMENT.put, 'entry'],
  ] as const) {
    const state = loaded('v6.10', mode);
    state.cpu.window = 3;
    state.cpu.trapsWindow = 2;
    assert.match(told('DB-11', state, moment), new RegExp(`were not saved by this ${when}$`));
    assert.equal(told('DB-11', state, other), '');
  }
});

test('DB-12: TDA is clear, and the debug registers were not switched', () => {
  const owner = loaded('v7.1', 'vhe');
  owner.vcpu.tda = 0;
  owner.cpu.debugSwitched = true;
  assert.equal(told('DB-12', owner, MOMENT.exit), '');
  owner.cpu.debugSwitched = false;
  assert.match(told('DB-12', owner, MOMENT.exit), /reaches the host's$/);
});

test('FP-11: the flag and fpsimd_last_state, at each moment', () => {
  const state = loaded('v6.10', 'vhe');
  const { machine, cpu, vcpu } = state;
  for (const moment of [MOMENT.ctxsync, MOMENT.put_fp]) assert.equal(told('FP-11', state, moment), '');
  writeOwner(machine, cpu, vcpu, cpu.kernel, GUEST_OWNED, 'fp_trap');
  cpu.current.tif_foreign_fpstate = 0;
  assert.match(told('FP-11', state, MOMENT.ctxsync), /is clear and/);
  assert.match(told('FP-11', state, MOMENT.put_fp), /is clear and/);
  cpu.last = vcpu;
  assert.equal(told('FP-11', state, MOMENT.ctxsync), '');
  cpu.current.tif_foreign_fpstate = 1;
  assert.match(told('FP-11', state, MOMENT.ctxsync), /is set and fpsimd_last_state names/);
});

test('FP-17: an error where the exit reads ZCR_EL1 back, a suspicion where put alone does', () => {
  for (const [model, severity] of [
    ['v6.2', 'suspicious'],
    ['v7.1', undefined],
  ] as const) {
    const state = loaded(model, 'vhe');
    Object.assign(state.vcpu, { zcr_el1Live: 4, zcr_el1: 2 });
    assert.match(told('FP-17', state, MOMENT.put), /the guest set LEN 3, memory has LEN 1$/);
    assert.equal(ruleOf('FP-17').describe(state.machine, state.cpu, MOMENT.put, nobody, '').severity, severity);
  }
});

test('LC-04: host data in the vCPU of another CPU', () => {
  const state = loaded('v6.2', 'nvhe');
  state.cpu.window = 1;
  state.vcpu.mdcr_el2_host = 1;
  state.vcpu.mdcr_el2_hostWindow = state.cpu.window;
  assert.equal(told('LC-04', state, MOMENT.exit), '');
  state.cpu.debugSwitched = true;
  state.vcpu.host_debug_state = 0;
  assert.notEqual(told('LC-04', state, MOMENT.exit), '');
  state.vcpu.mdcr_el2_host = 0;
  assert.match(told('LC-04', state, MOMENT.exit), /brings host data of CPU 0 to CPU 1$/);
  deactivateMdcr(state.machine, state.cpu, state.vcpu);
  assert.equal(state.cpu.mdcrGuest, true, 'what is written back is not of this CPU');
});
