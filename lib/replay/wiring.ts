/** Machine, rules and accounts, and who of them hears of what. */

import { createCauseAccount } from '../account/causes.ts';
import { createCostAccount } from '../account/costs.ts';
import { createDoubts } from '../account/doubts.ts';
import { createLedger } from '../account/ledger.ts';
import { createObservationAccount } from '../account/observations.ts';
import { createPendingTransitions } from '../account/pending.ts';
import { createRecent } from '../account/recent.ts';
import { createTransitionAccount, type Edge } from '../account/transitions.ts';
import { createViolationAccount } from '../account/violations.ts';
import { siteOfDivergence } from '../check/causes/reasons.ts';
import { createChecker } from '../check/checker.ts';
import { buildCosts, type CostTable } from '../costs/steps.ts';
import { createMachine, type Machine } from '../kernel/state/machine.ts';
import { DEBUG_SET_NAMES } from '../kernel/state/vcpu.ts';
import type { Observation, Watcher } from '../kernel/state/watcher.ts';
import type { Divergence, Transition, Violation } from '../report/report.ts';
import { ABSENT, type EventRecord } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';
import { placeOf, transitionOf, violationOf } from './place.ts';
import type { Settings } from './settings.ts';
import { mayHaveCharged, mergeTapes, WrittenTape } from './tape.ts';

export interface RunOptions {
  /** Implied steps and known weak orderings are violations. */
  readonly strict?: boolean;
  /**
   * After so many steps of the emulator, those that come again are taken from a table (lib/automaton), where nobody listens to each.
   * Infinity: the emulator runs every step. Default: where it pays.
   */
  readonly leapsAfter?: number;
  /** Violations listed in the report; all are counted. Default 1000. */
  readonly maxViolations?: number;
  /** Only how many values diverge, and how often each rule is violated: what comes of what is not worked out. */
  readonly countsOnly?: boolean;
  /** Whether the event under way is reported; it is replayed in any case. */
  readonly reported?: (event: EventRecord) => boolean;
  readonly reportedRule?: (rule: string) => boolean;
  /** After each event, with the machine as it then is, which may be looked at until the next. */
  readonly onStep?: (machine: Machine, reported: boolean) => void;
  /** What these two come from, as the report says it: options and their values. */
  readonly filter?: Readonly<Record<string, string>>;
  readonly onTransition?: (transition: Transition) => void;
  readonly onViolation?: (violation: Violation) => void;
  readonly onDivergence?: (divergence: Divergence) => void;
  /** Of the event under way: a violation, or a divergence; the kind of its cause, its rule, the number of its cause. */
  readonly onCause?: (kind: string, rule: string, cause: number) => void;
  /** Of the event under way: a violation of that rule, also one that only follows. */
  readonly onRule?: (rule: string) => void;
  /** Every step that is charged, with the vCPU that is loaded on the CPU of the event under way, or that it loads. */
  readonly onCharge?: (
    event: EventRecord,
    vcpu: { readonly vm: number; readonly id: number } | undefined,
    step: number,
    bytes: number,
    table: CostTable,
  ) => void;
  /** Of the event under way: a value of that CPU, and whether the emulator holds the same. */
  readonly onObservation?: (cpu: number, field: string, outcome: Observation) => void;
}

/** Of the event under way. */
interface Turn {
  /** It is in the report. */
  reported: boolean;
  /** The checker has been told of it. */
  begun: boolean;
}

export type Parts = ReturnType<typeof wire>;

