/**
 * The bug catalogue: what went wrong in these kernels, which trace of traces/bugs shows it, which rules that violates on
 * the kernels that had the bug, and kernels on which it violates none. README's table and the test are made of it.
 */

import type { Mode, Profile } from '../../lib/models/profile.ts';

/** A kernel; `strict`: known weak orderings count as violations. */
export interface Kernel {
  readonly model: string;
  readonly mode: Mode;
  readonly strict?: true;
}

/** One trace of a bug. The first kernel of either list is the one whose expected report stands beside the trace. */
export interface Case {
  readonly trace: string;
  /** Exactly these fire on each of the kernels with the bug, in the order of the rules. */
  readonly rules: readonly string[];
  readonly wrong: readonly [Kernel, ...Kernel[]];
  /** No rule fires on these. */
  readonly right: readonly [Kernel, ...Kernel[]];
  /** The switch of the models that prevents it; null where no model has the one that would. */
  readonly preventedBy: keyof Profile | null;
  /** The trace to replay on them, where the bug is in values that the trace itself brings. */
  readonly rightTrace?: string;
}

export interface Bug {
  readonly number: number;
  /** Mainline commits, or where else it is told of. */
  readonly commits: readonly string[];
  readonly what: string;
  readonly cases: readonly Case[];
  /** Where the rules that fire are not those the catalogue names, or no trace shows the bug: why. */
  readonly why?: string;
}

const on = (model: string, mode: Mode): Kernel => ({ model, mode });
const strictly = (model: string, mode: Mode): Kernel => ({ model, mode, strict: true });

const OTHER_INSTANCE = ['FP-03', 'FP-04', 'FP-05', 'FP-07', 'FP-12', 'FP-13', 'FP-27', 'FP-28', 'HD-01', 'HD-02'];

const LIVE_SVE: Case = {
  trace: 'live-sve-saved-as-fpsimd',
  rules: ['FP-07'],
  wrong: [on('v6.10', 'vhe'), on('v6.2', 'vhe'), on('v6.12', 'nvhe')],
  right: [on('v6.14', 'vhe'), on('v6.14', 'nvhe'), on('v6.12-stable', 'vhe'), on('v6.1-stable', 'vhe')],
  preventedBy: 'hostSave',
};

const ZCR_BEFORE_ISB: Case = {
  trace: 'zcr-read-before-barrier',
  rules: ['FP-25'],
  wrong: [strictly('v6.14', 'vhe'), strictly('v6.12-stable', 'vhe')],
  right: [strictly('v6.16', 'vhe'), strictly('v7.1', 'vhe')],
  preventedBy: 'isbBeforeFp',
};

