/** Which kernel a capture is of: what its header says, and where that is not enough, what its lines show. */

import { findModel } from '../models/models.ts';
import { coveringOf } from '../models/release.ts';
import { hostSaveOf, type Manner, takesTimeOfVhe } from './manner.ts';
import type { CaptureHeader } from './payload/capture-header.ts';

/** What was taken for granted, in words, and of what: whoever names that lifts it. */
export interface Presumption {
  readonly of: 'model' | 'mode';
  readonly what: string;
}

export interface CapturedKernel {
  readonly model: string | undefined;
  readonly mode: string | undefined;
  /** What decided where the header did not, in words. */
  readonly decided: readonly string[];
  /** What was taken for granted: a replay under it proves nothing by itself. */
  readonly presumed: readonly Presumption[];
}

type Saying = Pick<CaptureHeader, 'model' | 'mode' | 'release' | 'version'>;

export function kernelOf(header: Saying, manner: Manner): CapturedKernel {
  const decided: string[] = [];
  const presumed: Presumption[] = [];
  const model = header.model ?? modelOf(header, manner, decided, presumed);
  const mode = header.mode ?? (model === undefined ? undefined : modeOf(manner, presumed));
  return { model, mode, decided, presumed };
}

/** A release that does not say its stable level can be of two models. They differ in when the host is saved. */
function modelOf(header: Saying, manner: Manner, decided: string[], presumed: Presumption[]): string | undefined {
  const { models: possible, question } = coveringOf(header.release ?? '', header.version);
  const model = possible.length < 2 ? possible[0] : oneOf(possible, header, manner, decided, presumed);
  if (question !== undefined) {
    const what = model === undefined ? question : `${question}: taken for ${model}`;
    presumed.push({ of: 'model', what });
  }
  return model;
}

function oneOf(
  possible: readonly string[],
  header: Saying,
  manner: Manner,
  decided: string[],
  presumed: Presumption[],
): string | undefined {
  const what = `release ${header.release} can be ${possible.join(' or ')}`;
  const save = hostSaveOf(manner);
  const fitting = possible.filter((name) => save === undefined || findModel(name)?.profile.hostSave === save);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) {
    const where = save === 'eager' ? 'called in every load' : 'not called in a load';
    decided.push(`${what}: taken for ${only}, for fpsimd_save_and_flush_cpu_state is ${where}`);
    return only;
  }
  const last = (fitting.length > 0 ? fitting : possible).at(-1);
  presumed.push({ of: 'model', what: `${what}, and nothing in the capture decides: taken for ${last}` });
  return last;
}

/** No value that was read tells modes apart; the time that a load takes orders them. */
function modeOf(manner: Manner, presumed: Presumption[]): string | undefined {
  const isVhe = takesTimeOfVhe(manner);
  if (isVhe === undefined) return undefined;
  const mode = isVhe ? 'vhe' : 'nvhe';
  presumed.push({
    of: 'mode',
    what: `the mode of the hypervisor is not in the capture: taken for ${mode}, by the time that a load takes`,
  });
  return mode;
}
