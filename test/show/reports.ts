/** Reports made by hand, for tests of what is done with a report. */

import type { Cause, Report, Violation } from '../../lib/report/report.ts';

/** The lazy host save of v6.10 under nVHE, nothing wrong with it. */
export const PASS: Report = {
  format: 2,
  model: { name: 'v6.10', mode: 'nvhe' },
  inputs: [{ name: '6.12-lazy-nvhe.ndjson', lines: 5696, events: 5695 }],
  verdict: 'pass',
  reasons: [],
  events: {
    guest_enter: 380,
    guest_exit: 380,
    guest_fp: 104,
    meta: 1,
    observe: 2641,
    task_switch: 1667,
    vcpu_load: 261,
    vcpu_put: 261,
  },
  transitions: {
    total: 236,
    by_edge: { 'free>guest': 1, 'free>host': 15, 'guest>host': 102, 'host>free': 16, 'host>guest': 102 },
    by_cause: { ctxflush: 16, fp_trap: 103, load: 117 },
    by_cpu: {
      '0': { 'free>host': 8, 'guest>host': 57, 'host>free': 8, 'host>guest': 57 },
      '1': { 'free>guest': 1, 'free>host': 7, 'guest>host': 45, 'host>free': 8, 'host>guest': 45 },
    },
  },
  debug: { switches: 168, by_edge: { 'guest>host': 84, 'host>guest': 84 } },
  causes: [],
  violations: [],
  violation_counts: {},
  cost: {
    total: {
      dsb: { count: 760 },
      fpsimd_load: { count: 214, bytes: 111280 },
      fpsimd_save: { count: 214, bytes: 111280 },
      hvc: { count: 760 },
      isb: { count: 1623 },
      sve_load: { count: 51, bytes: 111384 },
      sve_save: { count: 51, bytes: 111792 },
      sysreg_read: { count: 31021 },
      sysreg_write: { count: 36412 },
    },
    by_event: {},
    by_cpu: {},
    by_vcpu: {},
    sysregs: {
      CPTR_EL2: { read: 380, write: 760 },
      DBGBCR0_EL1: { read: 84, write: 168 },
      ESR_EL1: { read: 760, write: 760 },
      FAR_EL1: { read: 760, write: 760 },
      HCR_EL2: { read: 0, write: 760 },
      MDCR_EL2: { read: 760, write: 760 },
      SCTLR_EL1: { read: 760, write: 760 },
      VMPIDR_EL2: { read: 0, write: 760 },
      VTTBR_EL2: { read: 0, write: 760 },
      ZCR_EL1: { read: 51, write: 51 },
    },
  },
  observations: {
    checked: 2633,
    diverged: 0,
    learned: 8,
    by_field: {
      fp_owner: { checked: 1320, diverged: 0, learned: 0 },
      last: { checked: 1313, diverged: 0, learned: 8 },
    },
    diverging: [],
  },
  coverage: {
    rules_fired: [],
    steps_hit: ['load_fp'],
  },
  ledger: {
    implied: 0,
    inferred: 103,
    lost: 0,
    unknown_events: {},
    unknown_fields: {},
    not_modelled: {},
    unfollowed: {},
    weak_orderings: {},
    refused: {},
    skipped_checks: {},
    assumptions: {},
    unordered_ts: 0,
  },
};

const HOST_LOST: Violation = {
  rule: 'FP-07',
  severity: 'error',
  input: 0,
  line: 5,
  ts: 1200,
  cpu: 0,
  vm: 1,
  vcpu: 0,
  event: 'guest_fp_trap',
  message: 'host FP registers of task 41 overwritten before they were saved',
  expected: ['fp_owner = host, then a save to task 41'],
  state: { fp_owner: 'free', registers: 'task:41' },
  source: 'kvm_hyp_handle_fpsimd',
  cause: 1,
  followed: 4,
};

const UNBOUND: Violation = {
  rule: 'FP-13',
  severity: 'error',
  input: 0,
  line: 6,
  ts: '18446744073709551615',
  cpu: 0,
  vm: 1,
  vcpu: 0,
  event: 'guest_exit',
  message:
    'the registers hold vcpu 1/0, which the host does not know: fpsimd_last_state.st is none, so that the next user of the registers overwrites the only copy of its state',
  expected: ['fpsimd_last_state.st = vcpu:1/0', 'TIF_FOREIGN_FPSTATE set for task 41'],
  state: { fp_owner_kernel: 'host', fp_owner_hyp: 'guest', last: 'none', tif_foreign: 'true', registers: 'vcpu:1/0' },
  source: 'kvm_arch_vcpu_ctxsync_fp',
  cause: 1,
  followed: 0,
};

