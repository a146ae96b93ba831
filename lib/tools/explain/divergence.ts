/**
 * Why a kernel holds what the model does not predict: the trace is replayed once more on kernels that differ from the model in one
 * switch of the profile each. A switch explains a value that the changed kernel holds as well; how many values of the whole trace
 * it still does not predict tells what the explanation is worth.
 */

import type { Observation } from '../../kernel/state/watcher.ts';
import { type Change, changed, changesOf, modelsWith } from '../../models/switches.ts';
import { type Run, startRun } from '../../replay/run.ts';
import { type Settings, settle, type Wishes } from '../../replay/settings.ts';
import type { Explanation, Report } from '../../report/report.ts';
import { createEventRecord, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';

export interface Explainer {
  /** Replays an event on all changed kernels. */
  step(event: EventRecord): void;
  /** One for each divergence that the report lists, in that order. */
  explanations(): readonly Explanation[];
}

interface Variant {
  readonly change: Change;
  readonly run: Run;
  /** Those of the report's divergences that are none here. */
  readonly confirmed: Set<string>;
}

/** `report`: of a replay of the same events with the same `wishes`. */
export function createExplainer(report: Report, wishes: Wishes): Explainer {
  const { diverging } = report.observations;
  const places = new Set(diverging.map(({ input, line, cpu, field }) => placeOf(input, line, cpu, field)));
  const lines = new Set(diverging.map(({ line }) => line));
  /** The event that all variants are replaying, and whether it may be one that diverged. */
  const under = { way: createEventRecord(), suspected: false };
  let variants: readonly Variant[] | undefined;

  const start = (event: EventRecord): readonly Variant[] => {
    const settings = settle(wishes, event.kind === KIND.meta ? event.meta : undefined);
    return 'field' in settings ? [] : variantsOf(settings, places, under);
  };
  return {
    step(event) {
      under.way = event;
      under.suspected = lines.has(event.line);
      variants ??= start(event);
      for (const { run } of variants) run.step(event);
    },
    explanations() {
      const finished = (variants ?? [])
        .map((variant) => ({ ...variant, diverged: variant.run.finish([]).observations.diverged }))
        .sort((a, b) => a.diverged - b.diverged);
      return diverging.map((divergence) => {
        const { input, line, cpu, field } = divergence;
        const switches = finished
          .filter((variant) => variant.confirmed.has(placeOf(input, line, cpu, field)))
          .map(({ change, diverged }) => ({
            switch: change.name,
            value: String(change.value),
            models: modelsWith(change).map(({ name }) => name),
            diverged,
          }));
        return { input, line, ...(cpu !== undefined && { cpu }), field, switches };
      });
    },
  };
}

function variantsOf(
  settings: Settings,
  places: ReadonlySet<string>,
  under: { readonly way: EventRecord; readonly suspected: boolean },
): readonly Variant[] {
  return changesOf(settings.model.profile).map((change) => {
    const confirmed = new Set<string>();
    const profile = changed(settings.model.profile, change);
    const onObservation = (cpu: number, field: string, outcome: Observation): void => {
      if (!under.suspected || outcome !== 'confirmed') return;
      const place = placeOf(under.way.input, under.way.line, cpu, field);
      if (places.has(place)) confirmed.add(place);
    };
    const options = { maxViolations: 0, onObservation };
    const run = startRun(options, { ...settings, model: { ...settings.model, profile } }, under.way);
    return { change, run, confirmed };
  });
}

function placeOf(input: number, line: number, cpu: number | undefined, field: string): string {
  return `${input} ${line} ${cpu} ${field}`;
}
