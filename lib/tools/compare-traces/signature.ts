/**
 * What an event is, and what it leaves, as two numbers: the same for two traces as long as they tell the same story. CPUs, VMs,
 * vCPUs and tasks are numbered as a trace comes to name them; times, and values of no consequence, are left out.
 */

import type { Cpu } from '../../kernel/state/cpu.ts';
import { type Entity, TASK, VCPU } from '../../kernel/state/entity.ts';
import type { Machine } from '../../kernel/state/machine.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';

export interface Signer {
  /** Of the event, before its step. */
  event(event: EventRecord): number;
  /** Of the state of its CPU, after it. */
  state(machine: Machine | undefined, event: EventRecord): number;
}

const SEED = 0x811c9dc5;

/** FNV-1a over 32-bit words. */
const mix = (hash: number, word: number): number => Math.imul(hash ^ word, 0x01000193) >>> 0;

/** Fields that say what happened, beside who it happened to. */
const FIELDS = [
  ...(['sve', 'sme', 'sme2', 'fa64', 'fpmr', 'aarch32', 'nested', 'protected', 'sve_vl', 'sme_vl'] as const),
  ...(['irqs_off', 'preemptible', 'ec', 'isa', 'sm', 'za', 'mde', 'kde', 'locked', 'singlestep', 'use_hw'] as const),
  ...(['softirq', 'spe', 'trbe', 'brbe', 'reg', 'fp_owner', 'fp_owner_kernel', 'fp_owner_hyp'] as const),
  ...(['last', 'tif_foreign', 'debug_dirty', 'maybe'] as const),
];

export function createSigner(): Signer {
  const cpus = numbering();
  const tasks = numbering();
  const vcpus = numbering();
  const vcpu = (vm: number, id: number): number => vcpus(`${vm}/${id}`);
  const entity = (of: Entity): number => {
    if (of.kind === TASK) return mix(of.kind, tasks(of.id));
    return of.kind === VCPU ? mix(of.kind, vcpu(of.vm, of.id)) : of.kind;
  };

  const cpuState = ({ current, loaded, running, hyp, kernel, holder, generation, last, debugSet }: Cpu): number => {
    const isNewest = holder.generation === generation ? 1 : 0;
    const words = [running ? 1 : 0, hyp.fp_owner, kernel.fp_owner, entity(holder), isNewest, entity(last), debugSet];
    const own = loaded === undefined ? [] : [loaded.fp_state, loaded.debug_dirty, loaded.debug_owner];
    return [...words, current.tif_foreign_fpstate, ...own].reduce(mix, SEED);
  };

  return {
    event(event) {
      const { kind, cpu, vm, task, next, value } = event;
      let hash = mix(SEED, kind);
      hash = mix(hash, cpu === ABSENT ? ABSENT : cpus(cpu));
      hash = mix(hash, event.vcpu === ABSENT ? ABSENT : vcpu(vm, event.vcpu));
      for (const pid of [task, next]) hash = mix(hash, pid <= 0 ? pid : tasks(pid));
      for (const name of FIELDS) hash = mix(hash, event[name]);
      return value === undefined ? hash : mix(hash, Number(value & 0xffff_ffffn));
    },
    state(machine, { cpu }) {
      const of = cpu === ABSENT ? undefined : machine?.cpus[cpu];
      return of === undefined ? SEED : cpuState(of);
    },
  };
}

/** By what is named, in the order in which it comes. */
function numbering(): (name: number | string) => number {
  const numbers = new Map<number | string, number>();
  return (name) => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
}
