/** KVM_GET/SET_ONE_REG of FP registers (semantics 5.14): bytes, errors, and what the order of a restore loses. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import { traceFrom } from '../support/replay.ts';
import { replayOn } from './numbers.ts';

const SVE_VL = 64;
const SME_VL = 128;
const META = { event: 'meta', format: 1, sve_vl: SVE_VL, sme_vl: SME_VL, features: ['fpmr'] };

type Kind = 'plain' | 'sve' | 'sme' | 'sveAndSme';
const KINDS: Readonly<Record<Kind, object>> = {
  plain: {},
  sve: { sve: true, sve_vl: SVE_VL },
  sme: { sme: true, sme_vl: SME_VL },
  sveAndSme: { sve: true, sve_vl: SVE_VL, sme: true, sme2: true, sme_vl: SME_VL },
};

interface Setting {
  readonly kind: Kind;
  readonly fa64?: boolean;
  /** Written first. */
  readonly svcr?: '0x0' | '0x1' | '0x2' | '0x3';
}

function replayAccesses(model: string, { kind, fa64 = false, svcr }: Setting, accesses: readonly object[]): Report {
  const restored = svcr === undefined ? [] : [{ event: 'reg_set', vcpu: 0, reg: 'svcr', value: svcr }];
  const vcpu = { event: 'vcpu_create', vm: 0, vcpu: 0, ...KINDS[kind], fa64 };
  return replayOn(traceFrom([META, vcpu, ...restored, ...accesses]), model, 'vhe');
}

/** What KVM_GET_ONE_REG gives: the bytes that the kernel copies, or the error. KVM_SET_ONE_REG must give the same. */
function access(model: string, setting: Setting, reg: string): number | string {
  const get = replayAccesses(model, setting, [{ event: 'reg_get', vcpu: 0, reg }]);
  const set = replayAccesses(model, setting, [{ event: 'reg_set', vcpu: 0, reg, value: '0x0' }]);
  const restore = setting.svcr === undefined ? 0 : 8;
  assert.deepEqual(set.ledger.refused, get.ledger.refused, reg);
  assert.equal(
    (set.cost.by_event.reg_set?.reg_set?.bytes ?? 0) - restore,
    get.cost.by_event.reg_get?.reg_get?.bytes ?? 0,
  );
  const [error] = Object.keys(get.ledger.refused);
  return error ?? get.cost.by_event.reg_get?.reg_get?.bytes ?? 0;
}

const table = (model: string, setting: Setting, registers: string): Record<string, number | string> =>
  Object.fromEntries(registers.split(' ').map((reg) => [reg, access(model, setting, reg)]));

const ALL = 'v0 z0 p0 ffr za zt0 svcr zcr_el1 fpsr fpcr fpmr';
const NO_SME = { za: 'ENOENT', zt0: 'ENOENT', svcr: 'ENOENT' };
const CONTROL = { fpsr: 4, fpcr: 4 };

for (const [model, fpmr] of [
  ['v5.18', 'ENOENT'],
  ['v6.10', 'ENOENT'],
  ['v6.12', 8],
  ['v7.1', 8],
  ['sme-guest-v12', 8],
] as const) {
  test(`${model}: a vCPU without SVE has V registers, one with SVE has Z, P and FFR at its own length`, () => {
    const plain = { v0: 16, z0: 'ENOENT', p0: 'ENOENT', ffr: 'ENOENT', zcr_el1: 'ENOENT' };
    assert.deepEqual(table(model, { kind: 'plain' }, ALL), { ...plain, ...NO_SME, ...CONTROL, fpmr });
    const sve = { v0: 'EINVAL', z0: SVE_VL, p0: SVE_VL / 8, ffr: SVE_VL / 8, zcr_el1: 8 };
    assert.deepEqual(table(model, { kind: 'sve' }, ALL), { ...sve, ...NO_SME, ...CONTROL, fpmr });
  });
}

const MODEL = 'sme-guest-v12';

test('SVE and SME: the length of Z and P is that of SVCR.SM, ZA and ZT0 need SVCR.ZA', () => {
  const both = { ...CONTROL, svcr: 8, zcr_el1: 8, fpmr: 8, v0: 'EINVAL' };
  const vectors = (length: number) => ({ z0: length, p0: length / 8, ffr: length / 8 });
  const disabled = { za: 'EBUSY', zt0: 'EBUSY' };
  const enabled = { za: SME_VL, zt0: 64 };
  const on = (setting: Omit<Setting, 'kind'>) => table(MODEL, { kind: 'sveAndSme', ...setting }, ALL);
  assert.deepEqual(on({}), { ...both, ...vectors(SVE_VL), ...disabled });
  assert.deepEqual(on({ svcr: '0x2' }), { ...both, ...vectors(SVE_VL), ...enabled });
  assert.deepEqual(on({ svcr: '0x1' }), { ...both, ...vectors(SME_VL), ffr: 'ENOENT', ...disabled });
  assert.deepEqual(on({ svcr: '0x3', fa64: true }), { ...both, ...vectors(SME_VL), ...enabled });
});

