/** What a set of traces reaches: situations of each kernel, rules, steps; and what notices a change of a kernel's switch. */

import { RULES } from '../../check/rules.ts';
import { STEPS } from '../../costs/steps.ts';
import { MODELS, type Model } from '../../models/models.ts';
import type { Mode } from '../../models/profile.ts';
import { changesOf } from '../../models/switches.ts';
import { type Run, startRun } from '../../replay/run.ts';
import { type MetaError, settle, type Wishes } from '../../replay/settings.ts';
import type { Report } from '../../report/report.ts';
import { compareNames, entry, sorted } from '../../text/order.ts';
import type { EventRecord } from '../../trace/event.ts';
import { reachable } from './reachable.ts';
import { keyOf, type Situation, situationOf } from './situation.ts';

export interface KernelCoverage {
  readonly model: string;
  readonly mode: string;
  readonly traces: number;
  /** Of the situations that the emulator can be brought to, how many there are and in how many some trace is. */
  readonly reachable: number;
  readonly reached: number;
  /** State -> event -> times; of all traces, also in situations that the search does not find. */
  readonly situations: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** State -> events that can happen there and do so in no trace. */
  readonly unreached: Readonly<Record<string, readonly string[]>>;
}

export interface TraceCoverage {
  readonly name: string;
  readonly kernel: string;
  /** Rules that it violates. */
  readonly rules: readonly string[];
  /** "SWITCH=VALUE": with it the report is another one; absent where it was not tried. */
  readonly noticed?: readonly string[];
}

export interface Coverage {
  readonly kernels: Readonly<Record<string, KernelCoverage>>;
  /** Kernels that no trace is of. */
  readonly without: readonly string[];
  /** Rule -> traces that violate it. */
  readonly rules: Readonly<Record<string, number>>;
  readonly never_fired: readonly string[];
  readonly never_hit: readonly string[];
  /** "SWITCH=VALUE" -> traces whose report is another with it; those that were tried. */
  readonly switches: Readonly<Record<string, number>>;
  readonly traces: readonly TraceCoverage[];
}

/** One trace on its way. */
export interface TraceAccount {
  /** An error where the first event names a kernel that there is not. */
  step(event: EventRecord): MetaError | undefined;
  /** What it came to goes into the coverage. */
  finish(name: string): void;
}

export interface CoverageAccount {
  /** `kill`: each switch of the kernel is changed as well, to every value that it has in another. */
  trace(wishes: Wishes, kill: boolean): TraceAccount;
  coverage(): Coverage;
}

const nameOf = ({ name }: Model, mode: string): string => `${name} ${mode}`;

type Counts = Record<string, Record<string, number>>;

export function createCoverage(): CoverageAccount {
  const kernels = new Map<
    string,
    { readonly model: Model; readonly mode: Mode; traces: number; readonly counts: Counts }
  >();
  const traces: TraceCoverage[] = [];
  const steps = new Set<string>();
  const switches: Record<string, number> = {};
  return {
    trace: (wishes, kill) => {
      let started: Started | undefined;
      return {
        step(event) {
          if (started === undefined) {
            const settings = settle(wishes, event.meta);
            if ('field' in settings) return settings;
            started = start(settings, event, kill);
          }
          started.step(event);
          return undefined;
        },
        finish(name) {
          if (started === undefined) return;
          const { model, mode, counts, report, noticed } = started.finish();
          const kernel = nameOf(model, mode);
          const known = kernels.get(kernel) ?? { model, mode, traces: 0, counts: {} };
          kernels.set(kernel, known);
          known.traces += 1;
          addAll(known.counts, counts);
          for (const hit of report.coverage.steps_hit) steps.add(hit);
          for (const [change, differs] of noticed ?? []) switches[change] = (switches[change] ?? 0) + (differs ? 1 : 0);
          const seen = noticed?.filter(([, differs]) => differs).map(([change]) => change);
          traces.push({ name, kernel, rules: report.coverage.rules_fired, ...(seen && { noticed: seen }) });
        },
      };
    },
    coverage() {
      const rules = Object.fromEntries(
        RULES.map(({ id }) => [id, traces.filter((trace) => trace.rules.includes(id)).length]),
      );
      const all = MODELS.flatMap((model) => model.modes.map((mode) => nameOf(model, mode)));
      return {
        kernels: sorted(Object.fromEntries([...kernels].map(([name, each]) => [name, kernelCoverage(each)]))),
        without: all.filter((name) => !kernels.has(name)),
        rules,
        never_fired: RULES.filter(({ id }) => rules[id] === 0).map(({ id }) => id),
        never_hit: STEPS.filter((name) => !steps.has(name)),
        switches: sorted(switches),
        traces,
      };
    },
  };
}

