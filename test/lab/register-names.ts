/** System registers by name, as the cost tables have them, and their generic names (Arm ARM, D24; arch/arm64/tools/sysreg). Data. */

/** Registers that have an _EL12 name too: op1 is 5 there. */
const EL1: Readonly<Record<string, string>> = {
  SCTLR: 'C1_C0_0',
  CPACR: 'C1_C0_2',
  ZCR: 'C1_C2_0',
  SMCR: 'C1_C2_6',
  TTBR0: 'C2_C0_0',
  TTBR1: 'C2_C0_1',
  TCR: 'C2_C0_2',
  SPSR: 'C4_C0_0',
  ELR: 'C4_C0_1',
  AFSR0: 'C5_C1_0',
  AFSR1: 'C5_C1_1',
  ESR: 'C5_C2_0',
  FAR: 'C6_C0_0',
  MAIR: 'C10_C2_0',
  AMAIR: 'C10_C3_0',
  VBAR: 'C12_C0_0',
  CONTEXTIDR: 'C13_C0_1',
  CNTKCTL: 'C14_C1_0',
};

const OTHERS: Readonly<Record<string, string>> = {
  MDCCINT_EL1: 'S2_0_C0_C2_0',
  MDSCR_EL1: 'S2_0_C0_C2_2',
  BRBCR_EL1: 'S2_1_C9_C0_0',
  MIDR_EL1: 'S3_0_C0_C0_0',
  MPIDR_EL1: 'S3_0_C0_C0_5',
  ID_AA64PFR0_EL1: 'S3_0_C0_C4_0',
  ID_AA64DFR0_EL1: 'S3_0_C0_C5_0',
  TRFCR_EL1: 'S3_0_C1_C2_1',
  PAR_EL1: 'S3_0_C7_C4_0',
  PMSCR_EL1: 'S3_0_C9_C9_0',
  PMBLIMITR_EL1: 'S3_0_C9_C10_0',
  PMBIDR_EL1: 'S3_0_C9_C10_7',
  TRBLIMITR_EL1: 'S3_0_C9_C11_0',
  TRBIDR_EL1: 'S3_0_C9_C11_7',
  ISR_EL1: 'S3_0_C12_C1_0',
  DISR_EL1: 'S3_0_C12_C1_1',
  TPIDR_EL1: 'S3_0_C13_C0_4',
  CSSELR_EL1: 'S3_2_C0_C0_0',
  SVCR: 'S3_3_C4_C2_2',
  FPCR: 'S3_3_C4_C4_0',
  FPSR: 'S3_3_C4_C4_1',
  FPMR: 'S3_3_C4_C4_2',
  PMCR_EL0: 'S3_3_C9_C12_0',
  PMSELR_EL0: 'S3_3_C9_C12_5',
  PMUSERENR_EL0: 'S3_3_C9_C14_0',
  TPIDR_EL0: 'S3_3_C13_C0_2',
  TPIDRRO_EL0: 'S3_3_C13_C0_3',
  VPIDR_EL2: 'S3_4_C0_C0_0',
  VMPIDR_EL2: 'S3_4_C0_C0_5',
  HCR_EL2: 'S3_4_C1_C1_0',
  MDCR_EL2: 'S3_4_C1_C1_1',
  CPTR_EL2: 'S3_4_C1_C1_2',
  HSTR_EL2: 'S3_4_C1_C1_3',
  HFGRTR_EL2: 'S3_4_C1_C1_4',
  HFGWTR_EL2: 'S3_4_C1_C1_5',
  HFGITR_EL2: 'S3_4_C1_C1_6',
  ZCR_EL2: 'S3_4_C1_C2_0',
  HCRX_EL2: 'S3_4_C1_C2_2',
  SMCR_EL2: 'S3_4_C1_C2_6',
  VTTBR_EL2: 'S3_4_C2_C1_0',
  VTCR_EL2: 'S3_4_C2_C1_2',
  HDFGRTR2_EL2: 'S3_4_C3_C1_0',
  HDFGWTR2_EL2: 'S3_4_C3_C1_1',
  HFGRTR2_EL2: 'S3_4_C3_C1_2',
  HFGWTR2_EL2: 'S3_4_C3_C1_3',
  HDFGRTR_EL2: 'S3_4_C3_C1_4',
  HDFGWTR_EL2: 'S3_4_C3_C1_5',
  HAFGRTR_EL2: 'S3_4_C3_C1_6',
  HFGITR2_EL2: 'S3_4_C3_C1_7',
  SPSR_EL2: 'S3_4_C4_C0_0',
  ELR_EL2: 'S3_4_C4_C0_1',
  SP_EL1: 'S3_4_C4_C1_0',
  ESR_EL2: 'S3_4_C5_C2_0',
  FPEXC32_EL2: 'S3_4_C5_C3_0',
  MPAM2_EL2: 'S3_4_C10_C5_0',
  VBAR_EL2: 'S3_4_C12_C0_0',
  VDISR_EL2: 'S3_4_C12_C1_1',
};

