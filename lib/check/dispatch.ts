/**
 * The checks of a moment, one after the other. The build puts what `bin/write-dispatch.ts` makes of the same rules in the
 * place of this file.
 */

import type { Cpu } from '../kernel/state/cpu.ts';
import type { Entity } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import { MOMENTS, type MomentName } from '../kernel/state/moments.ts';
import { HOLDS, type Outcome, type Rule } from './rule.ts';

/** Runs the checks of one moment. */
export type Evaluate = (machine: Machine, cpu: Cpu, subject: Entity, detail: string) => void;

/** Called where a rule does not simply hold; `index`: of the rule. */
export type OnOutcome = (
  index: number,
  outcome: Outcome,
  machine: Machine,
  cpu: Cpu,
  subject: Entity,
  detail: string,
) => void;

/** `applies`: which of the rules are to be looked at. */
export function evaluationOf(
  rules: readonly Pick<Rule, 'at' | 'check'>[],
  applies: readonly boolean[],
  moment: number,
  onOutcome: OnOutcome,
): Evaluate {
  const name = MOMENTS[moment] as MomentName;
  const here = [...rules.entries()].filter(([index, { at }]) => applies[index] === true && at.includes(name));
  return (machine, cpu, subject, detail) => {
    for (const [index, { check }] of here) {
      const outcome = check(machine, cpu, moment, subject, detail);
      if (outcome !== HOLDS) onOutcome(index, outcome, machine, cpu, subject, detail);
    }
  };
}
