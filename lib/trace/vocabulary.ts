/**
 * The vocabulary of trace format 1: the one table from which the decoder, the encoder, the fast scanner, the JSON Schema and
 * README's table are derived. Adding an event is adding a row here and its step in `lib/kernel/events`.
 */

/** How a field is written in JSON, and what is accepted for it. */
export type FieldType =
  | {
      readonly kind: 'integer';
      readonly min: number;
      readonly max: number;
      readonly multipleOf?: number;
      readonly unit?: string;
    }
  | { readonly kind: 'boolean' }
  /** 0 or 1, the value of a register bit. */
  | { readonly kind: 'bit' }
  /** A truth value that may be written either way: true, false, 0 or 1. */
  | { readonly kind: 'flag' }
  /** Nanoseconds: an integer, or a decimal string above 2^53-1. */
  | { readonly kind: 'timestamp' }
  /** A string "0x..." of at most `bits` bits. */
  | { readonly kind: 'hex'; readonly bits: number }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  /** `none`, `task:PID` or `vcpu:VM/VCPU`: what `fpsimd_last_state.st` points at. */
  | { readonly kind: 'entity' }
  | { readonly kind: 'string' }
  /** A string that is kept: what something is called. */
  | { readonly kind: 'name' }
  | { readonly kind: 'strings' };

export interface FieldRow {
  readonly type: FieldType;
  readonly doc: string;
}

const MAX_ID = Number.MAX_SAFE_INTEGER;
const id = { kind: 'integer', min: 0, max: MAX_ID } as const;
const boolean = { kind: 'boolean' } as const;
const bit = { kind: 'bit' } as const;
/** Vector lengths are multiples of 16 bytes up to 256 (Arm ARM, ZCR_ELx.LEN and SMCR_ELx.LEN). */
const vectorLength = { kind: 'integer', min: 16, max: 256, multipleOf: 16, unit: 'bytes' } as const;

export const FP_OWNERS = ['free', 'host', 'guest'] as const;
export const ISAS = ['fpsimd', 'sve', 'sme'] as const;
/** enum fp_type, without FP_STATE_CURRENT. */
export const FP_TYPES = ['fpsimd', 'sve'] as const;
/** Register sets that PTRACE_SETREGSET writes: NT_PRFPREG, NT_ARM_SVE, NT_ARM_SSVE, NT_ARM_ZA, NT_ARM_ZT. */
export const REGSETS = ['fpsimd', 'sve', 'ssve', 'za', 'zt'] as const;
/** What a capture can have read of a transfer of a task's registers. */
const TRANSFER = ['fp_type', 'sm', 'za'] as const;
/** Register names of `reg_get` and `reg_set`. */
export const REGISTERS: readonly string[] = [
  ...Array.from({ length: 32 }, (_, n) => `v${n}`),
  ...Array.from({ length: 32 }, (_, n) => `z${n}`),
  ...Array.from({ length: 16 }, (_, n) => `p${n}`),
  'ffr',
  'za',
  'zt0',
  'svcr',
  'zcr_el1',
  'fpsr',
  'fpcr',
  'fpmr',
];
/** Names of `meta.features`; `no_` before one takes it away. */
export const FEATURES = [
  ...(['pmuv3', 'fgt', 'fgt2', 'amu', 'hcx', 'ras', 'mpam', 'fpmr', 'poe', 'exs'] as const),
  ...(['sme2', 'fa64', 'spe', 'trbe', 'brbe', 'nested'] as const),
] as const;
export type Feature = (typeof FEATURES)[number];

/** Highest physical CPU number of the format. */
export const MAX_CPU = 4095;

/**
 * What an import says of what it left out: not understood; understood but no event; taken for granted, of the trace, of its
 * kernel, and of the mode of its hypervisor.
 */
export const LEFT_OUT = ['unknown', 'unfollowed', 'assumed', 'presumed', 'presumed_mode'] as const;

const fpOwner = { kind: 'enum', values: FP_OWNERS } as const;

