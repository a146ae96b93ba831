/** System registers that are written only where that changes their value, which a trace does not tell. */

import { DOUBT } from '../../costs/doubts.ts';
import { FPSIMD_BYTES, STEP } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import type { Machine } from '../state/machine.ts';
import type { Vcpu } from '../state/vcpu.ts';

/** FPSIMD registers are loaded, of whomever. */
export function chargeFpsimdLoad({ watch, profile, partial }: Machine): void {
  watch.charge(STEP.fpsimd_load, FPSIMD_BYTES);
  if (partial && profile.fpcrLoad === 'differs') watch.uncertain(DOUBT.conditional, STEP.fpcr_write, 0, 1);
}

/** Where the kernel works out what differs, it depends on features of the guest whether fine-grained traps are written. */
export function doubtFineGrained({ watch, profile, features, partial }: Machine): void {
  const mayWrite = partial && profile.fgt === 'cond' && features.features.has('fgt');
  if (mayWrite) watch.uncertain(DOUBT.conditional, STEP.fgt_write, 0, 1);
}

/** A load of VHE: kvm_vcpu_load_debug() has written MDCR_EL2; __activate_traps_common() may do so again. */
export function doubtMdcr({ watch, profile, partial }: Machine): void {
  if (partial && profile.mdcrAtLoad === 'either') watch.uncertain(DOUBT.mdcr_at_load, STEP.setup_mdcr, 0, 1);
}

/** sve_cond_update_zcr_vq(): ZCR_EL2 has what the last guest or the exit has left there, and is written where that is another length. */
export function noteVectorLength({ watch, features, partial }: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const isKnown = cpu.zcrEl2Set && vcpu.vq === features.sveVl / 16;
  cpu.zcrEl2Set = true;
  if (partial && !isKnown) watch.uncertain(DOUBT.conditional, STEP.zcr_el2_write, 0, 1);
}
