/** KVM_GET_ONE_REG, KVM_SET_ONE_REG, reset and nested transitions: semantics 5.14, 5.18, FP-23, FP-24, SM-01, SM-02. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpu, load, PUT, play, RUN, RUN_FP, type Short, TASK, USER } from './scenarios.ts';

const SME = { sme: true, sme_vl: 32 };
const set = (reg: string, value?: string): Short => [
  { event: 'reg_set', vm: 0, vcpu: 0, reg, ...(value === undefined ? {} : { value }) },
];
const get = (reg: string): Short => [{ event: 'reg_get', vm: 0, vcpu: 0, reg }];

interface Kind {
  readonly model: string;
  readonly gvq: number;
  readonly create?: object;
  /** SVCR before the access. */
  readonly svcr?: string;
  /** v0, z0, p0, ffr, za, zt0, svcr, zcr_el1, fpsr, fpmr; a letter each, see RESULTS. */
  readonly results: string;
}

const REGISTERS = ['v0', 'z0', 'p0', 'ffr', 'za', 'zt0', 'svcr', 'zcr_el1', 'fpsr', 'fpmr'];
const RESULTS: Readonly<Record<string, string>> = { '+': 'ok', N: 'ENOENT', I: 'EINVAL', B: 'EBUSY' };
const KINDS: readonly Kind[] = [
  { model: 'v6.2', gvq: 0, results: '+NNNNNNN+N' },
  { model: 'v6.2', gvq: 4, results: 'I+++NNN++N' },
  { model: 'v6.12', gvq: 4, create: { fpmr: false }, results: 'I+++NNN++N' },
  { model: 'v7.1', gvq: 0, results: '+NNNNNNN++' },
  { model: 'v7.1', gvq: 4, create: SME, results: 'I+++NNN+++' },
  { model: 'sme-guest-v12', gvq: 0, results: '+NNNNNNN++' },
  { model: 'sme-guest-v12', gvq: 4, create: SME, svcr: '0x0', results: 'I+++BN++++' },
  { model: 'sme-guest-v12', gvq: 4, create: SME, svcr: '0x1', results: 'I++NBN++++' },
  { model: 'sme-guest-v12', gvq: 4, create: { ...SME, fa64: true, sme2: true }, svcr: '0x3', results: 'I+++++++++' },
  { model: 'sme-guest-v12', gvq: 4, create: { ...SME, sme2: true }, svcr: '0x1', results: 'I++NBB++++' },
  { model: 'sme-guest-v12', gvq: 0, create: SME, svcr: '0x0', results: '+NNNBN+N++' },
  { model: 'sme-guest-v12', gvq: 0, create: SME, svcr: '0x1', results: 'I++NBN+N++' },
];

for (const { model, gvq, create = {}, svcr, results } of KINDS) {
  test(`${model}, gvq=${gvq}, ${JSON.stringify(create)}, SVCR=${svcr}: ${REGISTERS.join(' ')} give ${results}`, () => {
    const before = svcr === undefined ? [] : set('svcr', svcr);
    const { literal } = play(model, 'vhe', before, { gvq, hvq: 4, smeVl: 32, fpmr: true, create });
    const { sve, sme } = { sve: literal.features('0/0').sve_max_vl, sme: literal.features('0/0').sme_max_vl };
    assert.deepEqual([sve > 0, sme > 0], [gvq > 0, model === 'sme-guest-v12' && 'sme' in create]);
    REGISTERS.forEach((reg, index) => {
      // SVCR is written as it is: without a value.
      for (const event of [...get(reg), ...set(reg)]) {
        literal.step(event);
        assert.equal(literal.lastResult(), RESULTS[results[index] ?? ''], `${event.event} ${reg}`);
      }
    });
  });
}

test('Z, P and FFR are EPERM until KVM_ARM_VCPU_FINALIZE, which is done once', () => {
  const finalise: Short = [{ event: 'vcpu_finalize', vm: 0, vcpu: 0 }];
  const { literal } = play('v7.1', 'vhe', [], { gvq: 4, hvq: 4, create: { finalised: false } });
  const results = (events: Short): string[] =>
    events.map((event) => {
      literal.step(event);
      return literal.lastResult();
    });
  const all: Short = [...get('z0'), ...set('p0'), ...get('ffr'), ...get('v0'), ...get('fpsr'), ...get('zcr_el1')];
  assert.deepEqual(results(all), ['EPERM', 'EPERM', 'EPERM', 'EINVAL', 'ok', 'ok']);
  assert.deepEqual(results([...finalise, ...all]), ['ok', 'ok', 'ok', 'ok', 'EINVAL', 'ok', 'ok']);
  assert.deepEqual(results(finalise), ['EPERM']);
  const plain = play('v7.1', 'vhe', finalise, { gvq: 0, create: { finalised: false } });
  assert.equal(plain.literal.lastResult(), 'EINVAL');
});

const FULL = { gvq: 4, smeVl: 32, sme2: true, create: { ...SME, sme2: true } };

