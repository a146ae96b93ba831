/** `worldswitch footprint`: bytes for each vCPU and each CPU of the host state that the series moved, and what that saves. */

import type { Btf } from '../../btf/blob.ts';
import { GENERATIONS, type Generation } from '../../models/generations.ts';
import { CLAIM, type Fields, MOVES, type Move } from '../../models/host-data.ts';
import { readKernel, side } from './kernel.ts';
import type { FootprintError, KernelLayout, Layout, Side, Total } from './sizes.ts';

export interface FootprintOptions {
  /** Models to be listed; all of them by default. */
  readonly models?: readonly string[];
  /** How many vCPUs the host has in all (default 64), and how many physical CPUs (default 16). */
  readonly vcpus?: number;
  readonly cpus?: number;
  /** A real kernel's BTF, to be read instead of the tables. */
  readonly btf?: Btf;
}

export interface Footprint {
  readonly vcpus: number;
  readonly cpus: number;
  /** Without BTF. */
  readonly generations?: readonly Layout[];
  /** With BTF. */
  readonly kernel?: KernelLayout;
  readonly series: {
    readonly moved: readonly Move[];
    readonly bytes_per_vcpu: number;
    readonly claim: { readonly words: string; readonly commit: string; readonly bytes: number };
    /** Bytes that leave the vCPUs, come to the CPUs, and are saved by it (negative: lost). */
    readonly leave_vcpus: number;
    readonly come_to_cpus: Total;
    readonly saved: Total;
  };
}

export function isFootprintError(value: Footprint | FootprintError): value is FootprintError {
  return 'error' in value;
}

const DEFAULT_VCPUS = 64;
const DEFAULT_CPUS = 16;

/** What the state costs on a host. An unknown model, or a BTF without the structs of KVM/arm64, is an error. */
export function footprint(options: FootprintOptions = {}): Footprint | FootprintError {
  const { vcpus = DEFAULT_VCPUS, cpus = DEFAULT_CPUS, models, btf } = options;
  const total = (vcpu: number, cpu: number): Total => ({
    vhe: vcpus * vcpu + cpus * cpu,
    nvhe: vcpus * vcpu + 2 * cpus * cpu,
  });
  const series = seriesOf(vcpus, cpus);
  if (btf !== undefined) {
    const kernel = readKernel(btf, total);
    return 'error' in kernel ? kernel : { vcpus, cpus, kernel, series };
  }
  const known = GENERATIONS.flatMap((generation) => generation.models);
  const unknown = models?.find((model) => !known.includes(model));
  if (unknown !== undefined) return { error: `unknown model '${unknown}': expected one of ${known.join(', ')}` };
  const generations = GENERATIONS.map((generation) => select(generation, models))
    .filter((generation) => generation.models.length > 0)
    .map((generation) => layoutOf(generation, total));
  return { vcpus, cpus, generations, series };
}

function select(generation: Generation, models: readonly string[] | undefined): Generation {
  return { ...generation, models: generation.models.filter((model) => models?.includes(model) ?? true) };
}

function layoutOf(generation: Generation, total: (vcpu: number, cpu: number) => Total): Layout {
  const vcpu = sideOf(generation.vcpu);
  const cpu = sideOf(generation.cpu);
  return { models: generation.models, vcpu, cpu, total: total(vcpu.bytes, cpu.bytes) };
}

function sideOf(fields: Fields): Side {
  return side(Object.entries(fields).map(([name, bytes]) => ({ name, bytes })));
}

function seriesOf(vcpus: number, cpus: number): Footprint['series'] {
  const sum = (moves: readonly Move[]) => moves.reduce((bytes, move) => bytes + move.bytes, 0);
  const each = sum(MOVES);
  const leave = vcpus * each;
  const come = { vhe: cpus * each, nvhe: 2 * cpus * each };
  return {
    moved: MOVES,
    bytes_per_vcpu: each,
    claim: { ...CLAIM, bytes: sum(MOVES.filter((move) => move.commit === CLAIM.commit)) },
    leave_vcpus: leave,
    come_to_cpus: come,
    saved: { vhe: leave - come.vhe, nvhe: leave - come.nvhe },
  };
}
