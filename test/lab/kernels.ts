/** The kernels of the laboratory, and the modes that KVM can be booted in. Data. */

export type Mode = 'vhe' | 'nvhe' | 'hvhe' | 'pkvm' | 'nested';

/** What makes a kernel run KVM in a mode (Documentation/admin-guide/kernel-parameters.txt, kvm-arm.mode). */
export const MODE_PARAMETERS: { readonly [M in Mode]: string } = {
  vhe: '',
  nvhe: 'kvm-arm.mode=nvhe',
  // nVHE on top of an EL2 that has VHE: the same parameter, and then not what it says of E2H (arch/arm64/kernel/pi/idreg-override.c).
  hvhe: 'kvm-arm.mode=nvhe arm64_sw.hvhe=1',
  pkvm: 'kvm-arm.mode=protected',
  nested: 'kvm-arm.mode=nested',
};

export const MODES = Object.keys(MODE_PARAMETERS) as readonly Mode[];

/** What `replay` calls the mode: with NV2 the host itself runs in VHE. */
export const MODE_OF_MODEL: { readonly [M in Mode]: string } = {
  vhe: 'vhe',
  nvhe: 'nvhe',
  hvhe: 'hvhe',
  pkvm: 'pkvm',
  nested: 'vhe',
};

export interface Kernel {
  /** Upstream series. */
  readonly series: string;
  readonly modes: readonly Mode[];
}

/** hVHE is of v6.5 (e2d6c906f0ac), nested virtualization can be asked for since v6.16. */
export const KERNELS: readonly Kernel[] = [
  { series: '6.1', modes: ['vhe', 'nvhe', 'pkvm'] },
  { series: '6.12', modes: ['vhe', 'nvhe', 'hvhe', 'pkvm'] },
  { series: '6.16', modes: ['vhe', 'nvhe', 'hvhe', 'pkvm', 'nested'] },
  { series: '6.18', modes: ['vhe', 'nvhe', 'hvhe', 'pkvm', 'nested'] },
  { series: '7.0', modes: ['vhe', 'nvhe', 'hvhe', 'pkvm', 'nested'] },
  { series: '7.2', modes: ['vhe', 'nvhe', 'hvhe', 'pkvm', 'nested'] },
  { series: '7.3', modes: ['vhe', 'nvhe', 'hvhe', 'pkvm', 'nested'] },
];

/** Suites that have them, of the mirror and of its security archive. */
export const SUITES: readonly string[] = ['bookworm', 'trixie', 'trixie-backports', 'forky', 'sid', 'experimental'];
export const SECURITY_SUITES: readonly string[] = ['bookworm-security', 'trixie-security'];
/** The suite of QEMU and of the compilers. */
export const TOOLS_SUITE = 'bookworm';
