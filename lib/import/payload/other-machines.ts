/**
 * What KVM prints on machines that are not arm64: names of their own tracepoints, and the words of those that arm64 has as well.
 * From arch/x86/kvm/trace.h, arch/s390/kvm/trace.h and trace-s390.h, arch/powerpc/kvm/trace*.h, arch/riscv/kvm/trace.h,
 * arch/mips/kvm/trace.h and arch/loongarch/kvm/trace.h of Linux.
 */

interface Machine {
  readonly name: string;
  /** Names of events or functions that no other machine has. */
  readonly names: RegExp;
  /** How what follows the name begins, of kvm_entry and kvm_exit. */
  readonly entry?: RegExp;
  readonly exit?: RegExp;
}

const MACHINES: readonly Machine[] = [
  {
    name: 'x86',
    names:
      /^(kvm_(cpuid|pio|msr|cr|apic(_\w+)?|eoi|pv_eoi|inj_\w+|emulate_insn|page_fault|hypercall|hv_\w+|xen_\w+|nested_vm\w+|tdp_\w+|mmu_\w+|avic_\w+|enter_smm|smm_transition|track_tsc|update_master_clock|write_tsc_offset|fast_mmio|msi_set_irq|ioapic_set_irq|pic_set_irq|vmgexit_\w+)|vcpu_match_mmio|(vmx|svm)_vcpu_\w+)$/,
    entry: /^vcpu \d+/,
    exit: /^(vcpu \d+ )?reason \S+ rip /,
  },
  { name: 's390', names: /^kvm_s390_\w+$/ },
  {
    name: 'powerpc',
    names: /^(kvm_(hcall_\w+|hv_\w+|guest_enter|guest_exit|ppc_\w+|book\w+|vcore_\w+)|kvmppc_\w+)$/,
    exit: /^(exit=|VCPU \d+: trap=)/,
  },
  { name: 'riscv', names: /^kvm_riscv_\w+$/, exit: /^SEPC: ?0x/ },
  {
    name: 'MIPS or LoongArch',
    names: /^kvm_(reenter|enter|out|aux|hwr|asid_change|vpid_change|iocsr|exit_gspr)$/,
    exit: /^\[[^\]]*\] ?PC: ?0x/,
  },
];

/** The machine that prints such an event, or has such a function; undefined where arm64 may as well. */
export function otherMachineOf(name: string, body: string): string | undefined {
  const found = MACHINES.find(
    ({ names, entry, exit }) =>
      names.test(name) || (name === 'kvm_entry' && entry?.test(body)) || (name === 'kvm_exit' && exit?.test(body)),
  );
  return found?.name;
}

/** Whether `uname -m`, or what perf calls the architecture, is that of an arm64 kernel: of 32-bit programs it says armv8l. */
export const isArm64 = (machine: string): boolean => /^(?:aarch64|arm64|armv8)/.test(machine);
