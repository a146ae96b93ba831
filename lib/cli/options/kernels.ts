/** Kernels that a command is told to run: models in modes. */

import { MODELS } from '../../models/models.ts';
import { MODES } from '../../models/profile.ts';
import { modelOfRelease } from '../../models/release.ts';
import { escapeText } from '../../text/escape.ts';
import type { Kernel } from '../../tools/compare/compare.ts';
import { Failure } from '../exit.ts';
import { checkNames } from './filters.ts';

export interface ResolvedModel {
  /** Of a model. */
  readonly name: string;
  /** What it was taken for, where it was named by one of the kernels that it covers. */
  readonly note?: string;
}

/** "v6.11", "6.12.107+deb13-arm64". */
const VERSION = /^v?\d{1,3}\.(?:0|[1-9]\d{0,2})(?:\.\d{1,5})?(?:[-+].*)?$/;

/** A model by its name, by a kernel version ("v6.11") or by a release as `uname -r` prints it. Others are what `otherwise` makes of them, which throws `Failure` if it is not given. */
export function resolveModel(text: string, otherwise = refuseModel): ResolvedModel {
  const known = MODELS.map(({ name }) => name);
  if (known.includes(text)) return { name: text };
  const name = VERSION.test(text) ? modelOfRelease(text.replace(/^v/, '')) : undefined;
  if (name !== undefined) return { name, note: `${escapeText(text, 80)} is a kernel of model ${name}` };
  return { name: otherwise(text) };
}

function refuseModel(text: string): string {
  return checkNames(
    'model',
    [text],
    MODELS.map(({ name }) => name),
  )[0] as string;
}

/** Models outer, modes inner. Throws `Failure` for what does not exist, and says what does. */
export function kernelsOf(models: readonly string[], modes: readonly string[]): readonly Kernel[] {
  checkNames(
    'model',
    models,
    MODELS.map(({ name }) => name),
  );
  checkNames('mode', modes, MODES);
  return models.flatMap((model) => {
    const exist: readonly string[] = MODELS.find(({ name }) => name === model)?.modes ?? [];
    const missing = modes.find((mode) => !exist.includes(mode));
    if (missing !== undefined) throw new Failure(`model ${model} has no mode ${missing}, only ${exist.join(', ')}`);
    return modes.map((mode) => ({ model, mode }));
  });
}
