/** Reports of golden traces, and what is read off them where the semantics give a number. */

import { findModel } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import type { Costs, Report } from '../../lib/report/report.ts';
import { traceOf } from '../support/corpus.ts';
import { replay, type Trace } from '../support/replay.ts';

/** Throws for a model that there is not. */
export function replayOn(trace: Trace, modelName: string, mode: Mode): Report {
  const model = findModel(modelName);
  if (model === undefined) throw new Error(`no model ${modelName}`);
  return replay(trace, { model, mode });
}

export function reportOn(golden: string, model: string, mode: Mode): Report {
  return replayOn(traceOf('golden', golden), model, mode);
}

const PAYLOAD = ['fpsimd_save', 'fpsimd_load', 'sve_save', 'sve_load', 'za_save', 'za_load'];

/** Bytes of FP payload moved, both directions: semantics 6.1. */
export function fpBytes(costs: Costs): number {
  return PAYLOAD.reduce((sum, name) => sum + (costs[name]?.bytes ?? 0), 0);
}

/** The bytes that events of that name moved. */
export const bytesOf = ({ cost }: Report, event: string): number => fpBytes(cost.by_event[event] ?? {});
