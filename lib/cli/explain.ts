/** `replay --explain`: the inputs are read once more, for the switches that explain what diverged. */

import { statSync } from 'node:fs';
import { readCaptures } from '../import/read.ts';
import type { Report } from '../report/report.ts';
import { createExplainer } from '../tools/explain/divergence.ts';
import { readingOf } from './captures.ts';
import type { Context } from './context.ts';
import { eachEvent } from './event-loop.ts';
import { Failure } from './exit.ts';
import { type ReplayOptions, settingsOf, wantsProgress } from './options/replay-options.ts';

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
  { stdout, io }: Context,
): Promise<Report> {
  if (report.observations.diverged === 0) return { ...report, explanations: [] };
  const explainer = createExplainer(report, settingsOf(options));
  const source = readCaptures(inputs, readingOf(options));
  await eachEvent(
    {
      source,
      visit: explainer.step,
      fault() {}, // What cannot be read was said at the first reading.
      output: stdout,
      progress: wantsProgress(options, io),
    },
    io,
  );
  return { ...report, explanations: explainer.explanations() };
}