/** Every field of the format. A name means the same in every event that has it. */
export const FIELDS = {
  cpu: { type: { kind: 'integer', min: 0, max: MAX_CPU }, doc: 'physical CPU' },
  vm: { type: id, doc: 'the VM of the vCPU; 0 where absent' },
  vcpu: { type: id, doc: 'the vCPU (vcpu_id) within its VM' },
  task: { type: id, doc: "host task (pid); 0 is that CPU's idle task" },
  reuses: { type: id, doc: 'the task, gone since, whose struct task_struct the new one was given' },
  ts: { type: { kind: 'timestamp' }, doc: 'time in ns; for the reader and for merging files' },
  inferred: { type: boolean, doc: 'this event was not seen but deduced' },
  note: { type: { kind: 'string' }, doc: 'free text for people; never interpreted' },

  format: { type: { kind: 'integer', min: 1, max: 1 }, doc: 'version of the trace format: 1' },
  model: { type: { kind: 'string' }, doc: 'kernel model the trace was taken on (worldswitch models)' },
  mode: { type: { kind: 'string' }, doc: 'hypervisor mode: vhe, nvhe, hvhe or pkvm' },
  cpus: { type: { kind: 'integer', min: 1, max: MAX_CPU + 1 }, doc: 'number of physical CPUs' },
  brps: { type: { kind: 'integer', min: 1, max: 16 }, doc: 'breakpoint register pairs (default 6)' },
  wrps: { type: { kind: 'integer', min: 1, max: 16 }, doc: 'watchpoint register pairs (default 4)' },
  features: {
    type: { kind: 'strings' },
    doc: `features of the machine: ${FEATURES.join(', ')}; pmuv3 unless there is no_pmuv3`,
  },
  records: {
    type: { kind: 'strings' },
    doc: 'the kinds of event that the trace shows wherever they happen; absent: all',
  },
  source: { type: { kind: 'string' }, doc: 'how the trace was taken' },

  sve: { type: boolean, doc: 'the vCPU has SVE' },
  sme: { type: boolean, doc: 'the vCPU has SME' },
  sme2: { type: boolean, doc: 'the vCPU has SME2 (ZT0)' },
  fa64: { type: boolean, doc: 'the vCPU has FEAT_SME_FA64' },
  fpmr: { type: boolean, doc: 'the VM has FEAT_FPMR; where absent, it has it if the machine does' },
  aarch32: { type: boolean, doc: 'the vCPU runs AArch32 at EL1' },
  nested: { type: boolean, doc: 'the vCPU has nested virtualisation' },
  protected: { type: boolean, doc: 'the VM is a protected VM (pKVM)' },
  finalised: {
    type: boolean,
    doc: 'KVM_ARM_VCPU_FINALIZE was done, without which there is no SVE state; where absent: yes',
  },
  sve_vl: { type: vectorLength, doc: 'largest SVE vector length; absent in meta: no SVE' },
  sme_vl: { type: vectorLength, doc: 'largest streaming vector length; absent in meta: no SME' },

  ec: { type: { kind: 'hex', bits: 6 }, doc: 'ESR_ELx.EC' },
  maybe: { type: boolean, doc: 'it may have happened here, or not: what was seen does not tell' },
  irqs_off: { type: boolean, doc: 'interrupts were masked at this point' },
  preemptible: { type: boolean, doc: 'the kernel was preemptible at this point' },
  reason: { type: { kind: 'string' }, doc: 'why the guest exited, where there is no ec' },
  isa: { type: { kind: 'enum', values: ISAS }, doc: 'which instructions: fpsimd (default), sve or sme' },
  sm: { type: bit, doc: 'SVCR.SM' },
  za: { type: bit, doc: 'SVCR.ZA' },
  mde: { type: bit, doc: 'MDSCR_EL1.MDE' },
  kde: { type: bit, doc: 'MDSCR_EL1.KDE' },
  locked: { type: { kind: 'flag' }, doc: 'OSLSR_EL1.OSLK after the write' },
  singlestep: { type: boolean, doc: 'KVM_GUESTDBG_SINGLESTEP' },
  use_hw: { type: boolean, doc: 'KVM_GUESTDBG_USE_HW' },
  softirq: { type: boolean, doc: 'in softirq context, not in that of the task' },
  fp_type: {
    type: { kind: 'enum', values: FP_TYPES },
    doc: "as what the task's registers are saved or loaded here: thread.fp_type, or TIF_SVE up to v6.1",
  },
  regset: {
    type: { kind: 'enum', values: REGSETS },
    doc: 'which registers the tracer writes: fpsimd (default), sve, ssve (those of streaming mode), za or zt',
  },
  next: { type: id, doc: 'pid of the task switched to' },
  spe: { type: boolean, doc: 'Statistical Profiling Extension buffer in use by the host' },
  trbe: { type: boolean, doc: 'trace buffer in use by the host' },
  brbe: { type: boolean, doc: 'branch record buffer in use by the host' },
  reg: { type: { kind: 'enum', values: REGISTERS }, doc: 'register of KVM_GET/SET_ONE_REG' },
  value: { type: { kind: 'hex', bits: 64 }, doc: 'register value' },
  fp_owner: { type: fpOwner, doc: 'fp_owner in the instance that the hypervisor uses' },
  fp_owner_kernel: { type: fpOwner, doc: "fp_owner in the instance that the kernel's accessor reaches" },
  fp_owner_hyp: { type: fpOwner, doc: 'fp_owner in the instance that hyp code reaches' },
  last: { type: { kind: 'entity' }, doc: 'fpsimd_last_state.st: none, task:PID or vcpu:VM/VCPU' },
  tif_foreign: { type: boolean, doc: 'TIF_FOREIGN_FPSTATE of the current task' },
  debug_dirty: { type: boolean, doc: 'DEBUG_DIRTY of the loaded vCPU' },
  debug_owner: { type: fpOwner, doc: 'vcpu->arch.debug_owner of the loaded vCPU (v6.14)' },
  mpidr: { type: { kind: 'hex', bits: 64 }, doc: 'MPIDR_EL1 as the host reads it' },
  count: { type: { kind: 'integer', min: 1, max: MAX_ID }, doc: 'how many events are missing, or were left out' },
  about: { type: { kind: 'enum', values: LEFT_OUT }, doc: 'in what way it was left out' },
  what: { type: { kind: 'name' }, doc: 'what was left out, or taken for granted' },
} as const satisfies Record<string, FieldRow>;

