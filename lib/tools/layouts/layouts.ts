/**
 * The debate about SME guests (semantics 9.2) as numbers: one trace under three ways to keep a vCPU's vector registers in
 * memory. Not a replay of a kernel: who owns the registers is followed only as far as it decides what is in memory.
 */

import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { EVENTS, type EventName } from '../../trace/vocabulary.ts';
import { accessRegister } from './access.ts';
import { each, type LayoutResult, type LayoutsResult } from './result.ts';
import { beginRun, createLayoutsState, type LayoutsState, saveRegisters, useRegisters, vcpuOf } from './state.ts';
import { createLayoutVcpu, formatsDiffer, type LayoutVcpu } from './vcpu.ts';

export interface LayoutsReplay {
  step(event: EventRecord): void;
  finish(inputs: LayoutsResult['inputs']): LayoutsResult;
}

export function createLayouts(): LayoutsReplay {
  const state = createLayoutsState();
  return {
    step: (event) => BY_KIND[event.kind]?.(state, event),
    finish: (inputs) => ({
      inputs: inputs.map(({ name, lines, events }) => ({ name, lines, events })),
      vcpus: state.vcpus.size,
      vcpus_with_two_formats: [...state.vcpus.values()].filter(hasTwoFormats).length,
      layouts: state.results.map(withAverages),
      lost: state.lost,
      svcr_unknown: state.svcrUnknown,
    }),
  };
}

type Handler = (state: LayoutsState, event: EventRecord) => void;

function load(state: LayoutsState, { cpu, vm, vcpu }: EventRecord): void {
  state.loaded.set(cpu, vcpuOf(state, vm, vcpu));
}

function put(state: LayoutsState, { cpu }: EventRecord): void {
  const vcpu = state.loaded.get(cpu);
  if (vcpu === undefined) return;
  saveRegisters(state, vcpu);
  state.loaded.delete(cpu);
  for (const result of state.results) result.context_switches.count += 1;
}

const use: Handler = (state, { cpu }) => useRegisters(state, state.loaded.get(cpu));

/** A length in bytes, or else the machine's, in units of 128 bits. */
const quads = (length: number, machine: number): number => (length === ABSENT ? machine : length) / 16;

const HANDLERS: Partial<Record<EventName, Handler>> = {
  meta(state, { meta }) {
    state.sveVl = meta?.sve_vl ?? state.sveVl;
    state.smeVl = meta?.sme_vl ?? state.smeVl;
  },
  vcpu_create(state, event) {
    const vcpu = vcpuOf(state, event.vm, event.vcpu);
    const sme = event.sme === 1;
    vcpu.vq = event.sve === 1 ? quads(event.sve_vl, state.sveVl) : 0;
    vcpu.svq = sme ? quads(event.sme_vl, state.smeVl) : 0;
    vcpu.sme2 = sme && event.sme2 === 1;
    vcpu.fa64 = sme && event.fa64 === 1;
  },
  vcpu_load: load,
  sched_in: load,
  vcpu_put: put,
  sched_out: put,
  guest_enter: (state, { cpu }) => beginRun(state.loaded.get(cpu)),
  guest_fp: use,
  guest_fp_trap: use,
  guest_svcr(state, { cpu, sm, za }) {
    const vcpu = state.loaded.get(cpu);
    if (vcpu === undefined || vcpu.svq === 0) return;
    useRegisters(state, vcpu);
    // The CPU zeroes its registers; nothing is moved.
    if (sm !== ABSENT) vcpu.sm = sm === 1;
    if (za !== ABSENT) vcpu.za = za === 1;
  },
  neon_begin: (state, { cpu }) => saveRegisters(state, state.loaded.get(cpu)),
  reg_get: (state, event) => accessRegister(state, event, false),
  reg_set: (state, event) => accessRegister(state, event, true),
  vcpu_reset(state, event) {
    const vcpu = vcpuOf(state, event.vm, event.vcpu);
    const { vq, svq, sme2, fa64 } = vcpu;
    Object.assign(vcpu, createLayoutVcpu(vcpu.vm, vcpu.id), { vq, svq, sme2, fa64 });
  },
  lost(state, event) {
    for (const [cpu, vcpu] of state.loaded) {
      if (event.cpu !== ABSENT && event.cpu !== cpu) continue;
      vcpu.live = false;
      state.loaded.delete(cpu);
    }
  },
};

const BY_KIND: readonly (Handler | undefined)[] = EVENTS.map(({ name }) => HANDLERS[name]);

const hasTwoFormats = (vcpu: LayoutVcpu): boolean =>
  vcpu.svq > 0 && (formatsDiffer({ ...vcpu, sm: false }) || formatsDiffer({ ...vcpu, sm: true }));

function withAverages(result: LayoutResult): LayoutResult {
  const { context_switches: switches, userspace_accesses: accesses } = result;
  return {
    ...result,
    context_switches: { ...switches, bytes_each: each(switches.bytes, switches.count) },
    userspace_accesses: { ...accesses, bytes_each: each(accesses.bytes, accesses.count) },
  };
}
