/** A vCPU as the layouts of its vector registers see it, and the bytes that its state takes. */

import { FPSIMD_BYTES, svePayload, ZT0_BYTES, zaPayload } from '../../costs/steps.ts';

/** V0-V31 alone. */
export const V_BYTES = 512;
/** Z0-Z31, P0-P15 and FFR for each 128 bits of vector length: SVE_SIG_REGS_SIZE. */
const SVE_STATE_BYTES = 546;

export interface LayoutVcpu {
  readonly vm: number;
  readonly id: number;
  /** Largest vector lengths in units of 128 bits; 0: no SVE, no SME. */
  vq: number;
  svq: number;
  sme2: boolean;
  fa64: boolean;
  /** SVCR.SM and SVCR.ZA. */
  sm: boolean;
  za: boolean;
  /** Its newest state is in the registers of a CPU. */
  live: boolean;
  /** Format of its memory under the layout that has two: zeroed memory is in both. */
  format: 'both' | 'native' | 'user';
  /** Line of the first vector register, and of the first of ZA and ZT0, that userspace wrote since the last run; 0: none. */
  vectorsWritten: number;
  zaWritten: number;
}

export function createLayoutVcpu(vm: number, id: number): LayoutVcpu {
  return {
    vm,
    id,
    vq: 0,
    svq: 0,
    sme2: false,
    fa64: false,
    sm: false,
    za: false,
    live: false,
    format: 'both',
    vectorsWritten: 0,
    zaWritten: 0,
  };
}

/** Vector length of the userspace format, which is that of the larger extension. */
export const userVq = ({ vq, svq }: LayoutVcpu): number => Math.max(vq, svq);

/** Vector length that SVCR.SM selects; 0 where it selects FPSIMD. */
export const nativeVq = ({ vq, svq, sm }: LayoutVcpu): number => (sm ? svq : vq);

/** Z, P and FFR (semantics 6.1), in the userspace format and in the native one, which without SVE and SM is V alone. */
export const userBytes = (vcpu: LayoutVcpu): number => SVE_STATE_BYTES * userVq(vcpu);
export const nativeBytes = (vcpu: LayoutVcpu): number => SVE_STATE_BYTES * nativeVq(vcpu) || V_BYTES;

/** The two formats are not the same bytes. */
export const formatsDiffer = (vcpu: LayoutVcpu): boolean => userVq(vcpu) !== nativeVq(vcpu);

/** ZA and ZT0 where SVCR.ZA says that they hold anything. */
const matrixBytes = ({ svq, za, sme2 }: LayoutVcpu): number => (za ? zaPayload(svq) + (sme2 ? ZT0_BYTES : 0) : 0);
export const wholeMatrixBytes = (vcpu: LayoutVcpu): number => matrixBytes({ ...vcpu, za: true });

/** Register payload of a save. In streaming mode without FA64 the slot of FFR is written as zero. */
export function savedBytes(vcpu: LayoutVcpu): number {
  const vq = nativeVq(vcpu);
  return (vq === 0 ? FPSIMD_BYTES : svePayload(vq)) + matrixBytes(vcpu);
}

/** Register payload of a load: FFR is left out in streaming mode without FA64. */
export function loadedBytes(vcpu: LayoutVcpu): number {
  return savedBytes(vcpu) - (vcpu.sm && !vcpu.fa64 ? 2 * vcpu.svq : 0);
}
