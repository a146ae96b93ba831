/** The scenarios of semantics 11, and what a model makes of one. */

import { createLiteral, type Literal, type LiteralOptions, type TraceEvent } from './literal.ts';
import { createRules } from './rules.ts';

export const TASK = 7;
export const cpu = 0;

export type Short = readonly TraceEvent[];
/** One CPU, one task with live user FP state. */
export const START: Short = [
  { event: 'hyp_init', cpu },
  { event: 'task_switch', cpu, next: TASK },
  { event: 'return_to_user', cpu },
  { event: 'host_fp', cpu },
];
export const load = (vcpu: number): Short => [
  { event: 'map_fp', vm: 0, vcpu, task: TASK },
  { event: 'vcpu_load', cpu, vcpu, task: TASK },
];
export const RUN: Short = [
  { event: 'guest_enter', cpu },
  { event: 'guest_exit', cpu },
];
export const RUN_FP: Short = [
  { event: 'guest_enter', cpu },
  { event: 'guest_fp', cpu },
  { event: 'guest_exit', cpu },
];
export const NEON: Short = [
  { event: 'neon_begin', cpu, softirq: true },
  { event: 'neon_end', cpu, softirq: true },
];
export const PUT: Short = [{ event: 'vcpu_put', cpu }];
export const USER: Short = [{ event: 'return_to_user', cpu }];

const G1 = [...load(0), ...RUN_FP, ...PUT, ...USER];
export const SCENARIOS: Readonly<Record<string, Short>> = {
  G1,
  G2: [...load(0), ...RUN, ...PUT, ...USER],
  G3: [...load(0), ...Array.from({ length: 10 }, () => RUN_FP).flat(), ...PUT, ...USER],
  G4: [...load(0), ...RUN_FP, ...NEON, ...RUN_FP, ...PUT, ...USER],
  G7: [...G1, ...load(1), ...RUN_FP, ...PUT],
  G8: [...load(0), ...NEON, ...RUN_FP, ...PUT, ...USER],
};

export interface Outcome {
  readonly literal: Literal;
  readonly bytes: number;
  readonly broken: readonly string[];
}

export interface Setup extends Omit<LiteralOptions, 'cpus'> {
  /** Vector quantum of the vCPU's SVE; 0: none. */
  readonly gvq?: number;
  /** That of the machine, where it has more than the vCPU. */
  readonly hvq?: number;
  /** More about vCPU 0/0. */
  readonly create?: Partial<TraceEvent>;
}

/** Bytes count from the moment at which the task's state is live. */
export function play(model: string, mode: string, scenario: Short, setup: Setup = {}): Outcome {
  const { gvq = 0, hvq = gvq, create, ...machine } = setup;
  const literal = createLiteral(model, mode, { cpus: 1, ...(hvq > 0 ? { sveVl: hvq * 16 } : {}), ...machine });
  const rules = createRules(literal, 1);
  literal.step({ event: 'vcpu_create', vm: 0, vcpu: 0, sve: gvq > 0, sve_vl: gvq * 16, ...create });
  for (const event of START) literal.step(event);
  const start = literal.bytes();
  const broken = new Set(scenario.flatMap((event) => rules.step(event)));
  return { literal, bytes: literal.bytes() - start, broken: [...broken].sort() };
}
