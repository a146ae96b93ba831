/** A replay under way: each event through machine, rules and accounts; the report at the end. */

import type { Findings } from '../account/ledger.ts';
import type { RuleCount } from '../check/checker.ts';
import { currentSaveSteps, DOUBT, HIDDEN_STEPS, OPEN_STEPS } from '../costs/doubts.ts';
import { STEP, STEPS, type Step } from '../costs/steps.ts';
import { step } from '../kernel/events/step.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Report } from '../report/report.ts';
import { ABSENT, type EventRecord } from '../trace/event.ts';
import { KIND, LEFT_OUT } from '../trace/vocabulary.ts';
import { createLeaping, type Leap } from './leaping.ts';
import type { Settings } from './settings.ts';
import { verdictOf } from './verdict.ts';
import { type Parts, type RunOptions, wire } from './wiring.ts';

/** What of the input was not replayed. */
export interface Shortcomings {
  /** Lines that were left out because they are no events. */
  readonly skippedLines?: number;
  /** Why the replay ended before its input did. */
  readonly partial?: string;
}

export interface Run {
  readonly leap: Leap;
  /** Returns how many tasks and vCPUs the trace has named so far. */
  step(event: EventRecord): number;
  note(findings: Findings): void;
  finish(inputs: Report['inputs'], shortcomings?: Shortcomings): Report;
  /** The state, to be looked at between events. */
  readonly machine: Machine;
  /** What became of each rule so far. */
  checks(): readonly RuleCount[];
  /** `kind` of each cause so far. Grows. */
  readonly kinds: ReadonlySet<string>;
}

const [PRESUMED, PRESUMED_MODE] = [LEFT_OUT.indexOf('presumed'), LEFT_OUT.indexOf('presumed_mode')];

/** `first`: the record that events are read into. */
export function startRun(options: RunOptions, settings: Settings, first: EventRecord): Run {
  const parts = wire(options, settings, first);
  const { turn, machine, checker, costs, ledger, causes, recent, pending } = parts;
  const { onStep } = options;
  const leaping = createLeaping(options, settings, parts);
  let reportedEvents = 0;

  function take(event: EventRecord): void {
    machine.event = event;
    turn.reported = options.reported?.(event) ?? true;
    if (turn.reported) reportedEvents += 1;
    if (event.kind === KIND.left_out) {
      // Nothing is presumed of a kernel that the caller names.
      const isLifted =
        (event.about === PRESUMED && !settings.presumes) || (event.about === PRESUMED_MODE && !settings.presumesMode);
      if (!isLifted) ledger.event(event);
      return;
    }
    ledger.event(event);
    if (event.cpu >= settings.cpus) ledger.assumed(`a CPU beyond the ${settings.cpus} that the trace says there are`);
    costs.begin();
    // An observation changes nothing, and nothing is checked, unless a value differs.
    turn.begun = event.kind !== KIND.observe;
    if (turn.begun) {
      checker.begin(machine);
      recent.note(event);
      if (event.cpu !== ABSENT) pending.release(event.cpu);
    }
    step(machine, event);
    onStep?.(machine, turn.reported);
  }

  return {
    get machine() {
      leaping.catchUp();
      return machine;
    },
    leap: leaping.leap,
    step(event) {
      leaping.step(event, take);
      return machine.entities;
    },
    note: ledger.note,
    checks: checker.counts,
    kinds: causes.kinds,
    finish(inputs, shortcomings = {}) {
      leaping.settle();
      pending.releaseAll();
      tellOpenEnds(parts, settings);
      const { filter } = options;
      const filtered = filter === undefined ? undefined : { options: filter, events: reportedEvents };
      return assemble(parts, settings, inputs, shortcomings, filtered);
    },
  };
}

/** Of what the trace hides, and has lost, some steps may have run any number of times. */
function tellOpenEnds({ machine, costs, ledger }: Parts, { model, mayNest, namesFeatures }: Settings): void {
  if (!machine.partial) return;
  const open = (doubt: number, steps: readonly Step[]): void => {
    for (const step of steps) costs.uncertain(doubt, STEP[step], 0, Number.POSITIVE_INFINITY);
  };
  if (!namesFeatures) open(DOUBT.features, OPEN_STEPS.features);
  // Nested virtualisation can be asked for since v6.16.
  if (mayNest && machine.vhe && model.profile.dbg === 'owner') open(DOUBT.hyp_exits, OPEN_STEPS.hyp_exits);
  const hasHost = machine.sve || machine.sme || machine.tellsTasks;
  for (const [kind, steps] of Object.entries(HIDDEN_STEPS)) {
    if (machine.hidden[KIND[kind as keyof typeof KIND]] === 1)
      open(
        DOUBT.hidden,
        steps.filter((step) => exists(machine, step)),
      );
  }
  if (ledger.lost() > 0)
    open(
      DOUBT.lost,
      STEPS.filter((step) => exists(machine, step)),
    );
  if (hasHost && !machine.tellsCurrentSaves)
    open(
      DOUBT.current_saves,
      currentSaveSteps(model.profile).filter((step) => exists(machine, step)),
    );
}

/** Steps that a machine without SVE or SME does not have. */
function exists({ sve, sme, smeVq }: Parts['machine'], step: Step): boolean {
  if (step.startsWith('za_')) return smeVq > 0;
  return step.startsWith('sve_') ? sve || sme : true;
}

function assemble(
  { checker, doubts, costs, ledger, transitions, observations, violations, causes }: Parts,
  settings: Settings,
  inputs: Report['inputs'],
  { skippedLines = 0, partial }: Shortcomings,
  filter: Report['filter'],
): Report {
  const span = ledger.span();
  const evidence = {
    events: ledger.events(),
    observations: observations.observations(),
    ledger: { ...(skippedLines > 0 && { skipped_lines: skippedLines }), ...ledger.ledger(checker.counts()) },
    partial,
    records: doubts.records(),
    presumed: [...ledger.presumed],
    idle: settings.records !== undefined && checker.counts().every(({ checked }) => checked === 0),
  };
  const listed = violations.violations();
  return {
    format: 2,
    model: { name: settings.model.name, mode: settings.mode },
    inputs: inputs.map(({ name, lines, events }) => ({ name, lines, events })),
    ...verdictOf(violations.errors, evidence),
    ...(partial !== undefined && { partial: true }),
    ...(evidence.records !== undefined && { records: evidence.records }),
    ...(span !== undefined && { span }),
    ...(filter !== undefined && { filter }),
    events: evidence.events,
    transitions: transitions.transitions(),
    debug: transitions.debug(),
    causes: causes.causes(),
    ...listed,
    cost: costs.cost(),
    observations: evidence.observations,
    coverage: { rules_fired: Object.keys(listed.violation_counts), steps_hit: costs.stepsHit() },
    ledger: evidence.ledger,
  };
}
