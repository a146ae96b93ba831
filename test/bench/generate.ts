/**
 * Traces for measurements: any number of events, the same ones for the same number, in the mix that captures of a
 * busy host have. Eight CPUs, four VMs of four vCPUs with a thread each, as v6.12-stable runs them with VHE: what the
 * emulator predicts and what the `observe` lines say is the same, so that a replay takes the path of a healthy kernel.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const CPUS = 8;
const VMS = 4;
const VCPUS = 4;
/** First pid of the vCPUs' threads. */
const FIRST_PID = 1200;
/** Characters collected before they are written. */
const BATCH = 1024 * 1024;

const EXIT_CLASSES = ['0x24', '0x18', '0x1', '0x16', '0x24', '0x20'];

/** A generator of numbers in [0, 1): mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

interface Thread {
  readonly pid: number;
  readonly vm: number;
  readonly vcpu: number;
  /** It was switched out with its vCPU loaded. */
  preempted: boolean;
  debugDirty: boolean;
}

interface Cpu {
  readonly id: number;
  /** undefined: idle. */
  thread: Thread | undefined;
  at: 'idle' | 'switched' | 'user' | 'loaded' | 'guest';
  guestOwned: boolean;
}

type Field = readonly [key: string, json: string];

/**
 * What lines look like: `short` ones are of the steps alone, 60 bytes each; `mixed` ones have values that were read between
 * them, 75 bytes each; and `long` ones also say whose vCPU and which task it is: 100 bytes each.
 */
export type Shape = 'short' | 'mixed' | 'long';

