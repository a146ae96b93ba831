/** Parsers of option values. A bad value throws commander's error, which names the option. */

import { InvalidArgumentError } from 'commander';
import type { RecordsWish } from '../../replay/settings.ts';
import { didYouMean } from '../../text/suggest.ts';
import { EVENTS } from '../../trace/vocabulary.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** An integer from `min` to `max`. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      max === Number.MAX_SAFE_INTEGER
        ? `Expected an integer, ${min} or more.`
        : `Expected an integer from ${min} to ${max}.`,
    );
  };
}

/** A vector length in bytes; 0 says that the machine has none. */
export function vectorLength(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 256 && value % 16 === 0) return value;
  throw new InvalidArgumentError('Expected bytes: a multiple of 16 up to 256, or 0 for none.');
}

/** "0-3,7"; an option given again adds to it. Numbers are at most `max`. */
export function ranges(max: number): (text: string, before?: readonly Range[]) => readonly Range[] {
  return (text, before = []) => [
    ...before,
    ...text.split(',').map((part) => {
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      const range = { from: Number(first), to: Number(last) };
      if (range.from <= range.to && range.to <= max) return range;
      throw new InvalidArgumentError(`Expected numbers and ranges up to ${max}, such as 0-3,7.`);
    }),
  ];
}

export interface VcpuRange {
  /** undefined: of any. */
  readonly vm: Range | undefined;
  readonly vcpu: Range;
}

/** "0-3,7", or with the VM, as reports write it: "0/1". An option given again adds to it. */
export function vcpuRanges(text: string, before: readonly VcpuRange[] = []): readonly VcpuRange[] {
  const parse = ranges(Number.MAX_SAFE_INTEGER);
  return [
    ...before,
    ...text.split(',').map((part) => {
      const [, vm, vcpu = part] = /^([^/]*)\/([^/]*)$/.exec(part) ?? [];
      return { vm: vm === undefined ? undefined : (parse(vm)[0] as Range), vcpu: parse(vcpu)[0] as Range };
    }),
  ];
}

/** "a,b"; an option given again adds to it. */
export function names(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',')];
}

/** An option that is given once for each value. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

const NANOSECONDS: Readonly<Record<string, number>> = { ns: 0, us: 3, ms: 6, s: 9 };

/** A time in ns: "1200", or "1.5s", "20ms", "3us", exactly; "3.917238" is seconds, as ftrace prints it. At most 2^64-1. */
export function time(text: string): bigint {
  const [, whole, fraction = '', suffix = fraction === '' ? 'ns' : 's'] =
    /^(\d{1,20})(?:\.(\d{1,9}))?(ns|us|ms|s)?$/.exec(text) ?? [];
  const digits = NANOSECONDS[suffix] ?? 0;
  if (whole !== undefined && fraction.length <= digits) {
    const value = BigInt(whole + fraction.padEnd(digits, '0'));
    if (value < 2n ** 64n) return value;
  }
  throw new InvalidArgumentError('Expected nanoseconds, or a time such as 1.5s, 20ms, 3us, 3.917238.');
}

/** "vcpu_load,vcpu_put": these kinds of event alone; "-neon_begin,-task_switch": all that the trace says, but for these. */
export function recordsWish(text: string, before: RecordsWish = { without: [] }): RecordsWish {
  const known: readonly string[] = EVENTS.map(({ name }) => name);
  const kinds = text.split(',');
  for (const kind of kinds.map((name) => name.replace(/^-/, ''))) {
    if (!known.includes(kind)) throw new InvalidArgumentError(`${kind} is no kind of event${didYouMean(kind, known)}.`);
  }
  const without = kinds.filter((kind) => kind.startsWith('-')).map((kind) => kind.slice(1));
  const only = kinds.filter((kind) => !kind.startsWith('-'));
  const all = [...(before.only ?? []), ...only];
  return { ...(all.length > 0 && { only: all }), without: [...before.without, ...without] };
}

/** "capture.ftrace=-1.5ms": what is added to the times of that input; given again for another. */
export function clockOffset(
  text: string,
  before: ReadonlyMap<string, bigint> = new Map(),
): ReadonlyMap<string, bigint> {
  const [, name = '', sign = '', amount = ''] = /^(.+)=([-+]?)([^-+=]+)$/s.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('Expected NAME=NS, such as guest.ndjson=-1500 or b.ndjson=1.5ms.');
  const offset = time(amount);
  return new Map([...before, [name, sign === '-' ? -offset : offset]]);
}

/** "VM/VCPU", as reports name it. */
export function vcpuName(text: string): { readonly vm: number; readonly vcpu: number } {
  const [, vm, vcpu] = /^(\d{1,15})\/(\d{1,15})$/.exec(text) ?? [];
  if (vm !== undefined && vcpu !== undefined) return { vm: Number(vm), vcpu: Number(vcpu) };
  throw new InvalidArgumentError('Expected VM/VCPU, such as 0/1.');
}
