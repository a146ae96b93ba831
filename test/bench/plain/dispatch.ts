/** The checks of a moment one after the other in a loop: what `lib/check/dispatch.ts` does by a function that it makes. */

import { HOLDS, type Outcome, type Rule } from '../../../lib/check/rule.ts';
import type { Cpu } from '../../../lib/kernel/state/cpu.ts';
import type { Entity } from '../../../lib/kernel/state/entity.ts';
import type { Machine } from '../../../lib/kernel/state/machine.ts';

export type Evaluate = (machine: Machine, cpu: Cpu, subject: Entity, detail: string) => void;

type OnOutcome = (index: number, outcome: Outcome, ...state: Parameters<Evaluate>) => void;

export function compileChecks(checks: readonly Rule['check'][], moment: number, onOutcome: OnOutcome): Evaluate {
  return (machine, cpu, subject, detail) => {
    for (let index = 0; index < checks.length; index++) {
      const outcome = (checks[index] as Rule['check'])(machine, cpu, moment, subject, detail);
      if (outcome !== HOLDS) onOutcome(index, outcome, machine, cpu, subject, detail);
    }
  };
}
