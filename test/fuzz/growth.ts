/** Captures and traces that are of any length, and made to be expensive: many of one thing, deep, large, or in the wrong order. */

import { EVENTS, FIELDS, type FieldName } from '../../lib/trace/vocabulary.ts';

/** A shape is a text of `count` lines, about. */
export type Shape = (count: number) => string;

const times = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('');

interface Place {
  readonly cpu?: number;
  readonly task?: number;
  /** In microseconds. */
  readonly time?: number;
}

function entry(at: number, payload: string, { cpu = 0, task = 1, time = at }: Place = {}): string {
  const seconds = `${100 + Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, '0')}`;
  return `  vmm-${task} [${String(cpu).padStart(3, '0')}] d..1. ${seconds}: ${payload}\n`;
}

const ENTER = 'kvm_entry: PC: 0xffff800010000000';
const EXIT = 'kvm_exit: TRAP: HSR_EC: 0x0007 (FP_ASIMD), PC: 0xffff800010000000';
const address = (at: number): string => `0x${(0xfff0000000000000n + BigInt(at) * 4096n).toString(16)}`;
const probe = (name: string, symbol: string, at: number): string =>
  `${name}: (${symbol}+0x0/0x540) kvm=${address(at)} vcpu=${at} vptr=${address(at + 1)} on=${at % 3} ifl=0x0 cfl=0x3 o0=0 o1=0 l0=${address(at)} l1=0x0`;
const switched = (from: number, to: number): string =>
  `sched_switch: prev_comm=a prev_pid=${from} prev_prio=120 prev_state=R ==> next_comm=b next_pid=${to} next_prio=120`;

const CAPTURES: Readonly<Record<string, Shape>> = {
  'entries of many tasks': (count) => times(count, (at) => entry(at, ENTER, { task: at + 1 })),
  'entries on many CPUs': (count) => times(count, (at) => entry(at, ENTER, { cpu: at % 64, task: 1 + (at % 64) })),
  'entries on more CPUs than there are': (count) => times(count, (at) => entry(at, ENTER, { cpu: at, task: at + 1 })),
  'entries without exits': (count) => times(count, (at) => entry(at, ENTER)),
  'exits without entries': (count) => times(count, (at) => entry(at, EXIT)),
  'runs of many tasks': (count) =>
    times(count / 2, (at) => entry(2 * at, ENTER, { task: at + 1 }) + entry(2 * at + 1, EXIT, { task: at + 1 })),
  'runs of a task that moves': (count) =>
    times(count / 2, (at) => entry(2 * at, ENTER, { cpu: at % 64 }) + entry(2 * at + 1, EXIT, { cpu: at % 64 })),
  'loads of many vCPUs': (count) =>
    times(count, (at) => entry(at, probe('vcpu_load', 'kvm_arch_vcpu_load', at), { task: at + 1 })),
  'loads that do not end': (count) => times(count, (at) => entry(at, probe('load_fp', 'kvm_arch_vcpu_load_fp', 1))),
  'flushes that do not end': (count) =>
    times(count, (at) => entry(at, probe('flush_fp', 'kvm_arch_vcpu_ctxflush_fp', at % 2))),
  'returns of nothing': (count) =>
    times(count, (at) => entry(at, 'put_fp_ret: (kvm_arch_vcpu_put+0x34/0x1a0 <- kvm_arch_vcpu_put_fp) o0=0 o1=0')),
  'switches through many tasks': (count) => times(count, (at) => entry(at, switched(at + 1, at + 2), { task: at + 1 })),
  'switches to many addresses': (count) =>
    times(count, (at) => entry(at, `thread_switch: (fpsimd_thread_switch+0x0/0x230) next=${address(at)} o0=0 o1=0`)),
  'switches of many CPUs': (count) =>
    times(count, (at) => entry(at, switched(at + 1, at + 2), { cpu: at % 4096, task: at + 1 })),
  'losses of enormous counts': (count) =>
    times(
      count / 2,
      (at) => `CPU:${at % 8} [LOST ${2n ** BigInt(at % 70)} EVENTS]\n${entry(at, ENTER, { cpu: at % 8 })}`,
    ),
  'numbers that are enormous': (count) =>
    times(count, (at) =>
      entry(at, `${ENTER.replace(/0x\w+/, `0x${'f'.repeat(1 + (at % 99))}`)} vcpu=${'9'.repeat(99)}`),
    ),
  'times that run backwards': (count) => times(count, (at) => entry(at, ENTER, { time: count - at })),
  'times in zigzag': (count) => times(count, (at) => entry(at, ENTER, { time: at ^ 63 })),
  'times at random': (count) => times(count, (at) => entry(at, ENTER, { time: (at * 7919) % count })),
  'one time, of two CPUs': (count) => times(count, (at) => entry(at, ENTER, { time: 5, cpu: at % 2 })),
  'one line': (count) => times(count, () => entry(5, ENTER)),
  'events of many names': (count) => times(count, (at) => entry(at, `event${at}: a=1`)),
  'events of long names': (count) => times(count / 10, (at) => entry(at, `${'x'.repeat(2000)}${at}: a=1`)),
  'many fields': (count) => times(count, (at) => entry(at, `${ENTER} ${times(50, (n) => ` f${at}_${n}=${n}`)}`)),
  'text that is nested deeply': (count) => times(count / 10, (at) => entry(at, `guest_exit: ${'({['.repeat(300)}`)),
  'lines without anything': (count) => entry(0, ENTER) + '\n'.repeat(10 * count),
  headers: (count) =>
    times(count, (at) => `# entries-in-buffer/entries-written: ${at}/${2 ** 53}   #P:${at}\n`) + entry(0, ENTER),
};