/** In the order of the catalogue (semantics 8), every entry. */
export const CATALOGUE: readonly Bug[] = [
  {
    number: 1,
    commits: ['first posting of the series, 1/5; fixed in v2, 87f842c6c654'],
    what: 'Kernel code of nVHE uses the VHE instance of kvm_host_data; hyp code does not read it.',
    cases: [
      {
        trace: 'fp-owner-in-the-other-instance',
        rules: OTHER_INSTANCE,
        wrong: [on('seed-v1', 'nvhe'), on('seed-v1', 'hvhe')],
        right: [on('v6.10', 'nvhe'), on('v6.10', 'hvhe'), on('seed-v1', 'vhe')],
        preventedBy: 'accessor',
      },
      {
        trace: 'seed-v1-chain',
        rules: [...OTHER_INSTANCE, 'HD-04'],
        wrong: [on('seed-v1', 'nvhe'), on('seed-v1', 'hvhe')],
        right: [on('seed-v1', 'vhe'), on('v6.10', 'nvhe'), on('v6.10', 'hvhe')],
        preventedBy: 'accessor',
      },
    ],
    why: 'HD-04 says of the next vCPU, whose entry reads the owner that the last one left, what FP-03 and FP-05 say.',
  },
  {
    number: 2,
    commits: ['2fd5b4b0e7b4'],
    what: 'cptr_el2 is worked out once, at KVM_ARM_VCPU_INIT, from the owner that an earlier put left on that CPU.',
    cases: [
      {
        trace: 'trap-register-of-another-owner',
        rules: ['FP-06'],
        wrong: [on('v6.10', 'nvhe'), on('v6.10', 'hvhe'), on('v6.12', 'nvhe')],
        right: [on('v6.14', 'nvhe'), on('v6.14', 'hvhe'), on('v6.12-stable', 'nvhe')],
        preventedBy: 'cptrCompute',
      },
    ],
    why: 'The stale value traps SVE too often, never too seldom (FP-05). FP-10 looks at load and put; no event tells whether KVM_ARM_VCPU_INIT was preemptible.',
  },
  {
    number: 3,
    commits: [
      ...['d48965bc47e4', '87bb39ed40bd', '45f4ea9bcfe9', '6d8fb3cbf7e0', 'e511e08a9f49', '66d5b53e20a6'],
      ...['b5b9955617bc', '1696fc2174db', 'a69283ae1db8', 'afb91f5f8ad7', 'f11290e0aa6e'],
    ],
    what: 'Protected KVM keeps two owners that do not meet: the host is not saved, and finds the registers of the guest.',
    cases: [
      {
        trace: 'protected-kvm-keeps-two-owners',
        rules: ['FP-07', 'FP-13', 'FP-22', 'HD-01'],
        wrong: [on('v6.10-rc1', 'pkvm')],
        right: [on('v6.10', 'pkvm'), on('v6.12', 'pkvm')],
        preventedBy: 'pkvmFp',
      },
    ],
    why: 'FP-13 is the half of FP-22 that ctxsync sees. FP-14 needs a host that enters in streaming mode; EL2 refuses that run since afb91f5f8ad7, and the models do not differ in it.',
  },
  {
    number: 4,
    commits: ['fbc7e61195e2 (CVE-2025-22013)'],
    what: 'Live SVE registers of the host are described, and then saved, as FPSIMD; FPMR is saved only if the guest has it.',
    cases: [
      LIVE_SVE,
      {
        trace: 'fpmr-of-the-host-not-saved',
        rules: ['FP-19'],
        wrong: [on('v6.12', 'vhe'), on('v6.12', 'nvhe')],
        right: [on('v6.14', 'vhe'), on('v6.14', 'nvhe'), on('v6.12-stable', 'vhe')],
        preventedBy: 'hostSave',
      },
    ],
  },
  {
    number: 5,
    commits: ['8eca7f6d5100'],
    what: 'The host save in the FP trap, which goes wrong in 4, is removed.',
    cases: [LIVE_SVE],
  },
  {
    number: 6,
    commits: ['59419f10045b'],
    what: 'A softirq saves the SVE state of the vCPU at the vector length that the guest chose: WARN, and SIGKILL to the VMM.',
    cases: [
      {
        trace: 'softirq-saves-at-the-length-of-the-guest',
        rules: ['FP-09'],
        wrong: [on('v6.10', 'nvhe'), on('v6.2', 'nvhe'), on('v6.12', 'hvhe')],
        right: [on('v6.14', 'nvhe'), on('v6.14', 'hvhe'), on('v6.12-stable', 'nvhe')],
        preventedBy: 'zcr',
      },
    ],
  },
  {
    number: 7,
    commits: ['459f059be702', '407a99c4654e'],
    what: 'HOST_SVE_ENABLED and HOST_SME_ENABLED are removed.',
    cases: [],
    why: 'A removal: the models that have the flags keep FP-16 in every sequence that a kernel can run.',
  },
  {
    number: 8,
    commits: ['d52d165d67c5', '039f49c4cafb'],
    what: 'HOST_SVE_ENABLED of an earlier load is not cleared at the next.',
    cases: [],
    why: 'Fixed in the oldest model already: each load works the flag out anew.',
  },
  {
    number: 9,
    commits: ['257d0aa8e250'],
    what: 'ZCR is read at EL2 with no barrier since the trap register was opened: an SVE trap of the host kernel.',
    cases: [ZCR_BEFORE_ISB],
    why: "FP-06 looks at traps of the guest; the host kernel's own is no event.",
  },
  {
    number: 10,
    commits: ['186b58bacd74', '59e6e101a6fa', 'e62dd507844f', '3a300a33e406', '04c5355b2a94'],
    what: 'Traps are opened by hand, against what the hypervisor of a nested guest wants; barriers are misplaced.',
    cases: [ZCR_BEFORE_ISB],
    why: 'FP-06 needs the trap register of the nested hypervisor, which no event tells.',
  },
  {
    number: 11,
    commits: ['cade3d57e456'],
    what: 'Debug exceptions are unmasked with no barrier since the debug registers of the host were restored.',
    cases: [
      {
        trace: 'debug-exceptions-unmasked-before-barrier',
        rules: ['DB-07'],
        wrong: [strictly('v6.14', 'vhe'), strictly('v6.12-stable', 'vhe'), strictly('v6.10', 'vhe')],
        right: [strictly('v6.16', 'vhe'), strictly('v7.1', 'vhe')],
        preventedBy: 'isbBeforeUnmask',
      },
    ],
  },
  {
    number: 12,
    commits: ['837263307489'],
    what: 'A nested hypervisor sets a vector length above the largest of its vCPU.',
    cases: [
      {
        trace: 'nested-guest-exceeds-its-vector-length',
        rules: ['FP-20'],
        wrong: [on('v6.14', 'vhe'), on('v6.12-stable', 'vhe'), on('v6.16', 'vhe'), on('v7.0', 'vhe')],
        right: [on('v7.1', 'vhe'), on('v7.0-stable', 'vhe')],
        preventedBy: 'nestedVlCap',
      },
    ],
  },
  {
    number: 13,
    commits: ['stable backports of 4, 23249dade24e', '9b19700e623f'],
    what: 'Kernel-mode NEON where the old context lock does not admit it: with interrupts off, or over a task switch.',
    cases: [
      {
        trace: 'neon-with-interrupts-off',
        rules: ['FP-10'],
        wrong: [on('v6.1-stable', 'vhe'), on('v6.1-stable', 'nvhe'), on('v6.10', 'vhe')],
        right: [on('v7.1', 'vhe'), on('v7.1', 'nvhe')],
        preventedBy: 'neonIrqsOff',
      },
      {
        trace: 'neon-over-a-task-switch',
        rules: ['FP-15'],
        wrong: [on('v6.1-stable', 'vhe'), on('v6.1-stable', 'nvhe'), on('v6.2', 'vhe')],
        right: [on('v7.1', 'vhe'), on('v7.1', 'nvhe'), on('v6.10', 'vhe')],
        preventedBy: 'neonPreemptible',
      },
    ],
  },
  {
    number: 14,
    commits: ['8681f7175901', '0c2f9acf6ae7'],
    what: 'PMUSERENR_EL0 that the host sets while a vCPU is loaded is overwritten at put.',
    cases: [
      {
        trace: 'pmuserenr-set-while-loaded',
        rules: ['DB-10'],
        wrong: [on('v6.2', 'vhe'), on('v6.1-stable', 'vhe')],
        right: [on('v6.10', 'vhe'), on('v7.1', 'vhe')],
        preventedBy: 'pmuserenrFlag',
      },
    ],
  },
  {
    number: 15,
    commits: ['e89c928bedd7'],
    what: "The copy of the host's PMU event masks in the vCPU is stale.",
    cases: [],
    why: "No event tells of the PMU's event masks.",
  },
  {
    number: 16,
    commits: ['07695f7dc1e1', 'd133aa75e39d'],
    what: "The host's SPE and TRBE buffers stay enabled under the guest's translation regime.",
    cases: [
      {
        trace: 'spe-buffer-enabled-in-the-guest',
        rules: ['DB-08'],
        wrong: [on('v6.16', 'nvhe'), on('v6.16', 'hvhe'), on('v6.2', 'nvhe')],
        right: [on('v7.1', 'nvhe'), on('v7.1', 'hvhe')],
        preventedBy: 'hostBuf',
      },
      {
        trace: 'trbe-buffer-enabled-in-the-guest',
        rules: ['DB-08'],
        wrong: [on('v6.16', 'nvhe'), on('v6.16', 'hvhe'), on('v6.2', 'nvhe')],
        right: [on('v7.1', 'nvhe'), on('v7.1', 'hvhe')],
        preventedBy: 'hostBuf',
      },
    ],
  },
  {
    number: 17,
    commits: ['2265c08ec393'],
    what: "The bound of the guest's MDCR_EL2.HPMN is not enforced.",
    cases: [],
    why: 'A register of the guest; nothing of the host is at stake, and no rule speaks of it.',
  },
  {
    number: 18,
    commits: ['review of v12 of the SME guest series'],
    what: 'Flush and sync of protected KVM use different vCPUs; FA64 and EZT0 of a nested hypervisor are not honoured.',
    cases: [],
    why: 'The model of the series is v12 with what its review has settled: no model has it.',
  },
  {
    number: 19,
    commits: ['e92bee9f861b', 'b8995a184170', 'f481bb32d60e'],
    what: 'The reload of user FP state is elided after kernel-mode NEON of another task: corrupted dm-crypt data.',
    cases: [
      {
        trace: 'user-reload-elided',
        rules: ['FP-11', 'FP-27'],
        wrong: [on('v6.10', 'vhe'), on('v6.12', 'nvhe')],
        right: [on('v6.10', 'vhe'), on('v6.12', 'nvhe')],
        preventedBy: null,
        rightTrace: 'user-reload-made',
      },
    ],
    why: 'No model elides: the trace brings the flag as it was read in such a kernel. FP-27 says what the task finds.',
  },
  {
    number: 20,
    commits: ['question of Suzuki K Poulose on v2'],
    what: 'Initialised in the instance that EL2 keeps, read in the one of EL1.',
    cases: [
      {
        trace: 'counters-read-in-the-other-instance',
        rules: ['HD-05'],
        wrong: [on('v6.14', 'pkvm'), on('v7.1', 'pkvm')],
        right: [on('v6.12-stable', 'pkvm'), on('v6.14', 'nvhe')],
        preventedBy: null,
      },
    ],
    why: 'A question and no confirmed bug, not changed since; before v6.14 nothing of the kind was in kvm_host_data. HD-02 (MPIDR_EL1 of a CPU that comes up late) needs a hyp_init after the host is deprivileged, which no model has.',
  },
  {
    number: 21,
    commits: ['0f1a6c5c9784'],
    what: 'EL2 of protected KVM is not told who owns the debug registers: the guest is without its own, and reaches those of the host.',
    cases: [
      {
        trace: 'guest-runs-without-its-debug-registers',
        rules: ['DB-12', 'DB-13'],
        wrong: [on('v6.14-rc1', 'pkvm')],
        right: [on('v6.14', 'pkvm'), on('v7.3', 'pkvm'), on('v6.14-rc1', 'nvhe'), on('v6.13', 'pkvm')],
        preventedBy: 'pkvmDebug',
      },
    ],
  },
  {
    number: 22,
    commits: ['119a9a23fbae'],
    what: 'EL2 of protected KVM is not told the MDSCR_EL1 of the debugger of a guest: its breakpoints and steps never fire.',
    cases: [
      {
        trace: 'debugger-of-a-guest-is-not-heard',
        rules: ['DB-13'],
        wrong: [
          strictly('v6.14', 'pkvm'),
          strictly('v6.16', 'pkvm'),
          strictly('v7.2', 'pkvm'),
          on('v6.14-rc1', 'pkvm'),
        ],
        right: [on('v7.3', 'pkvm'), on('v7.2', 'nvhe'), on('v6.13', 'pkvm')],
        preventedBy: 'pkvmDebug',
      },
    ],
  },
  {
    number: 23,
    commits: ['cbaffe843a94'],
    what: 'The exit from a guest leaves CPACR_EL1.E0POE clear: POR_EL0 is SIGILL in user mode from then on.',
    cases: [
      {
        trace: 'por-el0-lost-to-user-mode',
        rules: ['FP-16'],
        wrong: [on('v6.16', 'vhe'), on('v6.12', 'vhe'), on('v6.12-stable', 'vhe'), on('v7.0', 'vhe')],
        right: [on('v7.1', 'vhe'), on('v6.18-stable', 'vhe'), on('v7.0-stable', 'vhe'), on('v6.16', 'nvhe')],
        preventedBy: 'e0poe',
      },
    ],
  },
  {
    number: 24,
    commits: ['300fac4cc266', '9a39359903fe'],
    what: 'hyp_panic on VHE with no vCPU loaded dereferences NULL: another panic than the one that happened is reported.',
    cases: [
      {
        trace: 'panic-with-no-vcpu-loaded',
        rules: ['HD-07'],
        wrong: [on('v6.10', 'vhe'), on('v6.16', 'vhe'), on('v7.0-stable', 'vhe')],
        right: [on('v7.1', 'vhe'), on('v6.10', 'nvhe'), on('v6.8', 'vhe')],
        preventedBy: 'panicGuard',
      },
    ],
    why: 'Up to v6.9 the pointer is stale in the place of NULL, and no rule speaks of that.',
  },
  {
    number: 25,
    commits: ['d7396a72eae7', '0a35bd285f43'],
    what: 'SCTLR_EL2.EIS and EOS are clear: with FEAT_ExS neither entry to EL2 nor return from it synchronises.',
    cases: [
      {
        trace: 'entry-that-does-not-synchronise',
        rules: ['HD-08'],
        wrong: [on('v7.0', 'nvhe'), on('v7.0', 'hvhe'), on('v7.0-stable', 'pkvm')],
        right: [on('v7.1', 'nvhe'), on('v6.19', 'nvhe'), on('v7.0', 'vhe')],
        preventedBy: 'el2Synchronises',
      },
    ],
  },
  {
    number: 26,
    commits: ['751ecf6afd65 (CVE-2024-50275)'],
    what: 'A task is preempted in the trap of its first SVE instruction, converted on another CPU, and finds its old registers on the first.',
    cases: [
      {
        trace: 'sve-trap-of-a-preempted-task',
        rules: ['FP-27'],
        wrong: [on('v6.10', 'vhe'), on('v6.11', 'nvhe'), on('v6.2', 'vhe'), on('v5.18', 'nvhe')],
        right: [on('v6.12', 'vhe'), on('v6.6-stable', 'vhe'), on('v7.3', 'nvhe')],
        preventedBy: 'accFlushes',
      },
    ],
  },
  {
    number: 27,
    commits: ['d3eaab3c7090'],
    what: 'The same for SME: the task returns with TIF_SME set and SME trapped, and the next trap warns.',
    cases: [
      {
        trace: 'sme-trap-of-a-preempted-task',
        rules: ['FP-30'],
        wrong: [on('v6.10', 'vhe'), on('v6.11', 'nvhe'), on('v5.19', 'vhe')],
        right: [on('v6.16', 'vhe'), on('v7.3', 'nvhe')],
        preventedBy: 'accFlushes',
      },
    ],
  },
  {
    number: 28,
    commits: ['01098d893fa8'],
    what: 'SMSTOP after the kernel-mode NEON state of the incoming task was loaded: what the task before left in streaming mode zeroes it.',
    cases: [
      {
        trace: 'kernel-neon-zeroed-by-smstop',
        rules: ['FP-01', 'FP-15'],
        wrong: [on('v6.10', 'vhe'), on('v6.8', 'vhe'), on('v6.11', 'nvhe')],
        right: [on('v6.16', 'vhe'), on('v7.3', 'nvhe')],
        preventedBy: 'neonFlushFirst',
      },
    ],
  },
  {
    number: 29,
    commits: ['a90878f297d3'],
    what: 'exec leaves FPMR of the old program to the new one.',
    cases: [
      {
        trace: 'fpmr-after-exec',
        rules: ['FP-29'],
        wrong: [on('v6.12', 'vhe'), on('v6.14', 'nvhe'), on('v6.15', 'vhe')],
        right: [on('v6.16', 'vhe'), on('v6.12-stable', 'vhe'), on('v7.3', 'vhe')],
        preventedBy: 'execFpmr',
      },
    ],
  },
  {
    number: 30,
    commits: ['929fa99b1215', '99560c9452bb'],
    what: 'SMSTOP for a signal handler is executed after the task was preempted, on the streaming registers, or the ZA, of another task.',
    cases: [
      {
        trace: 'signal-handler-stops-another-task',
        rules: ['FP-27'],
        wrong: [on('v6.10', 'vhe'), on('v5.19', 'nvhe'), on('v6.11', 'vhe')],
        right: [on('v6.16', 'vhe'), on('v7.3', 'nvhe')],
        preventedBy: 'saveCurrent',
      },
      {
        trace: 'signal-handler-drops-za-of-another-task',
        rules: ['SM-08', 'SM-09'],
        wrong: [on('v6.10', 'vhe'), on('v5.19', 'nvhe'), on('v6.11', 'vhe')],
        right: [on('v6.16', 'vhe'), on('v7.3', 'nvhe')],
        preventedBy: 'saveCurrent',
      },
    ],
  },
  {
    number: 31,
    commits: ['dc7eb8755797 (CVE-2024-26618)', '5d0a8d2fba50'],
    what: 'A tracer that writes the registers of streaming mode takes its ZA from the task: sme_alloc() replaces the storage that there is.',
    cases: [
      {
        trace: 'tracer-replaces-za',
        rules: ['SM-08', 'SM-09'],
        wrong: [on('v6.6', 'vhe'), on('v6.5', 'nvhe'), on('v6.7', 'vhe')],
        right: [on('v6.8', 'vhe'), on('v6.4', 'vhe'), on('v6.10', 'nvhe')],
        preventedBy: 'ptraceKeepsZa',
      },
    ],
    why: 'Levels of the stable series that have the one commit, or both, are not told apart (6.1.47, 6.4.12; 6.6.15, 6.7.3).',
  },
];
