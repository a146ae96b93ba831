/** A replay under way: the machine, the rules that look at it, and the accounts that count what they say. */

import { createCostAccount } from '../account/costs.ts';
import { createLedger, type Findings } from '../account/ledger.ts';
import { createObservationAccount } from '../account/observations.ts';
import { createPendingTransitions } from '../account/pending.ts';
import { createRecent } from '../account/recent.ts';
import { createTransitionAccount, type Edge } from '../account/transitions.ts';
import { createViolationAccount } from '../account/violations.ts';
import { createChecker } from '../check/checker.ts';
import type { Finding, Rule } from '../check/rule.ts';
import { buildCosts } from '../costs/steps.ts';
import { step } from '../kernel/events/step.ts';
import type { Cpu } from '../kernel/state/cpu.ts';
import { createMachine, type Machine, type Observation, type Watcher } from '../kernel/state/machine.ts';
import { DEBUG_SET_NAMES } from '../kernel/state/vcpu.ts';
import type { Divergence, Place, Report, Transition, Violation } from '../report/report.ts';
import { ABSENT, type EventRecord, timestampOf } from '../trace/event.ts';
import { EVENTS, KIND } from '../trace/vocabulary.ts';
import type { Settings } from './settings.ts';
import { verdictOf } from './verdict.ts';

export interface RunOptions {
  /** Implied steps and known weak orderings are violations. */
  readonly strict?: boolean;
  /** Violations listed in the report; all are counted. Default 1000. */
  readonly maxViolations?: number;
  /** Whether the event under way is reported; it is replayed in any case. */
  readonly reported?: (event: EventRecord) => boolean;
  readonly reportedRule?: (rule: string) => boolean;
  readonly onTransition?: (transition: Transition) => void;
  readonly onViolation?: (violation: Violation) => void;
  readonly onDivergence?: (divergence: Divergence) => void;
  /** Of the event under way: a value of that CPU, and whether the emulator holds the same. */
  readonly onObservation?: (cpu: number, field: string, outcome: Observation) => void;
}

/** What of the input was not replayed. */
export interface Shortcomings {
  /** Lines that were left out because they are no events. */
  readonly skippedLines?: number;
  /** Why the replay ended before its input did. */
  readonly partial?: string;
}

export interface Run {
  /** Returns how many tasks and vCPUs the trace has named so far. */
  step(event: EventRecord): number;
  note(findings: Findings): void;
  finish(inputs: Report['inputs'], shortcomings?: Shortcomings): Report;
}

