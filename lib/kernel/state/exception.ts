/** ESR_ELx.EC values that decide what becomes of an FP trap (Arm ARM D24.2.40; kvm_hyp_handle_fpsimd). */

export const EC_FP_ASIMD = 0x07;
export const EC_SVE = 0x19;
export const EC_SME = 0x1d;
