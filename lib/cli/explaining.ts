/** `replay --explain`: the inputs are read once more, for the switches that prevent the causes and explain what diverged. */

import { readCaptures } from '../import/read.ts';
import type { Report } from '../report/report.ts';
import { createExplainer } from '../tools/explain/divergence.ts';
import { createPreventer, type PreventionOptions, withExplanations } from '../tools/explain/prevention.ts';
import { type CaptureCommandOptions, readingOf } from './captures.ts';
import type { Context } from './context.ts';
import { eachEvent } from './event-loop.ts';
import { Failure } from './exit.ts';
import { isReadOnce } from './read-twice.ts';

/** Throws `Failure` where an input cannot be read twice. To be called before the first reading. */
export function checkExplainable(inputs: readonly string[]): void {
  if (!inputs.some(isReadOnce)) return;
  throw new Failure('what explains a trace reads it twice: it must be a file, no pipe');
}

/** The report with its explanations; `report` is of these inputs, read so, with these settings. */
export async function explain(
  report: Report,
  inputs: readonly string[],
  reading: CaptureCommandOptions,
  settings: PreventionOptions,
  progress: boolean,
  { stdout, io }: Context,
): Promise<Report> {
  if (report.causes.length === 0) return { ...report, explanations: [] };
  const explainer = report.observations.diverged === 0 ? undefined : createExplainer(report, settings);
  const preventer = createPreventer(report, settings);
  const source = readCaptures(inputs, readingOf(reading));
  await eachEvent(
    {
      source,
      visit(event) {
        explainer?.step(event);
        preventer.step(event);
      },
      fault() {}, // What cannot be read was said at the first reading.
      output: stdout,
      progress,
    },
    io,
  );
  const explanations = explainer?.explanations() ?? [];
  return { ...report, causes: withExplanations(preventer.causes(), report, explanations), explanations };
}
