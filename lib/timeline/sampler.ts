/** Asks the tracks of CPUs and vCPUs for their values, and keeps where they change. */

import { putBack } from '../kernel/hidden/snapshot.ts';
import type { Cpu } from '../kernel/state/cpu.ts';
import { type Entity, VCPU } from '../kernel/state/entity.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import { Column } from './column.ts';
import type { Subject, Track } from './timeline.ts';
import { CPU_TRACKS, type TrackRow, VCPU_TRACKS } from './tracks.ts';
import type { Values } from './values.ts';

/** vCPUs that have tracks of their own; more lanes nobody looks through. */
const MOST_VCPUS = 1024;

/** No value, before the first. */
const NOTHING = 0xffff_ffff;

interface Changes {
  last: number;
  readonly starts: Column;
  readonly states: Column;
}

interface Sampled<Of> {
  readonly subject: Subject;
  readonly rows: readonly TrackRow<Of>[];
  readonly changes: readonly Changes[];
}

export interface Sampler {
  /** Takes the state of the CPU, and of the vCPUs that it has to do with, as that after event `at`. */
  sample(machine: Machine, cpu: Cpu, at: number): void;
  /** vCPUs that were left out. */
  readonly leftOut: number;
  tracks(): readonly Track[];
}

function begin<Of>(subject: Subject, rows: readonly TrackRow<Of>[]): Sampled<Of> {
  return {
    subject,
    rows,
    changes: rows.map(() => ({ last: NOTHING, starts: new Column(), states: new Column() })),
  };
}

function take(changes: Changes, value: number, at: number): void {
  if (value === changes.last) return;
  changes.last = value;
  changes.starts.push(at);
  changes.states.push(value);
}

/** The values of the rows. Where several things may have happened on the CPU, what they do not have in common is unknown. */
export function readTracks<Of>(
  machine: Machine,
  cpu: Cpu,
  rows: readonly TrackRow<Of>[],
  of: Of,
  values: Values,
): readonly number[] {
  const possible = machine.possible[cpu.id];
  if (possible === undefined) return rows.map((row) => row.read(machine, of, values));
  const seen = possible.map(({ state }) => {
    for (const copy of state.copies) putBack(copy);
    return rows.map((row) => row.read(machine, of, values));
  });
  for (const copy of possible[0]?.state.copies ?? []) putBack(copy);
  return rows.map((_, index) => {
    const first = seen[0]?.[index] as number;
    return seen.every((one) => one[index] === first) ? first : values.unknown;
  });
}

export function createSampler(values: Values): Sampler {
  const cpus: (Sampled<Cpu> | undefined)[] = [];
  const vcpus = new Map<Vcpu, Sampled<Vcpu>>();
  /** Whose value the registers of each CPU held before: it may have been moved. */
  const holders: (Entity | undefined)[] = [];
  const leftOut = new Set<Vcpu>();

  function read<Of>(machine: Machine, cpu: Cpu, { rows, changes }: Sampled<Of>, of: Of, at: number): void {
    if (machine.possible[cpu.id] === undefined) {
      for (let index = 0; index < rows.length; index++) {
        take(changes[index] as Changes, (rows[index] as TrackRow<Of>).read(machine, of, values), at);
      }
      return;
    }
    const seen = readTracks(machine, cpu, rows, of, values);
    for (const [index, change] of changes.entries()) take(change, seen[index] as number, at);
  }

  function sampleVcpu(machine: Machine, cpu: Cpu, vcpu: Vcpu, at: number): void {
    let sampled = vcpus.get(vcpu);
    if (sampled === undefined) {
      if (vcpus.size >= MOST_VCPUS) {
        leftOut.add(vcpu);
        return;
      }
      sampled = begin({ kind: 'vcpu', vm: vcpu.vm, vcpu: vcpu.id }, VCPU_TRACKS);
      vcpus.set(vcpu, sampled);
    }
    read(machine, cpu, sampled, vcpu, at);
  }

  return {
    get leftOut() {
      return leftOut.size;
    },
    sample(machine, cpu, at) {
      const known = cpus[cpu.id];
      const sampled = known ?? begin({ kind: 'cpu', cpu: cpu.id }, CPU_TRACKS);
      cpus[cpu.id] = sampled;
      read(machine, cpu, sampled, cpu, at);
      const { loaded, lastLoaded, holder } = cpu;
      const before = holders[cpu.id];
      holders[cpu.id] = holder;
      if (loaded !== undefined) sampleVcpu(machine, cpu, loaded, at);
      if (lastLoaded !== undefined && lastLoaded !== loaded) sampleVcpu(machine, cpu, lastLoaded, at);
      for (const entity of before === holder ? [holder] : [before, holder]) {
        const isOther = entity?.kind === VCPU && entity !== loaded && entity !== lastLoaded;
        if (isOther) sampleVcpu(machine, cpu, entity as Vcpu, at);
      }
    },
    tracks() {
      const known = cpus.filter((sampled) => sampled !== undefined);
      const ofVcpus = [...vcpus.values()].sort((a, b) => compare(a.subject, b.subject));
      return [...known.flatMap(tracksOf), ...ofVcpus.flatMap(tracksOf)];
    },
  };
}

function compare(a: Subject, b: Subject): number {
  if (a.kind !== 'vcpu' || b.kind !== 'vcpu') return 0;
  return a.vm - b.vm || a.vcpu - b.vcpu;
}

function tracksOf<Of>({ subject, rows, changes }: Sampled<Of>): Track[] {
  return changes.map(({ starts, states }, index) => {
    const { name, drawn } = rows[index] as TrackRow<Of>;
    return { name, drawn, subject, starts: starts.finish(), states: states.finish() };
  });
}