const SPURIOUS: Violation = {
  rule: 'FP-06',
  severity: 'warning',
  input: 0,
  line: 8,
  event: 'guest_fp_trap',
  message: 'a trap although the guest owns the registers',
  expected: [],
  state: {},
  source: 'kvm_hyp_handle_fpsimd',
  cause: 2,
  followed: 0,
};

const INSTANCES: Cause = {
  cause: 1,
  kind: 'instances',
  title: 'kernel code writes kvm_host_data where hyp code reads __kvm_nvhe_kvm_host_data',
  entity: 'kvm_host_data of CPU 0',
  severity: 'error',
  cpus: [0],
  steps: [
    {
      input: 0,
      line: 3,
      cpu: 0,
      source: 'kvm_arch_vcpu_load_fp',
      verb: 'wrote',
      text: 'fp_owner = host in kvm_host_data',
    },
    {
      input: 0,
      line: 5,
      ts: 1200,
      cpu: 0,
      event: 'guest_fp_trap',
      source: 'kvm_hyp_handle_fpsimd',
      verb: 'should have saved',
      text: 'task 41, and read fp_owner = free in __kvm_nvhe_kvm_host_data',
    },
    { input: 0, line: 6, source: '', verb: 'overwrote', text: 'the only copy of the registers of task 41' },
  ],
  consequences: { 'FP-07': 5, 'FP-13': 1, diverged: 1 },
  prevented_by: [
    {
      switch: 'accessor',
      value: 'ok',
      models: ['v6.10', 'v6.12', 'v6.14', 'v6.16'],
      source: 'host_data_ptr',
      commit: '87f842c6c654',
    },
  ],
};

const WASTE: Cause = {
  cause: 2,
  kind: 'FP-06 kvm_hyp_handle_fpsimd',
  title: SPURIOUS.message,
  entity: 'CPU 0',
  severity: 'warning',
  cpus: [0],
  steps: [{ input: 0, line: 8, event: 'guest_fp_trap', source: SPURIOUS.source, verb: '', text: SPURIOUS.message }],
  consequences: { 'FP-06': 1 },
};

/** The first posting of the series under nVHE, cut down: the kernel and the hypervisor use two instances. */
export const FAIL: Report = {
  ...PASS,
  model: { name: 'seed-v1', mode: 'nvhe' },
  inputs: [{ name: 'seed-v1.ndjson', lines: 9, events: 8 }],
  verdict: 'fail',
  reasons: ['2 violations of severity error: FP-07, FP-13', '1 observed value diverged: fp_owner_kernel'],
  events: { guest_enter: 1, guest_exit: 1, guest_fp_trap: 2, observe: 1, vcpu_load: 1, vcpu_put: 1 },
  transitions: {
    total: 2,
    by_edge: { 'free>guest': 1, 'unknown>host': 1 },
    by_cause: { ctxflush: 0, fp_trap: 1, load: 1 },
    by_cpu: { '0': { 'free>guest': 1, 'unknown>host': 1 } },
  },
  debug: { switches: 0, by_edge: {} },
  causes: [INSTANCES, WASTE],
  violations: [HOST_LOST, UNBOUND, SPURIOUS],
  violation_counts: {
    'FP-06': { total: 1, listed: 1, followed: 0 },
    'FP-07': { total: 5, listed: 1, followed: 4 },
    'FP-13': { total: 1, listed: 1, followed: 0 },
  },
  cost: {
    ...PASS.cost,
    total: { fpsimd_load: { count: 1, bytes: 520 }, isb: { count: 2 }, sysreg_read: { count: 9 } },
    sysregs: { CPTR_EL2: { read: 1, write: 3 } },
  },
  observations: {
    checked: 3,
    diverged: 1,
    learned: 0,
    by_field: { fp_owner_kernel: { checked: 3, diverged: 1, learned: 0 } },
    diverging: [
      {
        input: 0,
        line: 7,
        ts: 1300,
        cpu: 0,
        event: 'observe',
        field: 'fp_owner_kernel',
        observed: 'free',
        predicted: 'host',
        cause: 1,
        recent: [
          'line 3: vcpu_load cpu=0 vm=1 vcpu=0',
          'line 5: guest_fp_trap cpu=0 vm=1 vcpu=0',
          'line 6: guest_exit cpu=0 vm=1 vcpu=0',
        ],
      },
    ],
  },
  coverage: { ...PASS.coverage, rules_fired: ['FP-06', 'FP-07', 'FP-13'] },
  ledger: { ...PASS.ledger, implied: 2, inferred: 0 },
};

