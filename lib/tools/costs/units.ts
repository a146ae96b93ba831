/** What a cost is counted for: each kind of unit says to which of them a step belongs, and gives out those that are over. */

import { STEP } from '../../costs/steps.ts';
import { ABSENT, type EventRecord, timestampOf } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { type Amounts, addTo, noAmounts } from './measures.ts';

export const UNITS = {
  entry: 'from one entry of a guest to the next on that CPU',
  load: 'from one load of a vCPU to the next on that CPU',
  second: 'every second of the trace',
  vcpu: 'every vCPU',
  cpu: 'every CPU',
} as const;
export type UnitKind = keyof typeof UNITS;

/** Where a step was charged. */
export interface Charge {
  readonly event: EventRecord;
  readonly vcpu: { readonly vm: number; readonly id: number } | undefined;
  readonly step: number;
  readonly ofStep: Amounts;
  readonly bytes: number;
}

export interface Unit {
  readonly amounts: Amounts;
  /** How its run of the guest ended: the class of the exception, of an entry. */
  ec?: number;
}

export interface Units {
  add(charge: Charge): void;
  /** Gives out those that are under way. */
  finish(): void;
  /** What belongs to none: what came before the first of a CPU, or has no time. */
  readonly outside: Amounts;
}

export type GiveOut = (unit: Unit, times?: number) => void;

export function createUnits(kind: UnitKind, giveOut: GiveOut): Units {
  if (kind === 'second') return createSeconds(giveOut);
  if (kind === 'vcpu') return createTotals(({ vcpu }) => vcpu && `${vcpu.vm}/${vcpu.id}`, giveOut);
  if (kind === 'cpu')
    return createTotals(({ event }) => (event.cpu === ABSENT ? undefined : String(event.cpu)), giveOut);
  return createSpans(kind === 'entry' ? STEP.enter : STEP.load, giveOut);
}

/** Spans of one CPU, each of which begins with that step. */
function createSpans(begin: number, giveOut: GiveOut): Units {
  const open: (Unit | undefined)[] = [];
  const outside = noAmounts();
  return {
    outside,
    add({ event, step, ofStep, bytes }) {
      const { cpu } = event;
      if (cpu === ABSENT) return addTo(outside, ofStep, bytes);
      if (step === begin) {
        const over = open[cpu];
        if (over !== undefined) giveOut(over);
        open[cpu] = { amounts: noAmounts() };
      }
      const unit = open[cpu];
      addTo(unit?.amounts ?? outside, ofStep, bytes);
      // Its own field tells why it ended; where the exit was only implied, nothing does.
      if (step === STEP.exit && unit !== undefined && event.kind === KIND.guest_exit) unit.ec = event.ec;
    },
    finish() {
      for (const unit of open) if (unit !== undefined) giveOut(unit);
    },
  };
}

function createTotals(keyOf: (charge: Charge) => string | undefined, giveOut: GiveOut): Units {
  const units = new Map<string, Unit>();
  const outside = noAmounts();
  return {
    outside,
    add(charge) {
      const key = keyOf(charge);
      if (key !== undefined && !units.has(key)) units.set(key, { amounts: noAmounts() });
      addTo((key === undefined ? undefined : units.get(key)?.amounts) ?? outside, charge.ofStep, charge.bytes);
    },
    finish() {
      for (const unit of units.values()) giveOut(unit);
    },
  };
}

const SECOND = 1e9;

/** Seconds in which nothing was charged are units too, of nothing. A step before the second under way counts as of that. */
function createSeconds(giveOut: GiveOut): Units {
  const outside = noAmounts();
  let first: number | undefined;
  let second = 0;
  let unit: Unit = { amounts: noAmounts() };
  return {
    outside,
    add({ event, ofStep, bytes }) {
      const ts = timestampOf(event);
      if (ts === undefined) return addTo(outside, ofStep, bytes);
      first ??= Number(ts);
      const now = Math.floor((Number(ts) - first) / SECOND);
      if (now > second) {
        giveOut(unit);
        if (now - second > 1) giveOut({ amounts: noAmounts() }, now - second - 1);
        unit = { amounts: noAmounts() };
        second = now;
      }
      addTo(unit.amounts, ofStep, bytes);
    },
    finish() {
      if (first !== undefined) giveOut(unit);
    },
  };
}