/** Writes a trace of `events` lines to `path`. */
export function generate(path: string, events: number, shape: Shape = 'mixed'): void {
  const file = openSync(path, 'w');
  let text = '';
  let count = 0;
  let time = shape === 'long' ? 1_763_000_000_000_000 : 22_368_271_000;
  const random = createRandom(events);
  const chance = (probability: number): boolean => random() < probability;

  /** Most writers put `event` first; some sort their keys, or begin with the time. */
  function ordered(fields: Field[]): Field[] {
    const draw = random();
    if (draw < 0.8) return fields;
    if (draw < 0.9) return fields.sort(([a], [b]) => (a < b ? -1 : 1));
    const [event, ts, ...rest] = fields as [Field, Field, ...Field[]];
    return [ts, ...rest, event];
  }

  function write(event: string, ...fields: Field[]): void {
    if (count === events) return;
    time += 1000 * (1 + Math.floor(random() * 200));
    const all: Field[] = [['event', `"${event}"`], ['ts', String(time)], ...fields];
    if (chance(0.002)) all.push(['note', chance(0.02) ? '"a \\"note\\""' : '"written by hand"']);
    text += `{${ordered([...new Map(all)])
      .map(([key, json]) => `"${key}":${json}`)
      .join(',')}}\n`;
    count++;
    if (text.length > BATCH) flush();
  }

  function flush(): void {
    writeSync(file, text);
    text = '';
  }

  const number = (key: string, value: number): Field => [key, String(value)];
  const string = (key: string, value: string): Field => [key, `"${value}"`];
  const on = ({ id, at, thread }: Cpu): Field[] => {
    const isLong = shape === 'long' && thread !== undefined;
    const loaded = isLong && (at === 'loaded' || at === 'guest') ? named(thread) : [];
    return [number('cpu', id), ...loaded, ...(isLong ? [number('task', thread.pid)] : [])];
  };
  const named = ({ vm, vcpu }: Thread): Field[] => [number('vm', vm), number('vcpu', vcpu)];

  function observe(cpu: Cpu, last: string, ...more: Field[]): void {
    if (shape === 'short') return;
    write('observe', ...on(cpu), string('fp_owner', cpu.guestOwned ? 'guest' : 'free'), string('last', last), ...more);
  }

  const vcpuName = ({ vm, vcpu }: Thread): string => `vcpu:${vm}/${vcpu}`;

  function switchTo(cpu: Cpu, next: Thread | undefined): void {
    write('task_switch', ...on(cpu), number('next', next?.pid ?? 0));
    cpu.thread = next;
    cpu.at = next === undefined ? 'idle' : 'switched';
  }

  /** The next thing that happens on a CPU. */
  function advance(cpu: Cpu): void {
    const { thread } = cpu;
    if (thread === undefined) {
      const next = ready.shift();
      if (next !== undefined) switchTo(cpu, next);
    } else if (cpu.at === 'switched' && thread.preempted) {
      thread.preempted = false;
      load(cpu, thread, 'sched_in');
    } else if (cpu.at === 'switched') {
      write('return_to_user', ...on(cpu), number('task', thread.pid));
      observe(cpu, `task:${thread.pid}`);
      cpu.at = 'user';
    } else if (cpu.at === 'user') {
      if (chance(0.01)) write('guest_debug', ...named(thread), ...(chance(0.5) ? [['use_hw', 'false'] as const] : []));
      if (chance(0.05)) yieldCpu(cpu, thread);
      else load(cpu, thread, 'vcpu_load');
    } else if (cpu.at === 'loaded') {
      afterLoad(cpu, thread);
    } else {
      runGuest(cpu, thread);
    }
  }

  function load(cpu: Cpu, thread: Thread, event: string): void {
    write(event, ...on(cpu), ...named(thread), number('task', thread.pid));
    cpu.guestOwned = false;
    observe(cpu, 'none');
    cpu.at = 'loaded';
  }

  function afterLoad(cpu: Cpu, thread: Thread): void {
    const draw = random();
    if (draw < 0.75) {
      write('guest_enter', ...on(cpu));
      const last = cpu.guestOwned ? vcpuName(thread) : 'none';
      if (chance(0.8)) observe(cpu, last, ['debug_dirty', String(thread.debugDirty)]);
      cpu.at = 'guest';
      return;
    }
    const preempted = draw > 0.95;
    write(preempted ? 'sched_out' : 'vcpu_put', ...on(cpu), ...named(thread));
    observe(cpu, 'none', ...(chance(0.02) ? [string('mpidr', `0x8000000${cpu.id}`)] : []));
    thread.preempted = preempted;
    if (preempted) yieldCpu(cpu, thread);
    else cpu.at = 'switched';
  }

  function yieldCpu(cpu: Cpu, thread: Thread): void {
    ready.push(thread);
    switchTo(cpu, chance(0.5) ? undefined : ready.shift());
  }

  function runGuest(cpu: Cpu, thread: Thread): void {
    if (!cpu.guestOwned && chance(0.3)) {
      write('guest_fp_trap', ...on(cpu), ...(chance(0.5) ? [string('ec', '0x07')] : [['inferred', 'true'] as const]));
      cpu.guestOwned = true;
    }
    const reason = EXIT_CLASSES[Math.floor(random() * EXIT_CLASSES.length)] as string;
    write('guest_exit', ...on(cpu), chance(0.9) ? string('ec', reason) : string('reason', 'irq'));
    // A run that began with DEBUG_DIRTY set has the guest's debug registers, and no access traps.
    const traps = !thread.debugDirty;
    thread.debugDirty = false;
    observe(cpu, cpu.guestOwned ? vcpuName(thread) : 'none', ['debug_dirty', 'false']);
    if (reason === '0x18' && traps && chance(0.5)) {
      write('debug_dirty', ...on(cpu));
      thread.debugDirty = true;
    } else if (chance(0.01)) {
      write('pmuserenr', ...on(cpu), string('value', `0x${Math.floor(random() * 0x1_0000_0000).toString(16)}`));
    }
    cpu.at = 'loaded';
  }

  const cpus: Cpu[] = Array.from({ length: CPUS }, (_, id) => ({
    id,
    thread: undefined,
    at: 'idle',
    guestOwned: false,
  }));
  const ready: Thread[] = Array.from({ length: VMS * VCPUS }, (_, n) => ({
    pid: FIRST_PID + n,
    vm: Math.floor(n / VCPUS),
    vcpu: n % VCPUS,
    preempted: false,
    debugDirty: false,
  }));
  text = `{"event":"meta","format":1,"model":"v6.12-stable","mode":"vhe","cpus":${CPUS},"sve_vl":64}\n`;
  count = 1;
  for (const thread of ready) {
    write(
      'vcpu_create',
      ...named(thread),
      ...(thread.vm === 0 ? [['sve', 'true'] as const, number('sve_vl', 64)] : []),
    );
    write('map_fp', ...named(thread), number('task', thread.pid));
  }
  while (count < events) advance(cpus[Math.floor(random() * CPUS)] as Cpu);
  flush();
  closeSync(file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path, events, shape = 'mixed'] = process.argv.slice(2);
  if (path === undefined || !(Number(events) > 0)) throw new Error('usage: generate.ts FILE EVENTS [short|mixed|long]');
  generate(path, Number(events), shape as Shape);
}
