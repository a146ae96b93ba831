/** The bug catalogue, replayed: which rules fire on which kernel. */

import { RULES } from '../../lib/check/rules.ts';
import { findModel } from '../../lib/models/models.ts';
import { type Run, reportOf, runOf } from '../support/corpus.ts';
import type { Case, Kernel } from './catalogue.ts';

/** As the command line takes it. */
export function nameOf({ model, mode, strict }: Kernel): string {
  return `${model} ${mode}${strict === true ? ' --strict' : ''}`;
}

/** Throws where there is no such model, or the model has no such mode. */
export function bugRun(trace: string, { model: name, mode, strict }: Kernel): Run {
  const model = findModel(name);
  if (model === undefined || !model.modes.includes(mode)) throw new Error(`${trace}: no kernel ${name} ${mode}`);
  return runOf('bugs', trace, { model, mode, strict: strict === true });
}

/** The trace that shows the kernels without the bug. */
export const rightTraceOf = ({ trace, rightTrace }: Case): string => rightTrace ?? trace;

/** Rules that fire, in their own order. */
export function rulesFired(trace: string, kernel: Kernel): string[] {
  const { coverage } = reportOf(bugRun(trace, kernel));
  return RULES.map(({ id }) => id).filter((id) => coverage.rules_fired.includes(id));
}