export type FieldName = keyof typeof FIELDS;

/** Fields that every event may carry. */
export const COMMON_FIELDS = [
  'cpu',
  'vm',
  'vcpu',
  'task',
  'ts',
  'inferred',
  'note',
] as const satisfies readonly FieldName[];

export interface EventRow {
  readonly name: string;
  readonly required: readonly FieldName[];
  /** Optional fields beside the common ones. */
  readonly optional: readonly FieldName[];
  /** Section of lib/kernel/SEMANTICS.md that says what the event does. */
  readonly section: string;
  /** What the event is, in a line. */
  readonly doc: string;
}

/** Every event of trace format 1. An event's index in this table is its kind. */
export const EVENTS = [
  {
    name: 'meta',
    required: ['format'],
    optional: ['model', 'mode', 'cpus', 'sve_vl', 'sme_vl', 'brps', 'wrps', 'features', 'records', 'source'],
    section: '13.1',
    doc: 'first line only: how the trace was taken',
  },
  {
    name: 'hyp_init',
    required: ['cpu'],
    optional: [],
    section: '5.1',
    doc: 'the hypervisor context of a CPU is initialised',
  },
  {
    name: 'cpu_on',
    required: ['cpu'],
    optional: [],
    section: '5.2',
    doc: 'PSCI CPU_ON or resume through the hypervisor',
  },
  {
    name: 'vcpu_create',
    required: ['vm', 'vcpu'],
    optional: ['sve', 'sme', 'sme2', 'fa64', 'fpmr', 'aarch32', 'nested', 'protected', 'finalised', 'sve_vl', 'sme_vl'],
    section: '3.3',
    doc: 'declares a vCPU; without it: 64-bit, no SVE, no SME, not protected',
  },
  { name: 'map_fp', required: ['vm', 'vcpu', 'task'], optional: [], section: '5.3', doc: 'kvm_arch_vcpu_run_map_fp' },
  {
    name: 'vcpu_load',
    required: ['cpu', 'vcpu'],
    optional: ['preemptible', ...TRANSFER],
    section: '5.4',
    doc: 'kvm_arch_vcpu_load from an ioctl',
  },
  {
    name: 'vcpu_put',
    required: ['cpu'],
    optional: ['preemptible'],
    section: '5.10',
    doc: 'kvm_arch_vcpu_put from an ioctl',
  },
  {
    name: 'sched_in',
    required: ['cpu', 'vcpu'],
    optional: TRANSFER,
    section: '5.12',
    doc: "the preempt notifier's load",
  },
  { name: 'sched_out', required: ['cpu'], optional: [], section: '5.12', doc: "the preempt notifier's put" },
  {
    name: 'guest_enter',
    required: ['cpu'],
    optional: [],
    section: '5.6',
    doc: 'ctxflush, setup_debug, world switch in',
  },
  {
    name: 'guest_exit',
    required: ['cpu'],
    optional: ['ec', 'reason', 'irqs_off'],
    section: '5.8',
    doc: 'world switch out, ctxsync',
  },
  {
    name: 'guest_fp',
    required: ['cpu'],
    optional: ['isa'],
    section: '5.7',
    doc: 'the guest executes an FP instruction; the model decides whether it traps',
  },
  {
    name: 'guest_fp_trap',
    required: ['cpu'],
    optional: ['ec'],
    section: '5.7',
    doc: 'a guest FP trap was seen; where no trap is possible, that is a violation',
  },
  {
    name: 'guest_svcr',
    required: ['cpu'],
    optional: ['sm', 'za', 'ec'],
    section: '5.15',
    doc: 'the guest writes SVCR',
  },
  {
    name: 'debug_dirty',
    required: ['cpu'],
    optional: ['maybe'],
    section: '5.11',
    doc: "the guest's write to a debug register trapped",
  },
  {
    name: 'guest_mdscr',
    required: ['cpu'],
    optional: ['mde', 'kde'],
    section: '5.11',
    doc: 'the guest writes MDSCR_EL1',
  },
  {
    name: 'guest_oslock',
    required: ['cpu'],
    optional: ['locked'],
    section: '5.11',
    doc: 'the guest writes OSLAR_EL1; without locked, nobody knows what; where it names the vCPU, its exit was before',
  },
  {
    name: 'guest_debug',
    required: ['vcpu'],
    optional: ['singlestep', 'use_hw'],
    section: '5.11',
    doc: 'KVM_SET_GUEST_DEBUG; neither flag: disabled',
  },
  {
    name: 'host_fp',
    required: ['cpu'],
    optional: ['isa'],
    section: '3.4',
    doc: 'the current task uses FP in user mode',
  },
  {
    name: 'host_svcr',
    required: ['cpu'],
    optional: ['sm', 'za'],
    section: '5.15',
    doc: 'the current task writes SVCR in user mode',
  },
  {
    name: 'neon_begin',
    required: ['cpu'],
    optional: ['softirq', 'irqs_off', ...TRANSFER],
    section: '5.12',
    doc: 'kernel_neon_begin',
  },
  { name: 'neon_end', required: ['cpu'], optional: ['softirq'], section: '5.12', doc: 'kernel_neon_end' },
  {
    name: 'task_switch',
    required: ['cpu', 'next'],
    optional: ['irqs_off', ...TRANSFER],
    section: '5.12',
    doc: 'fpsimd_thread_switch',
  },
  {
    name: 'task_new',
    required: ['task'],
    optional: ['reuses'],
    section: '3.5',
    doc: 'copy_thread: a task with no FP state on any CPU',
  },
  {
    name: 'fork',
    required: ['cpu'],
    optional: [],
    section: '5.19',
    doc: 'arch_dup_task_struct: the current task is saved; task_new tells of the child',
  },
  { name: 'exec', required: ['cpu'], optional: [], section: '5.19', doc: 'fpsimd_flush_thread of the current task' },
  {
    name: 'signal_begin',
    required: ['cpu'],
    optional: [],
    section: '5.19',
    doc: 'setup_rt_frame: the state of the current task is saved for the frame',
  },
  {
    name: 'signal_end',
    required: ['cpu'],
    optional: [],
    section: '5.19',
    doc: 'setup_return: the handler begins without streaming mode',
  },
  {
    name: 'sigreturn',
    required: ['cpu'],
    optional: [],
    section: '5.19',
    doc: 'restore_sigframe: the state of the current task becomes that of the frame',
  },
  {
    name: 'ptrace_set',
    required: ['task'],
    optional: ['regset'],
    section: '5.19',
    doc: 'a tracer writes the FP state of a task that is stopped',
  },
  {
    name: 'fp_acc_begin',
    required: ['cpu'],
    optional: ['isa'],
    section: '5.19',
    doc: 'a first use of SVE (default) or SME in user mode traps: do_sve_acc, do_sme_acc',
  },
  {
    name: 'fp_acc_end',
    required: ['cpu'],
    optional: ['isa'],
    section: '5.19',
    doc: 'its effect: the task has SVE, or SME, from here on',
  },
  {
    name: 'cpu_pm_enter',
    required: ['cpu'],
    optional: TRANSFER,
    section: '5.19',
    doc: 'fpsimd_cpu_pm_notifier: the CPU is about to lose its registers to an idle state',
  },
  {
    name: 'return_to_user',
    required: ['cpu'],
    optional: ['maybe', ...TRANSFER],
    section: '5.12',
    doc: 'fpsimd_restore_current_state where TIF_FOREIGN_FPSTATE says so',
  },
  {
    name: 'host_buffers',
    required: ['cpu'],
    optional: ['spe', 'trbe', 'brbe'],
    section: '5.6.5',
    doc: 'the host switches its profiling or trace buffers',
  },
  { name: 'pmuserenr', required: ['cpu', 'value'], optional: [], section: '5.16', doc: 'kvm_set_pmuserenr' },
  { name: 'reg_get', required: ['vcpu', 'reg'], optional: ['value'], section: '5.14', doc: 'KVM_GET_ONE_REG' },
  { name: 'reg_set', required: ['vcpu', 'reg'], optional: ['value'], section: '5.14', doc: 'KVM_SET_ONE_REG' },
  { name: 'vcpu_finalize', required: ['vcpu'], optional: [], section: '5.14', doc: 'KVM_ARM_VCPU_FINALIZE' },
  { name: 'vcpu_reset', required: ['vcpu'], optional: [], section: '5.14', doc: 'kvm_reset_vcpu' },
  { name: 'nested_eret', required: ['cpu'], optional: [], section: '5.18', doc: 'kvm_emulate_nested_eret' },
  { name: 'nested_exception', required: ['cpu'], optional: [], section: '5.18', doc: 'kvm_inject_nested' },
  {
    name: 'hyp_panic',
    required: ['cpu'],
    optional: [],
    section: '5.17',
    doc: 'hyp_panic, and the vCPU that the kernel reported as running',
  },
  {
    name: 'observe',
    required: ['cpu'],
    optional: [
      'fp_owner',
      'fp_owner_kernel',
      'fp_owner_hyp',
      'last',
      'tif_foreign',
      'debug_dirty',
      'debug_owner',
      'mpidr',
    ],
    section: '13.4',
    doc: "state read inside a running kernel, compared with the emulator's",
  },
  {
    name: 'guest_zcr',
    required: ['cpu', 'value'],
    optional: [],
    section: '5.6.3',
    doc: 'the guest writes ZCR_EL1, which does not trap while it owns the registers',
  },
  { name: 'lost', required: ['count'], optional: [], section: '13.1', doc: 'events are missing here' },
  {
    name: 'left_out',
    required: ['about', 'what'],
    optional: ['count'],
    section: '13.1',
    doc: 'what an import could make no event of, or took for granted',
  },
  {
    name: 'user_save',
    required: ['cpu'],
    optional: TRANSFER,
    section: '5.19',
    doc: 'the current task is saved, whatever for: fpsimd_preserve_current_state, fpsimd_save_and_flush_current_state',
  },
  {
    name: 'user_load',
    required: ['cpu'],
    optional: TRANSFER,
    section: '5.19',
    doc: 'fpsimd_update_current_state up to v6.15: the current task has a new state, which is loaded',
  },
  {
    name: 'flush_task',
    required: ['task'],
    optional: [],
    section: '5.19',
    doc: 'fpsimd_flush_task_state: what memory has of the task is what counts, and is loaded anew',
  },
] as const satisfies readonly EventRow[];

export type EventName = (typeof EVENTS)[number]['name'];

/** Kind of each event: its index in `EVENTS`. */
export const KIND = Object.fromEntries(EVENTS.map((row, index) => [row.name, index])) as Readonly<
  Record<EventName, number>
>;

/** The kind of an event whose name is not in the table. */
export const UNKNOWN_EVENT = EVENTS.length;
