/**
 * What would have prevented a cause: the trace is replayed once more on kernels that differ from the model in one switch. One
 * under which the cause is not found, nor any that was not there before, prevents it. Values that were read inside the kernel
 * are of the kernel that was traced, and left out.
 */

import { RULES } from '../../check/rules.ts';
import { MODELS, type Model } from '../../models/models.ts';
import { type Change, changed, modelsWith, SWITCHES, soundChangesOf } from '../../models/switches.ts';
import { type Run, startRun } from '../../replay/run.ts';
import { type Settings, settle, type Wishes } from '../../replay/settings.ts';
import type { Cause, Explanation, Prevention, Report } from '../../report/report.ts';
import { createEventRecord, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { readTrapAsUse } from '../foreign.ts';

export interface PreventionOptions extends Wishes {
  readonly strict?: boolean;
}

export interface Preventer {
  /** Replays an event on all changed kernels. */
  step(event: EventRecord): void;
  /** The causes of the report, each with what prevents it; without that where the events alone do not show it. */
  causes(): readonly Cause[];
}

interface Variant {
  readonly change: Change;
  readonly run: Run;
  readonly rules: ReadonlySet<string>;
  /** It prevents nothing that is asked for any more. */
  isLost: boolean;
  /** Kinds of cause when that was last looked at. */
  seen: number;
}

/** `report`: of a replay of the same events with the same options. */
export function createPreventer(report: Report, options: PreventionOptions): Preventer {
  const wanted = report.causes.map(({ kind }) => kind);
  let same: Run | undefined;
  let settings: Settings | undefined;
  let variants: Variant[] = [];

  const start = (event: EventRecord): void => {
    const settled = settle(options, event.kind === KIND.meta ? event.meta : undefined);
    if ('field' in settled) return;
    settings = settled;
    const runOptions = { maxViolations: 0, ...(options.strict !== undefined && { strict: options.strict }) };
    const under = createEventRecord();
    same = startRun(runOptions, settled, under);
    variants = soundChangesOf(settled.model.profile).map((change) => {
      const profile = changed(settled.model.profile, change);
      const rules = RULES.filter((rule) => rule.applies(profile, settled.mode)).map(({ id }) => id);
      const run = startRun(runOptions, { ...settled, model: { ...settled.model, profile } }, under);
      return { change, run, rules: new Set(rules), isLost: false, seen: 0 };
    });
  };

  const stepAll = (event: EventRecord): void => {
    if (settings === undefined) start(event);
    same?.step(event);
    for (const variant of variants) {
      if (variant.isLost) continue;
      variant.run.step(event);
      if (variant.run.kinds.size === variant.seen) continue;
      variant.seen = variant.run.kinds.size;
      variant.isLost = wanted.every((kind) => variant.run.kinds.has(kind));
    }
  };

  const preventions = (cause: Cause): readonly Prevention[] => {
    const of = settings?.model;
    const before = same?.kinds;
    if (of === undefined || before === undefined) return [];
    return variants
      .filter(({ run, rules, isLost }) => {
        if (isLost || run.kinds.has(cause.kind)) return false;
        // Not to be asked is not to be right.
        const isAsked = Object.keys(cause.consequences).some((rule) => rules.has(rule));
        return isAsked && [...run.kinds].every((kind) => before.has(kind));
      })
      .map(({ change }) => change)
      .sort((a, b) => distance(of, a) - distance(of, b))
      .map(preventionOf);
  };

  return {
    step(event) {
      if (event.kind === KIND.observe) return;
      const { kind, ec, isa } = event;
      const isChanged = readTrapAsUse(event);
      stepAll(event);
      if (isChanged) Object.assign(event, { kind, ec, isa });
    },
    causes: () =>
      report.causes.map((cause) =>
        same?.kinds.has(cause.kind) === true ? { ...cause, prevented_by: preventions(cause) } : cause,
      ),
  };
}

export function preventionOf(change: Change): Prevention {
  const value = String(change.value);
  const { source, commits } = SWITCHES[change.name];
  const commit = commits?.[value];
  return {
    switch: change.name,
    value,
    models: modelsWith(change).map(({ name }) => name),
    source,
    ...(commit !== undefined && { commit }),
  };
}

/**
 * A fix comes later: models to the next one that has the value; one that only earlier models have is farther than any, and to
 * go without the feature farther still.
 */
function distance(of: Model, change: Change): number {
  if (SWITCHES[change.name].feature === true) return Number.POSITIVE_INFINITY;
  const here = MODELS.findIndex(({ name }) => name === of.name);
  const places = modelsWith(change).map((model) => MODELS.indexOf(model) - here);
  const later = places.filter((place) => place > 0);
  return later.length > 0 ? Math.min(...later) : MODELS.length - Math.max(...places);
}

/** A cause that is a value read inside the kernel is prevented by the switches that explain it, where nothing diverges then. */
export function withExplanations(
  causes: readonly Cause[],
  report: Report,
  of: readonly Explanation[],
): readonly Cause[] {
  return causes.map((cause) => {
    if (cause.prevented_by !== undefined || cause.consequences.diverged === undefined) return cause;
    const index = report.observations.diverging.findIndex((divergence) => divergence.cause === cause.cause);
    const switches = of[index]?.switches.filter(({ diverged }) => diverged === 0);
    if (switches === undefined) return cause;
    const prevented_by = switches.map(({ switch: name, value, models }): Prevention => {
      const { source, commits } = SWITCHES[name as keyof typeof SWITCHES];
      const commit = commits?.[value];
      return { switch: name, value, models, source, ...(commit !== undefined && { commit }) };
    });
    return { ...cause, prevented_by };
  });
}
