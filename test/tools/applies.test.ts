import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findModel, MODELS } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import { type Applies, appliesTo } from '../../lib/tools/applies.ts';
import { replay, run, traceFrom } from '../support/replay.ts';

function applies(name: string, mode: Mode): Applies {
  const model = findModel(name);
  assert.ok(model);
  return appliesTo(model.profile, mode);
}

test('every kernel has events, rules and costs, and they differ where the kernels do', () => {
  for (const { modes, profile } of MODELS) {
    for (const mode of modes) {
      const { events, rules, costs } = appliesTo(profile, mode);
      for (const name of ['vcpu_load', 'guest_enter', 'guest_fp', 'observe']) assert.ok(events.includes(name));
      for (const list of [events, rules, costs.steps, costs.primitives]) {
        assert.ok(list.length > 10);
        assert.equal(new Set(list).size, list.length);
      }
    }
  }
  assert.ok(applies('v6.12', 'vhe').events.includes('map_fp'));
  assert.ok(!applies('v6.16', 'vhe').events.includes('map_fp'));
  assert.ok(applies('v6.12', 'nvhe').events.includes('host_buffers'));
  assert.ok(!applies('v6.12', 'vhe').events.includes('host_buffers'));
  assert.ok(applies('v6.10', 'pkvm').events.includes('cpu_on'));
  assert.ok(!applies('v6.10', 'nvhe').events.includes('cpu_on'));
  assert.ok(applies('v6.10', 'vhe').costs.primitives.includes('debug_save'));
  assert.ok(!applies('v6.14', 'vhe').costs.primitives.includes('debug_flags'));
});

test('steps and rules of a run are among those that apply', () => {
  const trace = traceFrom([
    { event: 'meta', format: 1, sve_vl: 64, features: ['fpmr'] },
    { event: 'hyp_init', cpu: 0 },
    { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true },
    { event: 'map_fp', vm: 0, vcpu: 0, task: 41 },
    { event: 'vcpu_load', cpu: 0, vcpu: 0, task: 41 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_fp', cpu: 0, isa: 'sve' },
    { event: 'debug_dirty', cpu: 0 },
    { event: 'guest_enter', cpu: 0 },
    { event: 'guest_exit', cpu: 0, ec: '0x24' },
    { event: 'vcpu_put', cpu: 0 },
    { event: 'return_to_user', cpu: 0, task: 41 },
  ]);
  for (const model of MODELS) {
    for (const mode of model.modes) {
      const { rules, costs } = appliesTo(model.profile, mode);
      const { report, checks } = run(trace, { model, mode });
      for (const { rule } of checks.filter(({ checked }) => checked > 0))
        assert.ok(rules.includes(rule.id), `${model.name} ${mode} ${rule.id}`);
      for (const name of Object.keys(report.cost.total)) {
        const isSum = ['isb', 'hvc', 'dsb', 'sysreg_read', 'sysreg_write'].includes(name);
        assert.ok(isSum || costs.primitives.includes(name), `${model.name} ${mode} ${name}`);
      }
    }
  }
});

test('an event that does not apply does nothing', () => {
  const lines = [
    { event: 'hyp_init', cpu: 0 },
    { event: 'map_fp', vm: 0, vcpu: 0, task: 41 },
    { event: 'pmuserenr', cpu: 0, value: '0x1' },
    { event: 'host_svcr', cpu: 0, za: 1 },
  ];
  for (const model of MODELS) {
    const mode = model.modes.at(-1) as Mode;
    const { events } = appliesTo(model.profile, mode);
    for (const line of lines.slice(1)) {
      if (events.includes(line.event)) continue;
      const without = replay(traceFrom(lines.slice(0, 1)), { model, mode });
      const with_ = replay(traceFrom([lines[0] as object, line]), { model, mode });
      assert.deepEqual([with_.cost.total, with_.transitions], [without.cost.total, without.transitions], line.event);
    }
  }
});
