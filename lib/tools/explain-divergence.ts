/**
 * Why a kernel holds what the model does not predict: the trace is replayed once more on kernels that differ from the model in one
 * switch of the profile each. A switch explains a value where the changed kernel does not diverge from it; how many values of the
 * whole trace it still does not predict tells what the explanation is worth.
 */

import type { Divergence, Explanation, Report } from '../account/report.ts';
import { type Run, startRun } from '../account/run.ts';
import { type Settings, settle, type Wishes } from '../account/settings.ts';
import { MODELS, type Profile } from '../kernel/profiles.ts';
import type { EventRecord } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';

export interface Explainer {
  /** Replays an event on all changed kernels. */
  step(event: EventRecord): void;
  /** One for each divergence that the report lists, in that order. */
  explanations(): readonly Explanation[];
}

interface Change {
  readonly name: keyof Profile;
  readonly value: Profile[keyof Profile];
}

interface Variant {
  readonly change: Change;
  readonly run: Run;
  /** Those of the report's divergences that are divergences here as well. */
  readonly diverging: Set<string>;
}

/** `report`: of a replay of the same events with the same `wishes`. */
export function createExplainer(report: Report, wishes: Wishes): Explainer {
  const { diverging } = report.observations;
  const places = new Set(diverging.map(placeOf));
  let variants: readonly Variant[] | undefined;

  const start = (event: EventRecord): readonly Variant[] => {
    const settings = settle(wishes, event.kind === KIND.meta ? event.meta : undefined);
    return 'field' in settings ? [] : variantsOf(settings, places, event);
  };
  return {
    step(event) {
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
          .filter((variant) => !variant.diverging.has(placeOf(divergence)))
          .map(({ change, diverged }) => ({
            switch: change.name,
            value: String(change.value),
            models: modelsWith(change),
            diverged,
          }));
        return { input, line, ...(cpu !== undefined && { cpu }), field, switches };
      });
    },
  };
}

function variantsOf(settings: Settings, places: ReadonlySet<string>, first: EventRecord): readonly Variant[] {
  return changesOf(settings.model.profile).map((change) => {
    const diverging = new Set<string>();
    const profile = { ...settings.model.profile, [change.name]: change.value };
    const onDivergence = (divergence: Divergence): void => {
      const place = placeOf(divergence);
      if (places.has(place)) diverging.add(place);
    };
    const options = { maxViolations: 0, onDivergence };
    const run = startRun(options, { ...settings, model: { ...settings.model, profile } }, first);
    return { change, run, diverging };
  });
}

/** Every switch with each value that it has in another kernel. */
export function changesOf(profile: Profile): readonly Change[] {
  return (Object.keys(profile) as (keyof Profile)[]).flatMap((name) => {
    const values = new Set(MODELS.map((model) => model.profile[name]));
    values.delete(profile[name]);
    return [...values].map((value) => ({ name, value }));
  });
}

function modelsWith({ name, value }: Change): readonly string[] {
  return MODELS.filter(({ profile }) => profile[name] === value).map((model) => model.name);
}

function placeOf({ input, line, cpu, field }: Divergence): string {
  return `${input} ${line} ${cpu} ${field}`;
}
