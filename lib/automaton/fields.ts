/**
 * What a step reads and writes, by what it only matters as. References, numbers that only grow, and where in the trace something
 * was, are always up to date; small values stand in the number of a situation.
 */

import { createCpu } from '../kernel/state/cpu.ts';
import { createKernelNeon } from '../kernel/state/entity.ts';
import { createTask } from '../kernel/state/task.ts';
import { createVcpu } from '../kernel/state/vcpu.ts';

const cpu = createCpu(0, true, false);

/** One object of each kind. */
const SAMPLES = {
  cpu,
  instance: cpu.vhe,
  task: createTask(1),
  vcpu: createVcpu(0, 0),
  neon: createKernelNeon(1),
} as const;
export type Kind = keyof typeof SAMPLES;
export const KINDS = Object.keys(SAMPLES) as readonly Kind[];

/**
 * What an eager field has: whom it means; the newest of somebody's values, or one that is older; a line, or an event by its number,
 * where 0 is none; a register, of any value.
 */
export type Sort = 'reference' | 'newest' | 'value' | 'line' | 'event' | 'register';

const OF_ENTITY = {
  generation: 'newest',
  memory: 'value',
  fpmr: 'newest',
  fpmrMemory: 'value',
  zaGeneration: 'newest',
  zaMemory: 'value',
} as const;

/** Fields that are written at every step that changes them. */
const EAGER: { readonly [kind in Kind]: Readonly<Record<string, Sort>> } = {
  cpu: {
    holder: 'reference',
    generation: 'value',
    entryHolder: 'reference',
    entryGeneration: 'value',
    el2Holder: 'reference',
    el2Generation: 'value',
    zaHolder: 'reference',
    zaGeneration: 'value',
    current: 'reference',
    loaded: 'reference',
    lastLoaded: 'reference',
    last: 'reference',
    window: 'newest',
    exitImpliedLine: 'line',
    pmuserenr: 'register',
    pmuserenrSaved: 'register',
  },
  instance: {
    fpsimd_state: 'reference',
    __hyp_running_vcpu: 'reference',
    fp_ownerLine: 'line',
    fp_ownerEvent: 'event',
  },
  task: OF_ENTITY,
  vcpu: {
    ...OF_ENTITY,
    task: 'reference',
    mapped: 'reference',
    vectorsWritten: 'line',
    zaWritten: 'line',
    fp_stateLine: 'line',
    fp_stateEvent: 'event',
  },
  neon: OF_ENTITY,
};

export interface Field {
  readonly name: string;
  readonly sort: Sort;
}

export const eagerOf = (kind: Kind): readonly Field[] =>
  Object.entries(EAGER[kind]).map(([name, sort]) => ({ name, sort }));

/** Names of all eager fields: an index of this list is the number of a field. */
export const EAGER_NAMES: readonly string[] = [...new Set(KINDS.flatMap((kind) => Object.keys(EAGER[kind])))];

/** Windows of a CPU, which only matter as none, the present one, or another. */
const WINDOWS: ReadonlySet<string> = new Set([
  ...['buffersWindow', 'trapsWindow', 'fp_ownerWindow', 'mdcr_el2Window', 'mdcr_el2_hostWindow'],
]);

/** Numbers of CPUs, which only matter as none, this CPU, or another. */
const CPU_NUMBERS: ReadonlySet<string> = new Set([...['auth', 'zaAuth', 'fpsimd_cpu', 'cpu', 'mdcr_el2_host']]);

/** What an entry writes, and nothing but its run and its exit read. */
const OF_RUN: ReadonlySet<string> = new Set([
  ...['trapFp', 'trapSve', 'trapSme', 'dirtyAtSetup', 'dirtyAtEnter', 'debugSwitched', 'debugOpen'],
]);

/** What an exit writes, and only what is bound to the CPU afterwards is saved by. */
const OF_BINDING: ReadonlySet<string> = new Set(['hostVq']);

/** The CPU of a run, which is read at its exit. */
const CPU_OF_RUN: ReadonlySet<string> = new Set(['host_debug_state']);

/** What an object is; objects within it; and what every step that reads it has written before. */
const NO_STATE: ReadonlySet<string> = new Set([
  ...['kind', 'id', 'vm', 'symbol', 'stranger', 'mpidr', 'kernelNeon', 'vhe', 'nvhe', 'kernel', 'hyp', 'softirqNeon'],
  'dirtyAtExit',
]);

/** What a small value only matters as. */
export type SmallSort = 'plain' | 'cpu' | 'window' | 'ofRun' | 'ofBinding' | 'cpuOfRun';

export interface Small {
  readonly name: string;
  readonly sort: SmallSort;
}

const SORTS: readonly (readonly [ReadonlySet<string>, SmallSort])[] = [
  [CPU_NUMBERS, 'cpu'],
  [WINDOWS, 'window'],
  [OF_RUN, 'ofRun'],
  [OF_BINDING, 'ofBinding'],
  [CPU_OF_RUN, 'cpuOfRun'],
];

const sortOf = (name: string): SmallSort => SORTS.find(([names]) => names.has(name))?.[1] ?? 'plain';

const smallOf = (kind: Kind): readonly Small[] =>
  Object.keys(SAMPLES[kind])
    .filter((name) => EAGER[kind][name] === undefined && !NO_STATE.has(name))
    .map((name) => ({ name, sort: sortOf(name) }));

/** The small values of an object: all that is nothing else. */
export const SMALL: { readonly [kind in Kind]: readonly Small[] } = {
  cpu: smallOf('cpu'),
  instance: smallOf('instance'),
  task: smallOf('task'),
  vcpu: smallOf('vcpu'),
  neon: smallOf('neon'),
};
