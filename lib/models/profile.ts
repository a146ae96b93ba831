/** The switches of a kernel, and the modes of its hypervisor: semantics 2.2. Steps ask the profile; nothing asks for a version. */

export const MODES = ['vhe', 'nvhe', 'hvhe', 'pkvm'] as const;
export type Mode = (typeof MODES)[number];

export function isMode(name: string): name is Mode {
  return (MODES as readonly string[]).includes(name);
}

export interface Profile {
  /** Where fp_owner lives: in the vCPU (`fp_state`), or in struct kvm_host_data since 5294afdbf45a (v6.10). */
  readonly ownerLoc: 'vcpu' | 'hd';
  /** How kernel code reaches kvm_host_data: host_data_ptr() of 87f842c6c654, or that of the series' first posting. */
  readonly accessor: 'explicit' | 'v1bug' | 'ok';
  /** When the host's FP registers are saved: at the guest's first FP trap, or at load since fbc7e61195e2 (v6.14). */
  readonly hostSave: 'lazy' | 'eager';
  /** What load_fp does about TIF_SVE: BUG_ON, fpsimd_kvm_prepare(), or nothing. */
  readonly tifSveAtLoad: 'BUG' | 'prepare' | 'none';
  /** HOST_SVE_ENABLED and HOST_SME_ENABLED, until 459f059be702 and 407a99c4654e. */
  readonly el0enTracking: boolean;
  /** The guest's ZCR_EL1: read back in put_fp, or switched at each entry and exit since 59419f10045b. */
  readonly zcr: 'put' | 'lazysw';
  /** nVHE and hVHE leave SVE trapped for the host while the guest owns the registers. */
  readonly hostSveTz: boolean;
  /** Who keeps the FP state of protected KVM. */
  readonly pkvmFp: 'direct' | 'copy' | 'split' | 'eager';
  /** pKVM loads and puts vCPUs by hypercall. */
  readonly pkvmLoadPut: boolean;
  /** What a nested hypervisor writes to ZCR_EL2 is capped at the vCPU's largest. */
  readonly nestedVlCap: boolean;
  /** What sve_state is sized for: the SVE vector length, or the larger of both. */
  readonly sveStateSize: 'sve' | 'max';
  /** The vectors are converted, lazily, to a format at the larger vector length when userspace looks (RFC of 2024). */
  readonly userFormat: boolean;
  /** Guests may have SME (the guest series, not merged). */
  readonly guestSme: boolean;
  /** Trap register of nVHE and hVHE: a constant or cached `vcpu->arch.cptr_el2`, or computed since 2fd5b4b0e7b4. */
  readonly cptrCompute: 'const' | 'cached' | 'scratch';
  /** Trap register of VHE at entry: CPACR_EL1 read, modified and written, or computed. */
  readonly cptrVhe: 'rmw' | 'scratch';
  /** The FP trap handler ends with __activate_cptr_traps (59e6e101a6fa, v6.16). */
  readonly trapReactivate: boolean;
  /** kvm_arch_vcpu_run_map_fp; removed by 42ce432522a1 (v6.16). */
  readonly runMapFp: 'share+pin' | 'share' | 'none';
  /** Who the debug registers belong to: DEBUG_DIRTY, or `debug_owner` since v6.14. */
  readonly dbg: 'dirty' | 'owner';
  /** Where MDCR_EL2 is saved and restored: __activate_traps_common, or apart since v6.14. */
  readonly mdcrSite: 'common' | 'split';
  /** Host profiling and trace buffers: flags in the vCPU, flags in the host data, or disabled (07695f7dc1e1, v7.1). */
  readonly hostBuf: 'vcpu' | 'hd' | 'disable';
  /** VHE sets __hyp_running_vcpu at each run, or at load and put since 9a39359903fe (v6.10). */
  readonly runningVcpuVhe: 'run' | 'loadput';
  /** FPMR is switched (ef3be86021c3, v6.12). */
  readonly fpmr: boolean;
  /** load_fp and put_fp return early inside nested transitions. */
  readonly nestedSkip: boolean;
  /** Kernel-mode NEON of a task is switched with the task (v6.8). */
  readonly neonPreemptible: boolean;
  /** kernel_neon_begin() may run with interrupts off. */
  readonly neonIrqsOff: boolean;
  /** PMUSERENR_ON_CPU. */
  readonly pmuserenrFlag: boolean;
  /** dsb(nsh) around the MMU switch of nVHE. */
  readonly dsbNsh: boolean;
  /** SME can be built into the host; it depended on BROKEN for a while. */
  readonly hostSme: boolean;
  /** Which HFG* registers are switched. */
  readonly fgt: 'sme' | 'cond' | 'always';
  /** What HCRX_EL2 gets back. */
  readonly hcrxRestore: 'none' | 'const' | 'saved';
  /** __kvm_host_psci_cpu_entry() writes SCTLR_EL1, and SPSR_EL2 itself. */
  readonly cpuOnSctlr: boolean;
  /** Where FPSIMD registers are loaded, FPCR is written if its value differs, or always. */
  readonly fpcrLoad: 'differs' | 'always';
  /** VHE writes MDCR_EL2 once at a load, or once or twice, which differs between releases of one model. */
  readonly mdcrAtLoad: 'once' | 'either';
  /** CSSELR_EL1 is part of the EL1 context, until the cache configuration was emulated. */
  readonly csselr: boolean;
  /** VPIDR_EL2 is written with the EL1 context. */
  readonly vpidr: boolean;
  /** VHE loads stage 2 in the run loop, or with the vCPU (v6.7). */
  readonly stage2Vhe: 'run' | 'load';
  /** Instruction barriers of a VHE exit after the trap register is opened, before EL2 touches FP: 257d0aa8e250 (v6.16). */
  readonly isbBeforeFp: boolean;
  /** Host debug registers are synchronised before debug exceptions are unmasked: cade3d57e456. */
  readonly isbBeforeUnmask: boolean;
  /** An instruction barrier after the write of FPEXC32_EL2, for 32-bit guests. */
  readonly isbAfterFpexc: boolean;
  /** MPAM2_EL2 at activation and deactivation of traps: left alone, written, or read, modified and written. */
  readonly mpam: 'none' | 'write' | 'update';
  /** CPACR_EL1.E0POE, which lets EL0 reach POR_EL0: unknown to the kernel, lost at a VHE exit, or given back there. */
  readonly e0poe: 'none' | 'lost' | 'kept';
  /** The panic path of VHE looks whether a vCPU is loaded before it uses it. */
  readonly panicGuard: boolean;
  /**
   * What EL2 of pKVM learns of the debug registers: nothing, whose they are and their values, or all that there is, the
   * MDSCR_EL1 of a debugger as well.
   */
  readonly pkvmDebug: 'none' | 'registers' | 'all';
  /** Exception entry and exit at EL2 are context synchronisation events on a machine with FEAT_ExS (SCTLR_EL2.EIS, EOS). */
  readonly el2Synchronises: boolean;
  /**
   * How fork and signals save what the current task has: fpsimd_preserve_current_state() leaves it in the registers, and sigreturn
   * loads at once; fpsimd_save_and_flush_current_state() has it loaded at the return to user mode.
   */
  readonly saveCurrent: 'preserve' | 'flush';
  /** First uses of SVE, or of SME too, of a task that is not loaded have it loaded anew wherever it goes on. */
  readonly accFlushes: 'none' | 'sve' | 'all';
  /** A task that is switched in within kernel-mode NEON: the CPU's state is flushed before its own is loaded. */
  readonly neonFlushFirst: boolean;
  /** exec resets FPMR. */
  readonly execFpmr: boolean;
  /** A tracer that writes the registers of streaming mode leaves ZA of the task alone: sme_alloc() keeps the storage there is. */
  readonly ptraceKeepsZa: boolean;
}