/** `first`: the record that events are read into. */
export function wire(options: RunOptions, settings: Settings, first: EventRecord) {
  const { profile } = settings.model;
  const costTable = buildCosts(profile, settings.mode, settings.features);
  const costs = createCostAccount(costTable);
  const ledger = createLedger();
  const transitions = createTransitionAccount();
  const observations = createObservationAccount();
  const violations = createViolationAccount(options.maxViolations ?? 1000);
  const causes = createCauseAccount(options.onCause);
  const recent = createRecent();
  const turn: Turn = { reported: true, begun: false };

  const { onTransition, onCharge } = options;
  const emitTransition = (transition: Edge): void => {
    transitions.count(transition);
    // Whoever listens gets it with its place.
    onTransition?.(transition as Transition);
  };
  const pending = createPendingTransitions(emitTransition);

  const watch: Watcher = {
    moment: (moment, cpu, subject, detail) => checker.moment(machine, moment, cpu, subject, detail),
    transition(cpu, instance, from, to, cause) {
      if (!turn.reported) return;
      const transition =
        onTransition === undefined
          ? { cpu: cpu.id, instance, from, to, cause }
          : transitionOf(machine.event, cpu, instance, from, to, cause);
      if (cause === 'load') pending.hold(cpu.id, transition);
      else emitTransition(transition);
    },
    amended: (cpu, to) => pending.amend(cpu.id, to),
    debugSwitch(_cpu, from, to) {
      if (turn.reported) transitions.countDebug(DEBUG_SET_NAMES[from] as string, DEBUG_SET_NAMES[to] as string);
    },
    charge(stepIndex, bytes) {
      if (!turn.reported) return;
      costs.charge(machine, stepIndex, bytes);
      if (onCharge !== undefined) onCharge(machine.event, chargedVcpu(machine), stepIndex, bytes, costTable);
    },
    fork() {
      checker.begin(machine);
      return new WrittenTape(machine, checker);
    },
    merge(tapes, via, broken) {
      mergeTapes(
        tapes.filter((tape) => tape instanceof WrittenTape),
        broken.filter((tape) => tape instanceof WrittenTape),
        { watch, checker, machine, open: (checks) => doubts.open(via, checks) },
      );
    },
    unsettled: (via) => doubts.unsettled(via, machine.sequence),
    hidden(tape) {
      if (tape instanceof WrittenTape) mayHaveCharged(tape, watch);
    },
    uncertain(doubt, stepIndex, fewer, more) {
      if (turn.reported) costs.uncertain(doubt, stepIndex, fewer, more);
    },
    refused: ledger.refused,
    implied: () => ledger.implied(),
    assumed: ledger.assumed,
    unfollowed: ledger.unfollowed,
    confirmed(cpu, field) {
      observations.count(field, 'confirmed');
      options.onObservation?.(cpu.id, field, 'confirmed');
    },
    observed(cpu, field, observed, predicted, outcome) {
      if (!turn.begun) checker.begin(machine);
      turn.begun = true;
      observations.count(field, outcome);
      options.onObservation?.(cpu.id, field, outcome);
      if (outcome === 'resynchronised') ledger.assumed(`${field} was changed by an event that traces do not tell of`);
      if (outcome !== 'diverged') return;
      if (options.countsOnly === true) return;
      const place = placeOf(machine.event, cpu);
      const cause = causes.add(
        siteOfDivergence(machine, cpu, field, observed, predicted),
        place,
        machine.sequence,
        turn.reported,
      );
      if (!turn.reported || !(observations.hasRoom || options.onDivergence !== undefined)) return;
      const before = recent.tell(cpu.id, place.vm ?? 0, place.vcpu ?? ABSENT);
      const divergence: Divergence = { ...place, field, observed, predicted, cause, recent: before };
      if (observations.hasRoom) observations.list(divergence);
      options.onDivergence?.(divergence);
    },
  };
  const machine: Machine = createMachine(
    profile,
    settings.mode,
    settings.features,
    options.strict ?? false,
    watch,
    first,
    settings.records,
  );
  const doubts = createDoubts(machine.hidden, settings.records);
  const checker = createChecker(profile, settings.mode, {
    violation(rule, finding, cpu, state, site) {
      options.onRule?.(rule.id);
      const listed = turn.reported && (options.reportedRule?.(rule.id) ?? true);
      const severity = finding.severity ?? rule.severity;
      const hasRoom = violations.count(rule.id, severity, listed);
      const told = { rule: rule.id, severity, cause: 0, followed: 0, hidden: !listed };
      if (options.countsOnly === true) return told;
      const place = placeOf(machine.event, cpu);
      const cause = causes.add(site(), place, machine.sequence, listed);
      // Only what is in the report, or somebody listens to, is put together as a whole.
      if (!hasRoom && !(listed && options.onViolation !== undefined)) return { ...told, cause };
      const violation = violationOf(rule, finding, state(), place, cause);
      if (hasRoom) violations.keep(violation);
      if (listed) options.onViolation?.(violation);
      return hasRoom ? violation : { ...told, cause };
    },
    follower(first) {
      const listed = turn.reported && (options.reportedRule?.(first.rule) ?? true);
      // In the window, it is the first of its kind.
      if (listed && first.hidden === true) return false;
      violations.follow(first, listed);
      if (listed) causes.follow(first.cause, first.rule);
      options.onRule?.(first.rule);
      return true;
    },
  });
  for (const contradiction of settings.contradictions) ledger.assumed(contradiction);
  return {
    turn,
    machine,
    checker,
    doubts,
    costs,
    ledger,
    transitions,
    observations,
    violations,
    causes,
    recent,
    pending,
  };
}

/** The vCPU that the event under way loads, or the one that is loaded on its CPU. */
function chargedVcpu({ event, cpus }: Machine): { readonly vm: number; readonly id: number } | undefined {
  if (event.kind === KIND.vcpu_load || event.kind === KIND.sched_in) return { vm: event.vm, id: event.vcpu };
  return event.cpu === ABSENT ? undefined : cpus[event.cpu]?.loaded;
}
