/** pKVM with eager restore (semantics 5.13): EL2's area, refused runs, protected VMs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiteral } from './literal.ts';
import { cpu, load, PUT, play, RUN, RUN_FP, type Short, START, TASK, USER } from './scenarios.ts';

const TASK_NAME = `task:${TASK}`;

test("EL2 holds the host's registers from the FP trap to the exit, and puts back value and auth", () => {
  // Lazy: the registers are live at the entry. Eager: they were saved at load, and a second copy stays one.
  for (const [model, before, during] of [
    ['v6.10', 'cpu:0', 'hyp:0'],
    ['v7.1', 'mem', 'mem'],
  ] as const) {
    const { literal } = play(model, 'pkvm', load(0), { gvq: 4 });
    const state = () => [literal.registers(cpu), literal.auth(TASK_NAME), literal.hypHolds(cpu), literal.owner(cpu)];
    literal.step({ event: 'guest_enter', cpu });
    assert.deepEqual(state(), [TASK_NAME, before, 'none', 'host'], model);
    assert.equal(literal.trapOf(cpu, 'fpsimd'), 0x07);
    literal.step({ event: 'guest_fp', cpu });
    assert.deepEqual(state(), ['vcpu:0/0', during, TASK_NAME, 'guest'], model);
    literal.step({ event: 'guest_exit', cpu });
    assert.deepEqual(state(), [TASK_NAME, before, 'none', 'host'], model);
    assert.equal(literal.auth('vcpu:0/0'), 'mem');
    assert.equal(literal.valid(cpu, TASK_NAME), true);
    assert.notEqual(literal.ownerKernel(cpu), 'guest');
  }
});

test('an FP trap comes after every entry, and no rule breaks', () => {
  for (const model of ['v6.10', 'v6.12', 'v6.12-stable', 'v6.14', 'v6.16', 'v7.1', 'sme-guest-v12']) {
    const { broken } = play(model, 'pkvm', [...load(0), ...RUN_FP, ...RUN, ...RUN_FP, ...PUT, ...USER], { hvq: 2 });
    assert.deepEqual(broken, [], model);
  }
});

const ZA_ON: Short = [{ event: 'host_svcr', cpu, za: 1 }];
const SME = { smeVl: 32, gvq: 4 };

test('a run with SVCR set is refused: nothing moves, the guest does not run, DEBUG_DIRTY stays', () => {
  for (const model of ['v6.10', 'v6.16', 'v7.1']) {
    const { literal, broken } = play(model, 'pkvm', [...load(0), ...RUN, { event: 'debug_dirty', cpu }], SME);
    // No kernel does that with a vCPU loaded; a host that wants to break in might.
    for (const event of ZA_ON) literal.step(event);
    const [bytes, owner] = [literal.bytes(), literal.owner(cpu)];
    literal.step({ event: 'guest_enter', cpu });
    assert.deepEqual([literal.lastResult(), literal.running(cpu), literal.refused(cpu)], ['EINVAL', false, true]);
    literal.step({ event: 'guest_fp', cpu });
    assert.deepEqual([literal.bytes(), literal.owner(cpu), literal.registers(cpu)], [bytes, owner, TASK_NAME]);
    literal.step({ event: 'guest_exit', cpu });
    assert.deepEqual([literal.lastResult(), literal.refused(cpu)], ['ok', false]);
    const debug = literal.debug('0/0');
    assert.deepEqual(debug, 'debug_dirty' in debug ? { debug_dirty: true } : { debug_owner: 'guest' });
    assert.deepEqual(broken, []);
  }
});

test('load leaves nothing to refuse: ZA of the host is saved and switched off', () => {
  for (const model of ['v6.10', 'v6.16', 'v7.1', 'sme-guest-v12']) {
    const { literal, bytes, broken } = play(model, 'pkvm', [...ZA_ON, ...load(0), ...RUN_FP, ...PUT, ...USER], SME);
    assert.deepEqual([literal.lastResult(), literal.za(cpu), literal.svcr(cpu)], ['ok', TASK_NAME, 2], model);
    // Host to memory and back with ZA (32 bytes squared), and four SVE images of the run.
    assert.equal(bytes, 2 * (520 + 1024) + 4 * 2192, model);
    assert.deepEqual(broken, [], model);
  }
});

test('where EL2 does not look, SVCR is not refused', () => {
  const literal = createLiteral('v6.2', 'pkvm', { cpus: 1, smeVl: 32 });
  for (const event of [...START, ...load(0), ...ZA_ON, ...RUN]) literal.step(event);
  assert.equal(literal.lastResult(), 'ok');
});

test('a protected VM: an SVE trap loads nothing and executes nothing, an FP trap does', () => {
  const create = { protected: true };
  const { literal, bytes } = play('v7.1', 'pkvm', [...load(0), { event: 'guest_enter', cpu }], { gvq: 4, create });
  literal.step({ event: 'guest_fp', cpu, isa: 'sve' });
  literal.step({ event: 'guest_fp_trap', cpu, ec: '0x19' });
  assert.deepEqual([bytes, literal.owner(cpu), literal.registers(cpu)], [520, 'host', TASK_NAME]);
  literal.step({ event: 'guest_fp', cpu });
  assert.deepEqual([literal.owner(cpu), literal.registers(cpu)], ['guest', 'vcpu:0/0']);
  // The declaration means nothing where there is no pKVM.
  const plain = play('v7.1', 'nvhe', [...load(0), { event: 'guest_enter', cpu }], { gvq: 4, create }).literal;
  plain.step({ event: 'guest_fp', cpu, isa: 'sve' });
  assert.equal(plain.owner(cpu), 'guest');
});

test('a CPU that is first brought up after finalisation has its MPIDR in the wrong instance', () => {
  const late = createLiteral('v7.1', 'pkvm', { cpus: 2 });
  for (const event of [...START, ...load(0), ...RUN, ...PUT]) late.step(event);
  assert.equal(late.mpidrRight(0), true);
  late.step({ event: 'hyp_init', cpu: 1 });
  late.step({ event: 'task_switch', cpu: 0, next: 0 });
  late.step({ event: 'task_switch', cpu: 1, next: TASK });
  for (const event of [...load(0), ...RUN]) late.step(event.cpu === undefined ? event : { ...event, cpu: 1 });
  assert.equal(late.mpidrRight(1), false);
});
