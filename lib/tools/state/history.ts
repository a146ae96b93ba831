/** The history of one value: which events wrote it, from what to what. A watchpoint that looks back. */

import type { Machine } from '../../kernel/state/machine.ts';
import { findVcpu } from '../../kernel/state/machine.ts';
import { ABSENT, type EventRecord, timestampOf } from '../../trace/event.ts';
import { EVENTS } from '../../trace/vocabulary.ts';
import { CPU_FIELDS, VCPU_FIELDS } from './fields.ts';
import type { Spot } from './look.ts';
import { writerOf } from './writers.ts';

/** Writes that are kept; those before are counted. */
const MOST = 1000;

/** Whose value. */
export type Subject =
  | { readonly cpu: number }
  | { readonly vm: number; readonly vcpu: number }
  /** Of the CPU, or the vCPU, of the last event up to the line. */
  | undefined;

export interface Write {
  readonly input: number;
  readonly line: number;
  readonly ts?: number | string;
  readonly cpu?: number;
  readonly event: string;
  /** The kernel function that writes it there, or what the event is. */
  readonly by: string;
  readonly from: string;
  readonly to: string;
}

export interface ValueHistory {
  readonly field: string;
  /** "cpu 0", or "vcpu 0/1". */
  readonly of: string;
  /** Oldest first. */
  readonly writes: readonly Write[];
  /** Writes before those. */
  readonly before: number;
  /** What it is after the line. */
  readonly value: string;
}

export interface HistoryOf {
  take(machine: () => Machine | undefined, event: EventRecord, step: () => void): void;
  /** The line has been passed. */
  readonly isOver: boolean;
  /** undefined where no event up to the line tells of whose value it is. */
  result(): ValueHistory | undefined;
}

/** Names that a user may type: case does not matter, nor does the name that traces have for a field. */
const ALIASES: Readonly<Record<string, string>> = {
  last: 'fpsimd_last_state',
  tif_foreign: 'TIF_FOREIGN_FPSTATE',
  debug_dirty: 'DEBUG_DIRTY',
  holder: 'registers',
};

export const FIELD_NAMES: readonly string[] = [...CPU_FIELDS, ...VCPU_FIELDS].map(({ name }) => name);

/** The field that is meant; undefined where there is none. */
export function fieldNamed(text: string): string | undefined {
  const name = ALIASES[text.toLowerCase()] ?? text;
  return FIELD_NAMES.find((field) => field.toLowerCase() === name.toLowerCase());
}

interface Kept {
  value: string;
  count: number;
  readonly writes: Write[];
}

/** `field`: one of FIELD_NAMES. Throws RangeError for another, which is a bug of the caller. */
export function createHistory(spot: Spot, field: string, subject: Subject): HistoryOf {
  const ofCpu = CPU_FIELDS.find(({ name }) => name === field);
  const ofVcpu = VCPU_FIELDS.find(({ name }) => name === field);
  if (ofCpu === undefined && ofVcpu === undefined) throw new RangeError(`no field ${field}`);
  const kept = new Map<string, Kept>();
  let here: string | undefined;
  let isOver = false;

  /** Whose value an event may have written, and what it is now. */
  const current = (machine: Machine | undefined, event: EventRecord): { of: string; value: string } | undefined => {
    if (machine === undefined) return undefined;
    const cpu = machine.cpus[subject !== undefined && 'cpu' in subject ? subject.cpu : event.cpu];
    if (ofCpu !== undefined) return cpu && { of: `cpu ${cpu.id}`, value: ofCpu.read(machine, cpu) };
    const vcpu =
      subject !== undefined && 'vcpu' in subject
        ? findVcpu(machine, subject.vm, subject.vcpu)
        : event.vcpu === ABSENT
          ? (cpu?.loaded ?? cpu?.lastLoaded)
          : findVcpu(machine, event.vm, event.vcpu);
    return (
      vcpu && { of: `vcpu ${vcpu.vm}/${vcpu.id}`, value: (ofVcpu as (typeof VCPU_FIELDS)[number]).read(machine, vcpu) }
    );
  };

  const note = (event: EventRecord, { of, value }: { of: string; value: string }): void => {
    const known = kept.get(of) ?? { value: 'unknown', count: 0, writes: [] };
    kept.set(of, known);
    if (known.value === value) return;
    const ts = timestampOf(event);
    const name = EVENTS[event.kind]?.name ?? event.unknownEvent;
    known.count += 1;
    known.writes.push({
      input: event.input,
      line: event.line,
      ...(ts !== undefined && { ts }),
      ...(event.cpu !== ABSENT && { cpu: event.cpu }),
      event: name,
      by: writerOf(name, field),
      from: known.value,
      to: value,
    });
    if (known.writes.length > MOST) known.writes.shift();
    known.value = value;
  };

  return {
    take(machine, event, step) {
      if (isOver) return;
      if (event.input === spot.input && event.line > spot.line) {
        isOver = true;
        return;
      }
      step();
      const now = current(machine(), event);
      if (now === undefined) return;
      note(event, now);
      if (event.input === spot.input) here = now.of;
    },
    get isOver() {
      return isOver;
    },
    result() {
      if (here === undefined) return undefined;
      const { value, writes, count } = kept.get(here) as Kept;
      return { field, of: here, writes, before: count - writes.length, value };
    },
  };
}