/** `first`: the record that events are read into. */
export function startRun(options: RunOptions, settings: Settings, first: EventRecord): Run {
  const { profile } = settings.model;
  const costs = createCostAccount(buildCosts(profile, settings.mode, settings.features));
  const ledger = createLedger();
  const transitions = createTransitionAccount();
  const observations = createObservationAccount();
  const violations = createViolationAccount(options.maxViolations ?? 1000);
  const recent = createRecent();
  let reported = true;
  let begun = false;

  const { onTransition } = options;
  const emitTransition = (transition: Edge): void => {
    transitions.count(transition);
    // Whoever listens gets it with its place.
    onTransition?.(transition as Transition);
  };
  const pending = createPendingTransitions(emitTransition);

  const watch: Watcher = {
    moment: (moment, cpu) => checker.moment(machine, moment, cpu),
    transition(cpu, instance, from, to, cause) {
      if (!reported) return;
      const transition =
        onTransition === undefined
          ? { cpu: cpu.id, instance, from, to, cause }
          : transitionOf(machine.event, cpu, instance, from, to, cause);
      if (cause === 'load') pending.hold(cpu.id, transition);
      else emitTransition(transition);
    },
    amended: (cpu, to) => pending.amend(cpu.id, to),
    debugSwitch(_cpu, from, to) {
      if (reported) transitions.countDebug(DEBUG_SET_NAMES[from] as string, DEBUG_SET_NAMES[to] as string);
    },
    charge(stepIndex, bytes) {
      if (reported) costs.charge(machine, stepIndex, bytes);
    },
    refused: ledger.refused,
    implied: ledger.implied,
    assumed: ledger.assumed,
    unfollowed: ledger.unfollowed,
    confirmed(cpu, field) {
      observations.count(field, 'confirmed');
      options.onObservation?.(cpu.id, field, 'confirmed');
    },
    observed(cpu, field, observed, predicted, outcome) {
      if (!begun) checker.begin(machine);
      begun = true;
      observations.count(field, outcome);
      options.onObservation?.(cpu.id, field, outcome);
      if (outcome === 'resynchronised') ledger.assumed(`${field} was changed by an event that traces do not tell of`);
      if (outcome !== 'diverged' || !reported) return;
      const place = placeOf(machine.event, cpu);
      const before = recent.tell(cpu.id, place.vm ?? 0, place.vcpu ?? ABSENT);
      const divergence: Divergence = { ...place, field, observed, predicted, recent: before };
      observations.list(divergence);
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
  );
  const checker = createChecker(profile, settings.mode, {
    violation(rule, finding, cpu, state) {
      const violation = violationOf(rule, finding, state, placeOf(machine.event, cpu));
      const listed = reported && (options.reportedRule?.(rule.id) ?? true);
      const kept = violations.add(violation, listed);
      if (listed) options.onViolation?.(violation);
      // Only what is in the report is kept as a whole, for what follows from the others is counted too.
      return kept ? violation : { rule: violation.rule, severity: violation.severity, followed: 0 };
    },
    follower: violations.follow,
  });
  for (const contradiction of settings.contradictions) ledger.assumed(contradiction);

  return {
    step(event) {
      machine.event = event;
      ledger.event(event);
      reported = options.reported?.(event) ?? true;
      costs.begin();
      // An observation changes nothing, and nothing is checked, unless a value differs.
      begun = event.kind !== KIND.observe;
      if (begun) {
        checker.begin(machine);
        recent.note(event);
        if (event.cpu !== ABSENT) pending.release(event.cpu);
      }
      step(machine, event);
      return machine.entities;
    },
    note: ledger.note,
    finish(inputs, { skippedLines = 0, partial } = {}) {
      pending.releaseAll();
      const evidence = {
        events: ledger.events(),
        observations: observations.observations(),
        ledger: { ...(skippedLines > 0 && { skipped_lines: skippedLines }), ...ledger.ledger(checker.counts()) },
        partial,
      };
      const listed = violations.violations();
      return {
        format: 1,
        model: { name: settings.model.name, mode: settings.mode },
        inputs: inputs.map(({ name, lines, events }) => ({ name, lines, events })),
        ...verdictOf(violations.errors, evidence),
        ...(partial !== undefined && { partial: true }),
        events: evidence.events,
        transitions: transitions.transitions(),
        debug: transitions.debug(),
        ...listed,
        cost: costs.cost(),
        observations: evidence.observations,
        coverage: {
          rules_fired: Object.keys(listed.violation_counts),
          rules_checked: checker
            .counts()
            .filter(({ checked }) => checked > 0)
            .map(({ rule }) => rule.id),
          steps_hit: costs.stepsHit(),
        },
        ledger: evidence.ledger,
      };
    },
  };
}

/** The vCPU that is loaded on the CPU, or the one that the event names. */
function vcpuOf(event: EventRecord, cpu: Cpu): { readonly vm: number; readonly id: number } | undefined {
  return cpu.loaded ?? (event.vcpu === ABSENT ? undefined : { vm: event.vm, id: event.vcpu });
}

function placeOf(event: EventRecord, cpu: Cpu): Place {
  const ts = timestampOf(event);
  const vcpu = vcpuOf(event, cpu);
  return {
    input: event.input,
    line: event.line,
    ...(ts !== undefined && { ts }),
    cpu: cpu.id,
    ...(vcpu !== undefined && { vm: vcpu.vm, vcpu: vcpu.id }),
    event: (EVENTS[event.kind] as { name: string }).name,
  };
}

/** In one piece where nothing is absent, as almost always: put together from parts it takes ten times as long. */
function transitionOf(
  event: EventRecord,
  cpu: Cpu,
  instance: string,
  from: string,
  to: string,
  cause: string,
): Transition {
  const ts = timestampOf(event);
  const vcpu = vcpuOf(event, cpu);
  if (ts === undefined || vcpu === undefined) return { ...placeOf(event, cpu), instance, from, to, cause };
  const { input, line } = event;
  const name = (EVENTS[event.kind] as { name: string }).name;
  return { input, line, ts, cpu: cpu.id, vm: vcpu.vm, vcpu: vcpu.id, event: name, instance, from, to, cause };
}

function violationOf(rule: Rule, finding: Finding, state: Violation['state'], place: Place): Violation {
  const { event, ...where } = place;
  return {
    rule: rule.id,
    severity: finding.severity ?? rule.severity,
    ...where,
    event,
    message: finding.message,
    expected: finding.expected,
    state,
    source: finding.source,
    followed: 0,
  };
}