test('SVCR: RES0 bits are refused, a change of SM makes zero of what was written before it', () => {
  const { literal } = play('sme-guest-v12', 'vhe', [...set('svcr', '0x4')], FULL);
  assert.deepEqual([literal.lastResult(), literal.svcrOf('vcpu:0/0')], ['EINVAL', 0]);
  const right: Short = [...set('svcr', '0x3'), ...set('z0'), ...set('za'), ...set('svcr', '0x3')];
  assert.deepEqual(play('sme-guest-v12', 'vhe', right, FULL).broken, []);
  for (const wrong of [
    [...set('z0'), ...set('svcr', '0x1')],
    [...set('svcr', '0x2'), ...set('za'), ...set('svcr', '0x0'), ...set('svcr', '0x2')],
  ]) {
    assert.deepEqual(play('sme-guest-v12', 'vhe', wrong, FULL).broken, ['SM-01']);
  }
});

test('what userspace wrote is what the guest is given, in the format of the SVCR it wrote', () => {
  const written: Short = [...set('svcr', '0x3'), ...set('z0'), ...set('za')];
  const run: Short = [...load(0), { event: 'guest_enter', cpu }, { event: 'guest_fp', cpu, isa: 'sme' }];
  for (const mode of ['vhe', 'nvhe']) {
    const { literal, bytes, broken } = play('sme-guest-v12', mode, [...written, ...run], FULL);
    assert.deepEqual([literal.svcr(cpu), literal.za(cpu)], [3, 'vcpu:0/0']);
    // The task; ZA, ZT0 and the streaming registers without FFR.
    assert.equal(bytes, 520 + 32 * 32 + 64 + 544 * 2 + 8);
    assert.deepEqual(broken, []);
  }
});

test('a write makes the copy that put left in the registers an old one; a read does not, nor a write that failed', () => {
  const { literal } = play('v7.1', 'vhe', [...load(0), ...RUN_FP, ...PUT], { gvq: 4 });
  for (const event of [...get('z0'), ...set('v0'), ...set('zcr_el1')]) literal.step(event);
  assert.equal(literal.valid(cpu, 'vcpu:0/0'), true);
  for (const event of set('z0')) literal.step(event);
  assert.equal(literal.valid(cpu, 'vcpu:0/0'), false);
  assert.equal(literal.auth('vcpu:0/0'), 'mem');
});

test('register access while the value is live elsewhere is FP-23: the first posting leaves it in the registers', () => {
  const scenario: Short = [...load(0), ...RUN_FP, ...PUT, ...get('v0')];
  assert.ok(play('seed-v1', 'nvhe', scenario).broken.includes('FP-23'));
  assert.deepEqual(play('v6.10', 'nvhe', scenario).broken, []);
});

test('reset: with the vCPU loaded it is put and loaded again; DEBUG_DIRTY and guest_debug stay', () => {
  const reset: Short = [{ event: 'vcpu_reset', vm: 0, vcpu: 0 }];
  const used: Short = [...load(0), ...RUN_FP, { event: 'debug_dirty', cpu }];
  const loaded = play('v6.12-stable', 'vhe', [...used, ...reset]);
  assert.deepEqual([loaded.bytes, loaded.literal.owner(cpu), loaded.literal.loaded(cpu)], [1560, 'free', 'vcpu:0/0']);
  assert.deepEqual(loaded.literal.debug('0/0'), { debug_dirty: true });
  assert.equal(loaded.literal.valid(cpu, 'vcpu:0/0'), false);
  // Ownership is computed anew from an MDSCR_EL1 that is zero.
  assert.deepEqual(play('v7.1', 'vhe', [...used, ...reset]).literal.debug('0/0'), { debug_owner: 'free' });
  const away = play('v7.1', 'vhe', [...used, ...PUT, ...USER, ...reset]);
  assert.deepEqual([away.bytes, away.literal.registers(cpu)], [2080, `task:${TASK}`]);
  const svcr = play('sme-guest-v12', 'vhe', [...set('svcr', '0x3'), ...reset], FULL).literal;
  assert.equal(svcr.svcrOf('vcpu:0/0'), 0);
});

test('a nested transition saves and frees up to v7.1, and leaves everything alone from v7.2 on', () => {
  for (const event of ['nested_eret', 'nested_exception']) {
    const scenario: Short = [...load(0), ...RUN_FP, { event, cpu }];
    for (const model of ['v6.12-stable', 'v6.14', 'v6.16', 'v7.1']) {
      const { literal, bytes, broken } = play(model, 'vhe', scenario);
      assert.deepEqual([bytes, literal.owner(cpu), literal.last(cpu)], [1560, 'free', 'none'], model);
      assert.deepEqual(broken, []);
    }
    const { literal, bytes, broken } = play('v7.2', 'vhe', [...scenario, ...RUN]);
    assert.deepEqual([bytes, literal.owner(cpu), literal.last(cpu)], [1040, 'guest', 'vcpu:0/0']);
    assert.deepEqual(broken, []);
  }
});
