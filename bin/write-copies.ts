/**
 * Writes lib/kernel/hidden/copies.ts: `node --import tsx bin/write-copies.ts`, where a property of a CPU, a task, a vCPU or of
 * kvm_host_data has come or gone. Properties that are named in the code are read ten times as fast as by names in a list.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isAge } from '../lib/kernel/hidden/ages.ts';
import { createCpu } from '../lib/kernel/state/cpu.ts';
import { createKernelNeon } from '../lib/kernel/state/entity.ts';
import { createTask } from '../lib/kernel/state/task.ts';
import { createVcpu } from '../lib/kernel/state/vcpu.ts';

const PATH = fileURLToPath(new URL('../lib/kernel/hidden/copies.ts', import.meta.url));

const cpu = createCpu(0, true, false);

/** One object of each kind. */
export const SAMPLES: Readonly<Record<string, { readonly type: string; readonly sample: object }>> = {
  CPU: { type: 'Cpu', sample: cpu },
  HOST_DATA: { type: 'HostData', sample: cpu.vhe },
  TASK: { type: 'Task', sample: createTask(1) },
  VCPU: { type: 'Vcpu', sample: createVcpu(0, 0) },
  KERNEL_NEON: { type: 'Entity', sample: createKernelNeon(1) },
};

/** What an object is, not what happens to it, or what one event makes of it whatever happened before. */
const FIXED: ReadonlySet<string> = new Set([
  ...['kind', 'id', 'vm', 'symbol', 'lostEpoch', 'lossOpen', 'stranger', 'declared', 'sve', 'sme', 'aarch32', 'nested'],
  ...['protected', 'finalised', 'hasFpmr', 'vq', 'smeVq', 'sme2', 'fa64', 'cptrTrapsSve', 'spe', 'trbe', 'brbe'],
  ...['pmuserenr', 'mapped'],
]);

/** Instances of kvm_host_data are copied apart from their CPU. */
const isHostData = (value: unknown): boolean => typeof value === 'object' && value !== null && 'symbol' in value;

export function namesOf(sample: object): readonly string[] {
  return Object.entries(sample)
    .filter(([name, value]) => !FIXED.has(name) && !isHostData(value))
    .map(([name]) => name);
}

function copierOf(kind: string, type: string, names: readonly string[]): string {
  const compared = names.map((name, at) => `o.${name} === v[${at}]`).join(' && ');
  const alike = names.flatMap((name, at) => (isAge(name) ? [] : [`v[${at}] === w[${at}]`])).join(' && ');
  const written = names.map((name, at) => `if (o.${name} !== v[${at}]) o.${name} = v[${at}] as never;`).join('\n');
  return `[${kind}]: {
    names: [${names.map((name) => `'${name}'`).join(', ')}],
    read: (of) => { const o = of as ${type}; return [${names.map((name) => `o.${name}`).join(', ')}]; },
    isAs: (of, v) => { const o = of as ${type}; return ${compared}; },
    isLike: (v, w) => ${alike},
    write: (of, v) => { const o = of as ${type}; ${written} },
  }`;
}

export function textOfCopies(): string {
  const copiers = Object.entries(SAMPLES).map(([kind, { type, sample }]) => copierOf(kind, type, namesOf(sample)));
  return `/**
 * The properties of objects that can differ between things that may have happened, read, compared and written by their names.
 * Written by bin/write-copies.ts, which says what is left out; not to be changed by hand.
 */

import type { Cpu, HostData } from '../state/cpu.ts';
import { ANYBODY, type Entity, KERNEL_NEON, NOBODY, TASK, VCPU } from '../state/entity.ts';
import type { Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';

export interface Copier {
  readonly names: readonly string[];
  readonly read: (of: object) => unknown[];
  readonly isAs: (of: object, values: readonly unknown[]) => boolean;
  /** Whether they differ in nothing but when it was. */
  readonly isLike: (values: readonly unknown[], others: readonly unknown[]) => boolean;
  /** Properties that hold what they are to hold are not written: some never are. */
  readonly write: (of: object, values: readonly unknown[]) => void;
}

/** In the place of the kinds of entities that are never written. */
export const CPU = NOBODY;
export const HOST_DATA = ANYBODY;

export const COPIERS: Readonly<Record<number, Copier>> = {
  ${copiers.join(',\n  ')},
};
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(PATH, textOfCopies());
  execFileSync('node_modules/.bin/biome', ['format', '--write', PATH], { stdio: 'inherit' });
}
