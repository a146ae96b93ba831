/** What of the costs of a step is measured: each measure is a sum over the primitives that the step is made of. */

import type { Primitive } from '../../costs/primitives.ts';
import { type CostTable, STEP } from '../../costs/steps.ts';

export const MEASURES = {
  bytes: 'register payload that was moved, in bytes',
  saves: 'saves of FP, SVE, SME and FPMR state',
  loads: 'loads of it',
  debug: 'saves and restores of the debug registers',
  sysregs: 'system registers read or written',
  barriers: 'ISB and DSB',
  calls: 'exceptions from EL1 to EL2 and back, of the host',
  traps: 'FP traps of the guest',
  exits: 'exits of the guest to the host',
} as const;

export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as Measure[];

/** By index of MEASURE_NAMES. */
export type Amounts = number[];
export const noAmounts = (): Amounts => MEASURE_NAMES.map(() => 0);

const SAVES: ReadonlySet<string> = new Set(['fpsimd_save', 'sve_save', 'za_save', 'fpmr_save']);
const LOADS: ReadonlySet<string> = new Set(['fpsimd_load', 'sve_load', 'za_load', 'fpmr_load']);
const DEBUG: ReadonlySet<string> = new Set(['debug_save', 'debug_restore']);

/** What one primitive adds to each measure; bytes are given with each step. */
const OF_PRIMITIVE: Readonly<Record<Measure, (name: string, primitive: Primitive) => number>> = {
  bytes: () => 0,
  saves: (name) => Number(SAVES.has(name)),
  loads: (name) => Number(LOADS.has(name)),
  debug: (name) => Number(DEBUG.has(name)),
  sysregs: (_name, { read, write }) => (read?.length ?? 0) + (write?.length ?? 0),
  barriers: (_name, { isb = 0, dsb = 0 }) => isb + dsb,
  calls: (_name, { hvc = 0 }) => hvc,
  traps: () => 0,
  exits: () => 0,
};

/** By step: what it adds to each measure, without its bytes. */
export function amountsOfSteps({ steps, primitives }: CostTable): readonly Amounts[] {
  return steps.map((names, step) => {
    const amounts = MEASURE_NAMES.map((measure) =>
      names.reduce((sum, name) => sum + OF_PRIMITIVE[measure](name, primitives[name] as Primitive), 0),
    );
    if (step === STEP.fp_trap) amounts[MEASURE_NAMES.indexOf('traps')] = 1;
    if (step === STEP.exit) amounts[MEASURE_NAMES.indexOf('exits')] = 1;
    return amounts;
  });
}

/** Adds a step that moved so many bytes. */
export function addTo(amounts: Amounts, ofStep: Amounts, bytes: number): void {
  for (let at = 0; at < amounts.length; at++) amounts[at] = (amounts[at] as number) + (ofStep[at] as number);
  amounts[0] = (amounts[0] as number) + bytes;
}