/** A trace with holes, in two files. */
export const INCONCLUSIVE: Report = {
  ...PASS,
  inputs: [
    { name: 'host-0.ndjson', lines: 1200, events: 1199 },
    { name: 'host-1.ndjson.gz', lines: 34, events: 34 },
  ],
  verdict: 'inconclusive',
  reasons: ['12 events lost', '3 events of unknown name', '40 checks skipped: a value they need was unknown'],
  observations: { checked: 0, diverged: 0, learned: 0, by_field: {}, diverging: [] },
  ledger: {
    implied: 1,
    inferred: 0,
    lost: 12,
    unknown_events: { kvm_timer: 2, vgic_update: 1 },
    unknown_fields: { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 },
    not_modelled: { nested_eret: 1 },
    unfollowed: { 'guest_exit: which vCPU is loaded is unknown': 2 },
    weak_orderings: {},
    refused: {},
    skipped_checks: { 'FP-03': 30, 'FP-13': 10 },
    assumptions: { 'a task that loads a vCPU and is new to the trace comes from user mode': 2 },
    unordered_ts: 1,
  },
};

/** More violations than a screen holds. */
export const MANY: Report = {
  ...FAIL,
  causes: Array.from({ length: 25 }, (_, index) => ({
    ...WASTE,
    cause: index + 1,
    cpus: Array.from({ length: index }, (_, cpu) => cpu),
    consequences: { 'FP-07': 481 },
    ...(index === 1 && { prevented_by: [] }),
  })),
  violations: Array.from({ length: 25 }, (_, index) => ({
    ...HOST_LOST,
    line: index + 1,
    cause: index + 1,
    followed: 0,
  })),
  violation_counts: {
    'FP-07': { total: 12025, listed: 25, followed: 0 },
    'HD-02': { total: 3, listed: 0, followed: 3 },
  },
};

/** Every string is what an attacker may put into a trace: terminal control, C1, bidi, and very long. */
export function hostile(): Report {
  const evil = '\u001b[31m\r\b\u009b2J\u202eabc\u0007';
  return {
    ...FAIL,
    model: { name: evil, mode: evil },
    inputs: [{ name: evil, lines: 1, events: 1 }],
    reasons: [evil],
    transitions: { total: 1, by_edge: { [evil]: 1 }, by_cause: { [evil]: 1 }, by_cpu: { [evil]: { [evil]: 1 } } },
    debug: { switches: 1, by_edge: { [evil]: 1 } },
    causes: [
      {
        ...INSTANCES,
        title: evil,
        steps: [{ input: 0, line: 1, event: evil, source: evil, verb: 'wrote', text: `${evil}${'z'.repeat(100_000)}` }],
      },
    ],
    violations: [
      {
        ...HOST_LOST,
        rule: evil,
        message: evil,
        expected: [evil],
        state: { [evil]: evil },
        source: evil,
        event: evil,
        ts: evil,
      },
    ],
    violation_counts: { [evil]: { total: 9, listed: 1, followed: 0 } },
    cost: { ...FAIL.cost, total: { [evil]: { count: 1 } }, sysregs: { [evil]: { read: 1, write: 1 } } },
    observations: {
      ...FAIL.observations,
      diverging: [
        {
          input: 0,
          line: 1,
          event: evil,
          field: evil,
          observed: evil,
          predicted: evil,
          cause: 1,
          recent: [evil, 'x'.repeat(100_000)],
        },
      ],
    },
    ledger: { ...FAIL.ledger, unknown_events: { [evil]: 1 }, unknown_fields: { ['y'.repeat(100_000)]: 1 } },
  };
}

/** Many CPUs, of which the table has room for a few. */
export const WIDE: Report = {
  ...PASS,
  transitions: {
    ...PASS.transitions,
    total: 64 * 65 * 1000,
    by_edge: { 'guest>host': 32 * 65 * 1000, 'host>guest': 32 * 65 * 1000 },
    by_cpu: Object.fromEntries(
      Array.from({ length: 64 }, (_, cpu) => [cpu, { 'guest>host': (cpu + 1) * 1000, 'host>guest': (cpu + 1) * 1000 }]),
    ),
  },
};
