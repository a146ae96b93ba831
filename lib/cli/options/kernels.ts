/** Kernels that a command is told to run: models in modes. */

import { MODELS, MODES } from '../../models/profiles.ts';
import type { Kernel } from '../../tools/compare/compare.ts';
import { Failure } from '../exit.ts';
import { checkNames } from './filters.ts';

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
