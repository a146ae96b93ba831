/** FP-14, FP-21 and SM-03. */

import type { Literal, TraceEvent } from './literal.ts';

/** `v`: the vCPU that was loaded on the CPU before the event. Asked after the event. */
export function sme(literal: Literal, { event }: TraceEvent, v: string, cpu: number): string[] {
  const svcr = literal.svcr(cpu);
  switch (event) {
    case 'guest_enter': {
      const guest = literal.features(v.slice(5)).sme_max_vl > 0;
      return guest || svcr === 0 || literal.refused(cpu) ? [] : ['FP-14'];
    }
    case 'guest_exit':
      // After ctxsync; only where KVM has the else branch.
      return literal.profile.smeGuests && literal.ownerKernel(cpu) !== 'guest' && svcr !== 0 ? ['SM-03'] : [];
    case 'vcpu_put':
    case 'sched_out':
      return literal.profile.smeGuests && svcr !== 0 ? ['SM-03'] : [];
    case 'nested_eret':
    case 'nested_exception':
      return literal.profile.nestedSkip && literal.owner(cpu) === 'host' ? ['FP-21'] : [];
    default:
      return [];
  }
}
