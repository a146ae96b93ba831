/** `replay --explain`: the inputs are read once more, for the switches that explain what diverged. */

import { statSync } from 'node:fs';
import type { Report } from '../account/report.ts';
import { readCaptures } from '../import/read.ts';
import { createExplainer } from '../tools/explain-divergence.ts';
import { readingOf } from './captures.ts';
import { Failure } from './exit.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { readEvents } from './read-events.ts';
import { type ReplayOptions, settingsOf } from './replay-options.ts';

/** Throws `Failure` where an input cannot be read twice. To be called before the first reading. */
export function checkExplainable(inputs: readonly string[]): void {
  const once = inputs.find((path) => path === '-' || statSync(path, { throwIfNoEntry: false })?.isFile() === false);
  if (once === undefined) return;
  throw new Failure('--explain reads the traces twice: they must be files, no pipes');
}

/** The report with its explanations; `report` is of these inputs with these options. */
export async function explain(
  report: Report,
  inputs: readonly string[],
  options: ReplayOptions,
  stdout: Output,
  io: Io,
): Promise<Report> {
  if (report.observations.diverged === 0) return { ...report, explanations: [] };
  const explainer = createExplainer(report, settingsOf(options));
  const step = (event: Parameters<typeof explainer.step>[0]) => {
    explainer.step(event);
    return undefined;
  };
  await readEvents(inputs, options, stdout, io, step, readCaptures(inputs, readingOf(options)));
  return { ...report, explanations: explainer.explanations() };
}