/** Throws where there is no register of that name in the table. */
export function encodingOf(name: string): string {
  const other = OTHERS[name];
  if (other !== undefined) return other;
  const debug = /^DBG([BW])([CV])R(\d+)_EL1$/.exec(name);
  if (debug !== null) return `S2_0_C0_C${debug[3]}_${(debug[1] === 'B' ? 4 : 6) + (debug[2] === 'C' ? 1 : 0)}`;
  const [, register = '', level] = /^(\w+)_EL(1|12)$/.exec(name) ?? [];
  const rest = EL1[register];
  if (rest === undefined) throw new Error(`${name}: no such register in the table of names`);
  return `S3_${level === '12' ? 5 : 0}_${rest}`;
}

/**
 * The encodings by which an instruction of the kernel's image may name the register: _EL1 and _EL12 are alternatives of one
 * instruction, and so are _EL2 and _EL1, for an EL2 with E2H (arch/arm64/include/asm/kvm_hyp.h).
 */
export function namesInText(name: string): string[] {
  const plain = encodingOf(name);
  const [, register = '', level] = /^(\w+)_EL(1|2|12)$/.exec(name) ?? [];
  if (name === 'CPACR_EL1' || name === 'CPTR_EL2') return [encodingOf('CPACR_EL1'), encodingOf('CPTR_EL2')];
  const rest = EL1[register];
  if (rest === undefined) return [plain];
  return level === '2' ? [plain, `S3_0_${rest}`] : [`S3_0_${rest}`, `S3_5_${rest}`];
}

/** Registers that are in no row, for what is said of them. */
const IN_NO_ROW: Readonly<Record<string, string>> = {
  S3_0_C0_C4_1: 'ID_AA64PFR1_EL1',
  S3_0_C0_C6_0: 'ID_AA64ISAR0_EL1',
  S3_0_C10_C5_0: 'MPAM1_EL1',
  S3_0_C10_C5_1: 'MPAM0_EL1',
  S3_0_C12_C1_1: 'DISR_EL1',
  S3_0_C13_C0_7: 'SCXTNUM_EL1',
  S3_0_C2_C0_3: 'TCR2_EL1',
  S3_0_C10_C2_2: 'PIRE0_EL1',
  S3_0_C10_C2_3: 'PIR_EL1',
  S3_0_C10_C2_4: 'POR_EL1',
  S3_0_C5_C6_0: 'TFSR_EL1',
  S3_0_C5_C6_1: 'TFSRE0_EL1',
  S3_3_C10_C2_4: 'POR_EL0',
  S3_3_C14_C3_2: 'CNTV_CVAL_EL0',
  S3_4_C6_C0_0: 'FAR_EL2',
  S3_4_C6_C0_4: 'HPFAR_EL2',
  S3_5_C14_C2_2: 'CNTP_CVAL_EL02',
};

const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(IN_NO_ROW),
  ...Object.entries(OTHERS).map(([name, generic]): [string, string] => [generic, name]),
  ...Object.entries(EL1).flatMap(([name, rest]): [string, string][] => [
    [`S3_0_${rest}`, `${name}_EL1`],
    [`S3_5_${rest}`, `${name}_EL12`],
  ]),
]);

/** The name where it is in one of the tables, else the generic name. */
export const nameOf = (generic: string): string => NAMES.get(generic) ?? generic;