/** Values of a field in lines that follow each other. */
function valueAt(name: FieldName, at: number): unknown {
  const { type } = FIELDS[name];
  switch (type.kind) {
    case 'integer':
      if (name === 'cpu') return at % 3;
      return type.min + ((at * ('multipleOf' in type ? type.multipleOf : 1)) % (type.max - type.min + 1));
    case 'boolean':
      return at % 2 === 0;
    case 'bit':
    case 'flag':
      return at % 2;
    case 'timestamp':
      return at;
    case 'hex':
      return `0x${(at % 2 ** Math.min(30, type.bits)).toString(16)}`;
    case 'enum':
      return type.values[at % type.values.length];
    case 'entity':
      return `vcpu:${at}/${at}`;
    case 'strings':
      return [`${name}${at}`];
    default:
      return `${name}${at}`;
  }
}

const line = (fields: object): string => `${JSON.stringify(fields)}\n`;

/** Each kind of event again and again, of ever other vCPUs and tasks, with all fields and with those that it must have. */
const BY_KIND: Readonly<Record<string, Shape>> = Object.fromEntries(
  EVENTS.filter(({ name }) => name !== 'meta').flatMap(({ name, required, optional }) =>
    [required, [...required, ...optional]].map((fields, all) => [
      `${name}${all === 1 ? ', with all fields' : ''}`,
      (count: number) =>
        times(count, (at) =>
          line({ event: name, ...Object.fromEntries(fields.map((field) => [field, valueAt(field, at)])) }),
        ),
    ]),
  ),
);

const TRACES: Readonly<Record<string, Shape>> = {
  ...BY_KIND,
  'events of many names in a trace': (count) => times(count, (at) => line({ event: `event${at}`, cpu: 0 })),
  'fields of many names': (count) => times(count, (at) => line({ event: 'cpu_on', cpu: 0, [`field${at}`]: 1 })),
  'fields of long names': (count) =>
    times(count / 10, (at) => line({ event: 'cpu_on', cpu: 0, [`${'x'.repeat(2000)}${at}`]: 1 })),
  'values that are nested deeply': (count) =>
    times(10, () => `{"event":"cpu_on","cpu":0,"note":${'['.repeat(count)}${']'.repeat(count)}}\n`),
  'fields that come again': (count) => times(10, () => `{"event":"cpu_on"${',"cpu":0'.repeat(count)}}\n`),
  'loads without puts': (count) => times(count, (at) => line({ event: 'vcpu_load', cpu: 0, vcpu: at, task: at })),
  'NEON in NEON': (count) => times(count, () => line({ event: 'neon_begin', cpu: 0 })),
  metas: (count) => times(count, (at) => line({ event: 'meta', format: 1, source: `x${at}`, features: [`f${at}`] })),
};

export const SHAPES: Readonly<Record<string, Shape>> = { ...CAPTURES, ...TRACES };
