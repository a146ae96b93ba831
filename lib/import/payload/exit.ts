/** Why a guest run ended, as the trace format writes it. */

export interface Exit {
  /** ESR_ELx.EC; only of a trap. */
  readonly ec?: string;
  /** What ended the run where it was no trap: irq, serror, ... (kvm_arm_exception_type, in small letters). */
  readonly reason?: string;
}

/** ESR_ELx.EC has 6 bits. */
const MAX_EC = 0x3f;

/** Undefined for an EC that there cannot be: the line is damaged. */
export function exitOf(name: string, ec: number): Exit | undefined {
  if (name !== 'TRAP') return { reason: name.toLowerCase() };
  return ec <= MAX_EC ? { ec: `0x${ec.toString(16).padStart(2, '0')}` } : undefined;
}