test('SME without SVE: V outside of streaming mode, Z and P in it; no ZT0 without SME2', () => {
  const registers = 'v0 z0 p0 ffr zcr_el1 zt0';
  const none = { ffr: 'ENOENT', zcr_el1: 'ENOENT', zt0: 'ENOENT' };
  assert.deepEqual(table(MODEL, { kind: 'sme', svcr: '0x2' }, registers), {
    ...none,
    ...{ v0: 16, z0: 'ENOENT', p0: 'ENOENT' },
  });
  assert.deepEqual(table(MODEL, { kind: 'sme', svcr: '0x3' }, registers), {
    ...none,
    ...{ v0: 'EINVAL', z0: SME_VL, p0: SME_VL / 8 },
  });
});

test('reserved bits of SVCR are EINVAL, and SVCR stays what it was', () => {
  const report = replayAccesses(MODEL, { kind: 'sveAndSme' }, [
    { event: 'reg_set', vcpu: 0, reg: 'svcr', value: '0x6' },
    { event: 'reg_get', vcpu: 0, reg: 'za' },
  ]);
  assert.deepEqual(report.ledger.refused, { EINVAL: 1, EBUSY: 1 });
});

const set = (reg: string, value: string) => ({ event: 'reg_set', vcpu: 0, reg, value });

/** Orders of a restore into a vCPU with SVE and SME, and the rules that they break. */
const ORDERS: readonly { what: string; order: readonly object[]; rules: readonly string[] }[] = [
  { what: 'SVCR, then Z', order: [set('svcr', '0x1'), set('z0', '0x1')], rules: [] },
  { what: 'Z, then SVCR with SM changed', order: [set('z0', '0x1'), set('svcr', '0x1')], rules: ['SM-01'] },
  { what: 'Z, then SVCR with SM as it was', order: [set('z0', '0x1'), set('svcr', '0x2')], rules: [] },
  { what: 'P, then SVCR with SM changed', order: [set('p3', '0x1'), set('svcr', '0x3')], rules: ['SM-01'] },
  {
    what: 'ZA, then ZA off and on',
    order: [set('svcr', '0x2'), set('za', '0x1'), set('svcr', '0x0'), set('svcr', '0x2')],
    rules: ['SM-01'],
  },
  { what: 'ZA before SVCR', order: [set('za', '0x1'), set('svcr', '0x2')], rules: ['SM-02'] },
  {
    what: 'Z again after SVCR',
    order: [set('svcr', '0x1'), set('z0', '0x1'), set('z0', '0x2')],
    rules: [],
  },
];

for (const { what, order, rules } of ORDERS) {
  test(`restore of ${what}: ${rules.length === 0 ? 'nothing is lost' : rules.join(', ')}`, () => {
    const { violation_counts } = replayAccesses(MODEL, { kind: 'sveAndSme' }, order);
    assert.deepEqual(Object.keys(violation_counts), rules);
  });
}

const run = [
  { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
  { event: 'guest_enter', cpu: 0 },
  { event: 'guest_fp', cpu: 0 },
  { event: 'guest_exit', cpu: 0 },
];

test('an access while the vCPU is loaded breaks FP-23, one after its put does not', () => {
  for (const model of ['v5.18', 'v6.10', 'v6.14', 'v7.1']) {
    const get = { event: 'reg_get', vcpu: 0, reg: 'v0' };
    const loaded = replayAccesses(model, { kind: 'plain' }, [...run, get]);
    assert.deepEqual(Object.keys(loaded.violation_counts), ['FP-23'], model);
    const put = replayAccesses(model, { kind: 'plain' }, [...run, { event: 'vcpu_put', cpu: 0 }, get]);
    assert.deepEqual(put.violations, [], model);
  }
});

test('a reset leaves SVCR 0: ZA is not accessible after it', () => {
  const report = replayAccesses(MODEL, { kind: 'sveAndSme', svcr: '0x2' }, [
    { event: 'vcpu_reset', vcpu: 0 },
    { event: 'reg_get', vcpu: 0, reg: 'za' },
  ]);
  assert.deepEqual(report.ledger.refused, { EBUSY: 1 });
});
