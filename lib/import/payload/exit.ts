/** Why a guest run ended, as the trace format writes it. */

export interface Exit {
  /** ESR_ELx.EC; only of a trap. */
  readonly ec?: string;
  /** What ended the run where it was no trap: irq, serror, ... (kvm_arm_exception_type, in small letters). */
  readonly reason?: string;
}

export function exitOf(name: string, ec: number): Exit {
  return name === 'TRAP' ? { ec: `0x${(ec & 0x3f).toString(16).padStart(2, '0')}` } : { reason: name.toLowerCase() };
}
