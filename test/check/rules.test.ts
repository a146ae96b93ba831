/** The table of rules: complete, in order, and true to the semantics about where each applies. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vcpuAt } from '../../lib/check/rule.ts';
import { registersHold, who } from '../../lib/check/rules/words.ts';
import { RULES } from '../../lib/check/rules.ts';
import { createCpu } from '../../lib/kernel/state/cpu.ts';
import { anybody, createKernelNeon, nobody, UNNAMED } from '../../lib/kernel/state/entity.ts';
import { MOMENTS } from '../../lib/kernel/state/moments.ts';
import { createTask } from '../../lib/kernel/state/task.ts';
import { createVcpu } from '../../lib/kernel/state/vcpu.ts';
import { findModel, MODELS } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';

test('every rule has a name of its own, a statement, a source, and moments at which it looks', () => {
  const ids = RULES.map(({ id }) => id);
  assert.deepEqual([...new Set(ids)], ids);
  for (const { id, title, statement, appliesTo, derives, at, severity } of RULES) {
    assert.match(id, /^(FP|DB|HD|LC|SM)-\d\d$/);
    assert.ok(['error', 'warning', 'suspicious'].includes(severity), id);
    for (const text of [title, statement, appliesTo, derives]) assert.ok(text.trim() !== '', id);
    assert.match(statement, /\.\)?$/, id);
    assert.ok(at.length > 0 && at.every((moment) => MOMENTS.includes(moment)), id);
  }
});

test('rules stand in the order of the semantics', () => {
  const ids = RULES.map(({ id }) => id);
  for (const family of ['FP', 'DB', 'HD', 'LC', 'SM']) {
    const members = ids.filter((id) => id.startsWith(family));
    assert.deepEqual(members, members.slice().sort(), family);
  }
});

/** Rules of which semantics 7 says where they do not apply. */
const LIMITED: readonly (readonly [string, string, Mode, boolean])[] = [
  ['FP-03', 'v6.10', 'pkvm', false],
  ['FP-03', 'v6.2', 'pkvm', true],
  ['FP-07', 'v7.1', 'pkvm', false],
  ['FP-08', 'v6.10', 'nvhe', true],
  ['FP-08', 'v6.14', 'nvhe', false],
  ['FP-16', 'v6.2', 'vhe', true],
  ['FP-16', 'v6.2', 'nvhe', false],
  ['FP-19', 'v6.12', 'vhe', true],
  ['FP-19', 'v6.10', 'vhe', false],
  ['FP-22', 'v6.10', 'pkvm', true],
  ['FP-22', 'v6.10', 'nvhe', false],
  ['FP-25', 'v6.14', 'vhe', true],
  ['FP-25', 'v6.2', 'vhe', false],
  ['FP-26', 'v5.18', 'vhe', true],
  ['FP-26', 'v6.2', 'vhe', false],
  ['DB-02', 'v6.12-stable', 'vhe', true],
  ['DB-02', 'v6.14', 'vhe', false],
  ['DB-06', 'v6.14', 'vhe', true],
  ['DB-06', 'v6.14', 'nvhe', false],
  ['HD-01', 'v6.2', 'nvhe', false],
  ['HD-02', 'v6.2', 'vhe', false],
  ['HD-03', 'v6.2', 'vhe', false],
  ['HD-03', 'v6.2', 'nvhe', true],
  ['HD-03', 'v6.10', 'vhe', true],
  ['LC-02', 'v6.10', 'vhe', true],
  ['LC-02', 'v6.16', 'vhe', false],
  ['LC-04', 'v6.2', 'vhe', true],
  ['LC-04', 'v6.10', 'vhe', false],
  ['SM-01', 'sme-guest-v12', 'vhe', true],
  ['SM-01', 'v7.1', 'vhe', false],
];

test('rules apply to the models and modes that the semantics names', () => {
  for (const [id, name, mode, applies] of LIMITED) {
    const rule = RULES.find((rule) => rule.id === id);
    const model = findModel(name);
    assert.ok(rule !== undefined && model !== undefined);
    assert.equal(rule.applies(model.profile, mode), applies, `${id}, ${name} ${mode}`);
  }
  for (const { id, appliesTo, applies } of RULES.filter(({ appliesTo }) => appliesTo === 'all')) {
    for (const { profile, modes } of MODELS)
      assert.ok(
        modes.every((mode) => applies(profile, mode)),
        `${id}: ${appliesTo}`,
      );
  }
});

test('whose registers they are, in words', () => {
  const names = [
    createTask(41),
    createTask(UNNAMED),
    createVcpu(1, 2),
    nobody,
    anybody,
    createKernelNeon(7),
    createKernelNeon(-3),
  ];
  assert.deepEqual(names.map(who), [
    ...['task 41', 'the current task', 'vCPU 1/2', 'none', 'unknown'],
    ...['kernel NEON of task:7', 'kernel NEON in softirq'],
  ]);
  const cpu = createCpu(0, true, true);
  cpu.holder = { ...createTask(41), generation: 3 };
  cpu.generation = 3;
  assert.equal(registersHold(cpu), 'task 41');
  cpu.generation = 2;
  assert.equal(registersHold(cpu), 'an old value of task 41');
  cpu.holder = nobody;
  assert.equal(registersHold(cpu), 'nobody');
});

test('a rule that asks for a vCPU where there is none is a bug, and says so', () => {
  assert.throws(() => vcpuAt(createCpu(0, true, true)), /without a vCPU/);
});
