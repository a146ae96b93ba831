/** What a trace tells of the kernel that it was taken on, and that is not held against another: semantics 10. */

import { EC_FP_ASIMD, EC_SME, EC_SVE } from '../kernel/state/exception.ts';
import { ABSENT, type EventRecord } from '../trace/event.ts';
import { ISAS, KIND } from '../trace/vocabulary.ts';

const ISA_OF_EC: ReadonlyMap<number, number> = new Map([
  [EC_FP_ASIMD, ISAS.indexOf('fpsimd')],
  [EC_SVE, ISAS.indexOf('sve')],
  [EC_SME, ISAS.indexOf('sme')],
]);

/** A trap that was seen is use of the registers, of which each kernel decides whether it traps. Whether it was such a trap. */
export function readTrapAsUse(event: EventRecord): boolean {
  if (event.kind !== KIND.guest_fp_trap) return false;
  const isa = ISA_OF_EC.get(event.ec === ABSENT ? EC_FP_ASIMD : event.ec);
  if (isa === undefined) return false;
  event.kind = KIND.guest_fp;
  event.ec = ABSENT;
  event.isa = isa;
  return true;
}
