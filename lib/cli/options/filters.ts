/** Filters of what is reported. They never change what is replayed. */

import { escapeText } from '../../text/escape.ts';
import { didYouMean } from '../../text/suggest.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { EVENTS, KIND } from '../../trace/vocabulary.ts';
import { Failure } from '../exit.ts';
import type { Range } from './arguments.ts';

export interface FilterOptions {
  readonly cpu?: readonly Range[];
  readonly vm?: readonly Range[];
  readonly vcpu?: readonly Range[];
  readonly event?: readonly string[];
  /** First and last time in ns; an event without a time lies outside of any. */
  readonly from?: bigint;
  readonly to?: bigint;
}

/** Whether an event is reported; to be asked about every event, in order. */
type Filter = (event: EventRecord) => boolean;

/** undefined where everything is reported. Throws `Failure` for a name that is no event. */
export function eventFilter(options: FilterOptions): Filter | undefined {
  const { cpu, vm, vcpu, event: events, from, to } = options;
  const filters: Filter[] = [];
  if (cpu !== undefined) filters.push((event) => contains(cpu, event.cpu));
  if (vm !== undefined || vcpu !== undefined) filters.push(vcpuFilter(vm, vcpu));
  if (events !== undefined) {
    const names = EVENTS.map(({ name }) => name);
    const kinds = new Set(
      checkNames('event', events, names).map((name) => names.indexOf(name as (typeof names)[number])),
    );
    filters.push((event) => kinds.has(event.kind));
  }
  if (from !== undefined || to !== undefined) filters.push(timeFilter(from ?? 0n, to ?? 2n ** 64n - 1n));
  if (filters.length === 0) return undefined;
  // All are asked, since some keep track of what they see.
  return (event) => filters.reduce((reported, filter) => filter(event) && reported, true);
}

/** undefined where every rule is reported. Throws `Failure` for a name that is no rule. */
export function ruleFilter(
  rules: readonly string[] | undefined,
  known: readonly string[],
): ((rule: string) => boolean) | undefined {
  if (rules === undefined) return undefined;
  const wanted = new Set(checkNames('rule', rules, known));
  return (rule) => wanted.has(rule);
}

/** `names`, all of which are among `known`. */
export function checkNames(what: string, names: readonly string[], known: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!known.includes(name)) {
      throw new Failure(`unknown ${what} '${escapeText(name, 80)}'${didYouMean(name, known)}`);
    }
  }
  return names;
}

function contains(ranges: readonly Range[], value: number): boolean {
  return ranges.some(({ from, to }) => from <= value && value <= to);
}

/** Most events of a vCPU do not name it: then it is the one that is loaded on their CPU, up to its put and with it. */
function vcpuFilter(vms: readonly Range[] | undefined, vcpus: readonly Range[] | undefined): Filter {
  const loaded = new Map<number, { readonly vm: number; readonly vcpu: number }>();
  return (event) => {
    const { kind, cpu } = event;
    const at = event.vcpu === ABSENT ? loaded.get(cpu) : event;
    if (kind === KIND.vcpu_load || kind === KIND.sched_in) loaded.set(cpu, { vm: event.vm, vcpu: event.vcpu });
    if (kind === KIND.vcpu_put || kind === KIND.sched_out) loaded.delete(cpu);
    if (at === undefined) return false;
    return (vms === undefined || contains(vms, at.vm)) && (vcpus === undefined || contains(vcpus, at.vcpu));
  };
}

function timeFilter(from: bigint, to: bigint): Filter {
  const [first, last] = [halves(from), halves(to)];
  return ({ tsHigh, tsLow }) =>
    tsHigh !== ABSENT &&
    (tsHigh > first.high || (tsHigh === first.high && tsLow >= first.low)) &&
    (tsHigh < last.high || (tsHigh === last.high && tsLow <= last.low));
}

function halves(time: bigint): { readonly high: number; readonly low: number } {
  return { high: Number(time >> 32n), low: Number(time & 0xffff_ffffn) };
}
