/** The checks of a moment, as one function. */

import type { Cpu } from '../kernel/state/cpu.ts';
import type { Entity } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import { HOLDS, type Outcome, type Rule } from './rule.ts';

/** Runs the checks of one moment. */
export type Evaluate = (machine: Machine, cpu: Cpu, subject: Entity, detail: string) => void;

/** Called where a rule does not simply hold; `index`: of its check. */
export type OnOutcome = (
  index: number,
  outcome: Outcome,
  machine: Machine,
  cpu: Cpu,
  subject: Entity,
  detail: string,
) => void;

/**
 * A function that runs the checks one after the other, made from source text: with a call of its own for each, the engine
 * can put them in line. What that buys, beside a loop over them, `test/bench/alternatives.ts` prints.
 */
export function compileChecks(checks: readonly Rule['check'][], moment: number, onOutcome: OnOutcome): Evaluate {
  const calls = checks.map(
    (_, index) => `
  outcome = check${index}(machine, cpu, ${moment}, subject, detail);
  if (outcome !== ${HOLDS}) onOutcome(${index}, outcome, machine, cpu, subject, detail);`,
  );
  const source = `return (machine, cpu, subject, detail) => {\n  let outcome;${calls.join('')}\n};`;
  return new Function('onOutcome', ...checks.map((_, index) => `check${index}`), source)(
    onOutcome,
    ...checks,
  ) as Evaluate;
}
