/** Filters of what is reported. They never change what is replayed. */

import { escapeText } from '../../text/escape.ts';
import { didYouMean } from '../../text/suggest.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { EVENTS, KIND } from '../../trace/vocabulary.ts';
import { Failure } from '../exit.ts';
import type { Range, VcpuRange } from './arguments.ts';

export interface FilterOptions {
  readonly cpu?: readonly Range[];
  readonly vm?: readonly Range[];
  readonly vcpu?: readonly VcpuRange[];
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

/** The filters as the report names them, and as they can be typed again; undefined where there are none. */
export function filterNames(
  options: FilterOptions & { readonly rule?: readonly string[] },
): Record<string, string> | undefined {
  const { cpu, vm, vcpu, event, rule, from, to } = options;
  const list = (ranges: readonly Range[]): string => ranges.map(rangeText).join(',');
  const names = {
    ...(cpu !== undefined && { cpu: list(cpu) }),
    ...(vm !== undefined && { vm: list(vm) }),
    ...(vcpu !== undefined && { vcpu: vcpu.map(vcpuText).join(',') }),
    ...(event !== undefined && { event: event.join(',') }),
    ...(rule !== undefined && { rule: rule.join(',') }),
    ...(from !== undefined && { from: String(from) }),
    ...(to !== undefined && { to: String(to) }),
  };
  return Object.keys(names).length === 0 ? undefined : names;
}

const rangeText = ({ from, to }: Range): string => (from === to ? String(from) : `${from}-${to}`);
const vcpuText = ({ vm, vcpu }: VcpuRange): string => (vm === undefined ? '' : `${rangeText(vm)}/`) + rangeText(vcpu);

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
function vcpuFilter(vms: readonly Range[] | undefined, vcpus: readonly VcpuRange[] | undefined): Filter {
  const isOne = (at: { readonly vm: number; readonly vcpu: number }): boolean =>
    vcpus === undefined ||
    vcpus.some(({ vm, vcpu }) => contains([vcpu], at.vcpu) && (vm === undefined || contains([vm], at.vm)));
  const loaded = new Map<number, { readonly vm: number; readonly vcpu: number }>();
  return (event) => {
    const { kind, cpu } = event;
    const at = event.vcpu === ABSENT ? loaded.get(cpu) : event;
    if (kind === KIND.vcpu_load || kind === KIND.sched_in) loaded.set(cpu, { vm: event.vm, vcpu: event.vcpu });
    if (kind === KIND.vcpu_put || kind === KIND.sched_out) loaded.delete(cpu);
    if (at === undefined) return false;
    return (vms === undefined || contains(vms, at.vm)) && isOne(at);
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
