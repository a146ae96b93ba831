/** What the replay of the layouts keeps: the vCPUs, where they are loaded, and what each layout has come to. */

import { createLayoutResults, type LayoutResult, type LostOrdering } from './result.ts';
import {
  createLayoutVcpu,
  formatsDiffer,
  type LayoutVcpu,
  loadedBytes,
  nativeBytes,
  savedBytes,
  userBytes,
  userVq,
} from './vcpu.ts';

export interface LayoutsState {
  /** All three; the one of the userspace format; the two that are native. */
  readonly results: readonly LayoutResult[];
  readonly user: LayoutResult;
  readonly native: readonly LayoutResult[];
  /** By "VM/VCPU". */
  readonly vcpus: Map<string, LayoutVcpu>;
  /** By CPU. */
  readonly loaded: Map<number, LayoutVcpu>;
  readonly lost: LostOrdering[];
  svcrUnknown: number;
  /** Largest vector lengths of the machine in bytes. */
  sveVl: number;
  smeVl: number;
}

export function createLayoutsState(): LayoutsState {
  const results = createLayoutResults();
  const [user, ...native] = results;
  return {
    results,
    user,
    native,
    vcpus: new Map(),
    loaded: new Map(),
    lost: [],
    svcrUnknown: 0,
    sveVl: 16,
    smeVl: 16,
  };
}

/** The vCPU; made where the trace names it for the first time, without SVE and SME. */
export function vcpuOf(state: LayoutsState, vm: number, id: number): LayoutVcpu {
  const key = `${vm}/${id}`;
  const known = state.vcpus.get(key);
  if (known !== undefined) return known;
  const vcpu = createLayoutVcpu(vm, id);
  state.vcpus.set(key, vcpu);
  return vcpu;
}

/** A run begins: what userspace wrote is the guest's now. */
export function beginRun(vcpu: LayoutVcpu | undefined): void {
  if (vcpu === undefined) return;
  vcpu.vectorsWritten = 0;
  vcpu.zaWritten = 0;
}

/** The guest uses its registers: unless they are live, they are loaded, from whatever format they are kept in. */
export function useRegisters(state: LayoutsState, vcpu: LayoutVcpu | undefined): void {
  beginRun(vcpu);
  if (vcpu === undefined || vcpu.live) return;
  // It was an access that made this necessary, and is counted with them.
  if (vcpu.format === 'user' && formatsDiffer(vcpu)) convert(state.user, userBytes(vcpu), nativeBytes(vcpu), 0);
  for (const result of state.results) result.context_switches.bytes += loadedBytes(vcpu);
  vcpu.live = true;
}

/** Somebody else needs the CPU's registers. */
export function saveRegisters(state: LayoutsState, vcpu: LayoutVcpu | undefined): void {
  if (vcpu === undefined || !vcpu.live) return;
  for (const result of state.results) result.context_switches.bytes += savedBytes(vcpu);
  vcpu.live = false;
  vcpu.format = 'native';
}

/** Before userspace sees a vector register, and before a change of mode would make the memory mean something else. */
export function toUserFormat(state: LayoutsState, vcpu: LayoutVcpu, writes: boolean): void {
  if (vcpu.format === 'native' && formatsDiffer(vcpu)) {
    convert(state.user, nativeBytes(vcpu), nativeBytes(vcpu), userBytes(vcpu) - nativeBytes(vcpu));
  }
  // Memory that is all zero is in both formats until it is written.
  if ((vcpu.format === 'native' || writes) && userVq(vcpu) > 0) vcpu.format = 'user';
}

function convert(result: LayoutResult, read: number, rewritten: number, zeroed: number): void {
  result.conversions += 1;
  result.bytes_read += read;
  result.bytes_rewritten += rewritten;
  result.bytes_zeroed += zeroed;
  result.userspace_accesses.bytes += read + rewritten + zeroed;
}