interface Started {
  step(event: EventRecord): void;
  finish(): {
    readonly model: Model;
    readonly mode: Mode;
    readonly counts: Counts;
    readonly report: Report;
    readonly noticed: readonly (readonly [change: string, differs: boolean])[] | undefined;
  };
}

function start(settings: Exclude<ReturnType<typeof settle>, MetaError>, first: EventRecord, kill: boolean): Started {
  const { model, mode } = settings;
  const run = startRun({}, settings, first);
  const counts: Counts = {};
  const variants: readonly { readonly change: string; readonly run: Run }[] = !kill
    ? []
    : changesOf(model.profile).map(({ name, value }) => {
        const profile = { ...model.profile, [name]: value };
        return { change: `${name}=${value}`, run: startRun({}, { ...settings, model: { ...model, profile } }, first) };
      });
  return {
    step(event) {
      const situation = situationOf(run.machine, event);
      if (situation !== undefined) count(counts, situation, 1);
      run.step(event);
      for (const variant of variants) variant.run.step(event);
    },
    finish() {
      const report = run.finish([]);
      const text = JSON.stringify(report);
      const noticed = variants.map(({ change, run }) => [change, JSON.stringify(run.finish([])) !== text] as const);
      return { model, mode, counts, report, noticed: kill ? noticed : undefined };
    },
  };
}

function count(counts: Counts, { state, event }: Situation, times: number): void {
  const events = entry<Record<string, number>>(counts, state, () => ({}));
  events[event] = (events[event] ?? 0) + times;
}

function addAll(into: Counts, more: Counts): void {
  for (const [state, events] of Object.entries(more)) {
    for (const [event, times] of Object.entries(events)) count(into, { state, event }, times);
  }
}

function kernelCoverage({
  model,
  mode,
  traces,
  counts,
}: {
  model: Model;
  mode: Mode;
  traces: number;
  counts: Counts;
}): KernelCoverage {
  const can = [...reachable(model, mode).values()];
  const missing = can.filter(({ state, event }) => counts[state]?.[event] === undefined);
  const unreached: Record<string, string[]> = {};
  for (const { state, event } of missing) entry(unreached, state, () => []).push(event);
  for (const events of Object.values(unreached)) events.sort(compareNames);
  return {
    model: model.name,
    mode,
    traces,
    reachable: can.length,
    reached: can.length - missing.length,
    situations: sorted(Object.fromEntries(Object.entries(counts).map(([state, events]) => [state, sorted(events)]))),
    unreached: sorted(unreached),
  };
}

/** Traces that reach what no trace of the set does, the shortest for each; one that another reaches on its way is left out. */
export function suggest(coverage: Coverage): readonly { readonly name: string; readonly trace: readonly object[] }[] {
  return Object.values(coverage.kernels).flatMap(({ model: name, mode, unreached }) => {
    const model = MODELS.find((each) => each.name === name);
    if (model === undefined || !model.modes.includes(mode as Mode)) return [];
    const can = reachable(model, mode as Mode);
    const missing = Object.entries(unreached).flatMap(([state, events]) =>
      events.map((event) => keyOf({ state, event })),
    );
    // Longer ones may have shorter ones in them.
    const wanted = missing.flatMap((key) => can.get(key) ?? []).sort((a, b) => b.trace.length - a.trace.length);
    const texts: string[] = [];
    return wanted
      .filter(({ trace }) => {
        const text = JSON.stringify(trace).slice(0, -1);
        const isPart = texts.some((longer) => longer.startsWith(text));
        if (!isPart) texts.push(text);
        return !isPart;
      })
      .map(({ state, event, trace }) => ({
        name: `${event}-in-${state.replaceAll(/[,/]/g, '-')}.${name}.${mode}`,
        trace,
      }));
  });
}
