/**
 * Entries of a recording as the lines that the kernel prints of them in /sys/kernel/tracing/trace, with nanoseconds:
 *
 *              vmm-371   [000] d..2. 16.990690366: kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x0000000040000020
 *
 * so that a recording is imported as its text is. The columns are those of trace_print_context, kernel/trace/trace_output.c.
 */

import { Malformed } from './cursor.ts';
import { type Entry, integerOf, numberOf } from './entry.ts';
import type { EventFormat } from './event-format.ts';
import { createPrint, type Print } from './printf.ts';
import type { Recording } from './recording.ts';
import type { Recorded } from './ring-buffer.ts';

/** What is printed of an event: its name and what follows it. */
type Describe = (entry: Entry) => string;

interface Known {
  readonly format: EventFormat;
  readonly describe: Describe;
}

/** Each line ends with a line feed; a character is a byte. */
export function createRenderer(recording: Recording): (recorded: Recorded) => string {
  const { descriptions, bigEndian, inNanoseconds } = recording;
  const known = new Map<number, Known>();
  const entry: Entry = { bytes: Buffer.alloc(0), start: 0, end: 0, bigEndian };

  function knownOf(id: number): Known | undefined {
    const there = known.get(id);
    const format = descriptions.events.get(id);
    if (there !== undefined || format === undefined) return there;
    const made = { format, describe: describeOf(format, recording) };
    known.set(id, made);
    return made;
  }

  function lineOf(recorded: Recorded): string {
    entry.bytes = recorded.bytes;
    entry.start = recorded.start;
    entry.end = recorded.end;
    const id = numberOf(entry, COMMON_TYPE);
    const event = knownOf(id);
    const pid = event === undefined ? 0 : (common(entry, event.format, 'common_pid') ?? 0);
    const name = pid === 0 ? '<idle>' : (descriptions.commands.get(pid) ?? '<...>');
    const columns = event === undefined ? '.....' : columnsOf(entry, event.format);
    const cpu = String(recorded.cpu).padStart(3, '0');
    const time = timeOf(recorded.time, inNanoseconds);
    const what = event === undefined ? `unknown_event_${id}:` : described(event);
    return `${cleaned(name).padStart(16)}-${String(pid).padEnd(7)} [${cpu}] ${columns} ${time}: ${cleaned(what)}\n`;
  }

  function described({ format, describe }: Known): string {
    try {
      return describe(entry);
    } catch (error) {
      // An entry that is shorter than its fields: the line is one that was cut.
      if (error instanceof Malformed) return `${format.name}:`;
      throw error;
    }
  }

  return (recorded) => {
    const loss = recorded.lost === 0 ? '' : lostLine(recorded);
    return recorded.end > recorded.start ? loss + lineOf(recorded) : loss;
  };
}

/** `CPU:1 [LOST 12 EVENTS]`, as the kernel says it. */
function lostLine({ cpu, lost }: Recorded): string {
  return `CPU:${cpu} [LOST ${lost > 0 ? `${lost} ` : ''}EVENTS]\n`;
}

const COMMON_TYPE = {
  name: 'common_type',
  kind: 'integer',
  isText: false,
  offset: 0,
  size: 2,
  elementSize: 1,
  signed: false,
} as const;

function common(entry: Entry, { fields }: EventFormat, name: string): number | undefined {
  const field = fields.get(name);
  return field === undefined || field.kind !== 'integer' ? undefined : numberOf(entry, field);
}

const FLAG = {
  irqsOff: 0x01,
  needResched: 0x04,
  hardirq: 0x08,
  softirq: 0x10,
  preemptResched: 0x20,
  nmi: 0x40,
} as const;

/** irqs-off, need-resched, hardirq/softirq, preempt-depth, migrate-disable: trace_print_lat_fmt. */
function columnsOf(entry: Entry, format: EventFormat): string {
  const flags = common(entry, format, 'common_flags') ?? 0;
  const preempt = common(entry, format, 'common_preempt_count') ?? 0;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const irqs = has(FLAG.irqsOff) ? 'd' : '.';
  const resched = has(FLAG.needResched) ? (has(FLAG.preemptResched) ? 'N' : 'n') : has(FLAG.preemptResched) ? 'p' : '.';
  return irqs + resched + contextOf(has) + depthOf(preempt & 15) + depthOf((preempt >> 4) & 15);
}

function contextOf(has: (flag: number) => boolean): string {
  if (has(FLAG.nmi)) return has(FLAG.hardirq) ? 'Z' : 'z';
  if (has(FLAG.hardirq)) return has(FLAG.softirq) ? 'H' : 'h';
  return has(FLAG.softirq) ? 's' : '.';
}

const depthOf = (depth: number): string => (depth === 0 ? '.' : depth.toString(16));

const SECOND = 1_000_000_000n;

function timeOf(time: bigint, inNanoseconds: boolean): string {
  if (!inNanoseconds || time < 0n) return String(time < 0n ? 0n : time);
  return `${time / SECOND}.${String(time % SECOND).padStart(9, '0')}`;
}

/** Text of the recording stays on its line. */
function cleaned(text: string): string {
  return text.replace(/[\n\r\0]+$/, '').replace(/[\n\r\0]/g, '?');
}

/** Events of ftrace's own, which its text has in other words than their print fmt; all others are `name: payload`. */
const OWN: Readonly<Record<string, (format: EventFormat, recording: Recording) => Describe | undefined>> = {
  // trace_fn_trace: `function <-caller`
  function({ fields }, { descriptions }) {
    const [ip, parent] = [fields.get('ip'), fields.get('parent_ip')];
    if (ip === undefined || parent === undefined) return undefined;
    const nameOf = (address: bigint): string => descriptions.symbols.nameOf(BigInt.asUintN(64, address));
    return (entry) => `${nameOf(integerOf(entry, ip))} <-${nameOf(integerOf(entry, parent))}`;
  },
  // trace_print_print: `function: text`
  print({ fields }, { descriptions }) {
    const [ip, buffer] = [fields.get('ip'), fields.get('buf')];
    if (ip === undefined || buffer === undefined) return undefined;
    const nameOf = (address: bigint): string => descriptions.symbols.nameOf(BigInt.asUintN(64, address));
    return (entry) => `${nameOf(integerOf(entry, ip))}: ${textToEnd(entry, buffer.offset)}`;
  },
};

/** `char buf[]` has no size of its own: it goes up to a 0 byte, or the end of the entry. */
function textToEnd({ bytes, start, end }: Entry, offset: number): string {
  const from = Math.min(start + offset, end);
  const zero = bytes.subarray(from, end).indexOf(0);
  return bytes.toString('latin1', from, zero < 0 ? end : from + zero);
}

function describeOf(format: EventFormat, recording: Recording): Describe {
  const own = Object.hasOwn(OWN, format.name) ? OWN[format.name]?.(format, recording) : undefined;
  if (own !== undefined) return own;
  const print: Print = createPrint(format, recording.longSize);
  return (entry) => `${format.name}: ${print(entry)}`;
}
