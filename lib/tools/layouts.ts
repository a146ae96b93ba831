/**
 * The debate about SME guests (semantics 9.2) as numbers: one trace under three ways to keep a vCPU's vector registers in
 * memory. Not a replay of a kernel: who owns the registers is followed only as far as it decides what is in memory.
 */

import { ABSENT, type EventRecord } from '../trace/event.ts';
import { type EventName, EVENTS } from '../trace/vocabulary.ts';
import { copiedBytes, isMatrix, isSvcr, isVector } from './layouts/access.ts';
import { createLayoutResults, each, type LayoutResult, type LayoutsResult, type LostOrdering } from './layouts/result.ts';
import {
  createLayoutVcpu,
  formatsDiffer,
  type LayoutVcpu,
  loadedBytes,
  nativeBytes,
  savedBytes,
  userBytes,
  V_BYTES,
  wholeMatrixBytes,
} from './layouts/vcpu.ts';

/** Lossy orderings that are listed; all are counted. */
const LISTED = 100;

export interface LayoutsReplay {
  step(event: EventRecord): void;
  finish(inputs: LayoutsResult['inputs']): LayoutsResult;
}

export function createLayouts(): LayoutsReplay {
  const results = createLayoutResults();
  const [user, ...native] = results;
  const vcpus = new Map<string, LayoutVcpu>();
  const loaded = new Map<number, LayoutVcpu>();
  const lost: LostOrdering[] = [];
  let svcrUnknown = 0;
  /** Vector lengths of the machine in bytes. */
  const machine = { sve: 16, sme: 16 };

  function vcpuOf(vm: number, id: number): LayoutVcpu {
    const key = `${vm}/${id}`;
    const known = vcpus.get(key);
    if (known !== undefined) return known;
    const vcpu = createLayoutVcpu(vm, id);
    vcpus.set(key, vcpu);
    return vcpu;
  }

  function create(event: EventRecord): void {
    const vcpu = vcpuOf(event.vm, event.vcpu);
    vcpu.vq = event.sve === 1 ? (event.sve_vl === ABSENT ? machine.sve : event.sve_vl) / 16 : 0;
    vcpu.svq = event.sme === 1 ? (event.sme_vl === ABSENT ? machine.sme : event.sme_vl) / 16 : 0;
    vcpu.sme2 = event.sme === 1 && event.sme2 === 1;
    vcpu.fa64 = event.sme === 1 && event.fa64 === 1;
  }

  /** The guest uses its registers: they are loaded, from whatever format they are kept in. */
  function use(event: EventRecord): LayoutVcpu | undefined {
    const vcpu = loaded.get(event.cpu);
    if (vcpu === undefined) return undefined;
    run(vcpu);
    if (vcpu.live) return vcpu;
    // Userspace made this necessary: it is counted with the accesses.
    if (vcpu.format === 'user' && formatsDiffer(vcpu)) convert(user, userBytes(vcpu), nativeBytes(vcpu), 0);
    for (const result of results) result.context_switches.bytes += loadedBytes(vcpu);
    vcpu.live = true;
    return vcpu;
  }

  /** Somebody else needs the CPU's registers. */
  function save(vcpu: LayoutVcpu | undefined): void {
    if (vcpu === undefined || !vcpu.live) return;
    for (const result of results) result.context_switches.bytes += savedBytes(vcpu);
    vcpu.live = false;
    vcpu.format = 'native';
  }

  function put(event: EventRecord): void {
    const vcpu = loaded.get(event.cpu);
    if (vcpu === undefined) return;
    save(vcpu);
    loaded.delete(event.cpu);
    for (const result of results) result.context_switches.count += 1;
  }

  function access(event: EventRecord, set: boolean): void {
    const { reg } = event;
    const vcpu = vcpuOf(event.vm, event.vcpu);
    if (isVector(reg)) toUserFormat(vcpu, set);
    for (const result of results) {
      const copied = copiedBytes(vcpu, reg, result === user ? 'user' : 'native');
      const { userspace_accesses: accesses } = result;
      accesses.count += 1;
      if (copied === undefined) accesses.refused += 1;
      else accesses.bytes += copied;
    }
    if (!set) return;
    if (isVector(reg) && vcpu.vectorsWritten === 0) vcpu.vectorsWritten = event.line;
    if (isMatrix(reg) && vcpu.zaWritten === 0) vcpu.zaWritten = event.line;
    if (isSvcr(reg) && vcpu.svq > 0) setSvcr(event, vcpu);
  }

  /** Before userspace sees a vector register, and before a change of mode would make the memory mean something else. */
  function toUserFormat(vcpu: LayoutVcpu, writes: boolean): void {
    if (vcpu.format === 'native' && formatsDiffer(vcpu)) {
      convert(user, nativeBytes(vcpu), nativeBytes(vcpu), userBytes(vcpu) - nativeBytes(vcpu));
    }
    if (vcpu.format === 'native' || writes) vcpu.format = 'user';
  }

  function setSvcr(event: EventRecord, vcpu: LayoutVcpu): void {
    if (event.value === undefined) {
      svcrUnknown += 1;
      return;
    }
    const sm = (event.value & 1n) === 1n;
    const za = (event.value & 2n) === 2n;
    if (sm !== vcpu.sm) {
      toUserFormat(vcpu, false);
      zero(V_BYTES + userBytes(vcpu));
      if (vcpu.vectorsWritten > 0) lose(event, vcpu, 'vectors', vcpu.vectorsWritten);
      vcpu.vectorsWritten = 0;
    }
    if (za && !vcpu.za) {
      zero(wholeMatrixBytes(vcpu));
      if (vcpu.zaWritten > 0) lose(event, vcpu, 'za', vcpu.zaWritten);
      vcpu.zaWritten = 0;
    }
    vcpu.sm = sm;
    vcpu.za = za;
  }

  /** set_svcr() of the native layouts: the architecture's effect on the state in memory, whose size is the largest. */
  function zero(bytes: number): void {
    for (const result of native) {
      result.bytes_zeroed += bytes;
      result.userspace_accesses.bytes += bytes;
    }
  }

  function lose(event: EventRecord, vcpu: LayoutVcpu, registers: LostOrdering['registers'], written: number): void {
    for (const result of native) result.orderings_that_lose_data += 1;
    if (lost.length >= LISTED) return;
    lost.push({ input: event.input, line: event.line, vm: vcpu.vm, vcpu: vcpu.id, registers, written });
  }

  const STEPS: Partial<Record<EventName, (event: EventRecord) => void>> = {
    meta({ meta }) {
      machine.sve = meta?.sve_vl ?? machine.sve;
      machine.sme = meta?.sme_vl ?? machine.sme;
    },
    vcpu_create: create,
    vcpu_load: (event) => loaded.set(event.cpu, vcpuOf(event.vm, event.vcpu)),
    sched_in: (event) => loaded.set(event.cpu, vcpuOf(event.vm, event.vcpu)),
    vcpu_put: put,
    sched_out: put,
    guest_enter: (event) => run(loaded.get(event.cpu)),
    guest_fp: use,
    guest_fp_trap: use,
    guest_svcr(event) {
      const vcpu = loaded.get(event.cpu);
      if (vcpu === undefined || vcpu.svq === 0) return;
      use(event);
      // The CPU zeroes its registers; nothing is moved.
      if (event.sm !== ABSENT) vcpu.sm = event.sm === 1;
      if (event.za !== ABSENT) vcpu.za = event.za === 1;
    },
    neon_begin: (event) => save(loaded.get(event.cpu)),
    reg_get: (event) => access(event, false),
    reg_set: (event) => access(event, true),
    vcpu_reset(event) {
      const vcpu = vcpuOf(event.vm, event.vcpu);
      const { vq, svq, sme2, fa64 } = vcpu;
      Object.assign(vcpu, createLayoutVcpu(vcpu.vm, vcpu.id), { vq, svq, sme2, fa64 });
    },
    lost(event) {
      for (const [cpu, vcpu] of loaded) {
        if (event.cpu !== ABSENT && event.cpu !== cpu) continue;
        vcpu.live = false;
        loaded.delete(cpu);
      }
    },
  };
  const byKind = EVENTS.map(({ name }) => STEPS[name]);

  return {
    step: (event) => {
      byKind[event.kind]?.(event);
    },
    finish: (inputs) => ({
      inputs: inputs.map(({ name, lines, events }) => ({ name, lines, events })),
      vcpus: vcpus.size,
      vcpus_with_two_formats: [...vcpus.values()].filter(hasTwoFormats).length,
      layouts: results.map(withAverages),
      lost,
      svcr_unknown: svcrUnknown,
    }),
  };
}

/** A run begins: what userspace wrote is the guest's now. */
function run(vcpu: LayoutVcpu | undefined): void {
  if (vcpu === undefined) return;
  vcpu.vectorsWritten = 0;
  vcpu.zaWritten = 0;
}

const hasTwoFormats = (vcpu: LayoutVcpu): boolean =>
  vcpu.svq > 0 && (formatsDiffer({ ...vcpu, sm: false }) || formatsDiffer({ ...vcpu, sm: true }));

function convert(result: LayoutResult, read: number, rewritten: number, zeroed: number): void {
  result.conversions += 1;
  result.bytes_read += read;
  result.bytes_rewritten += rewritten;
  result.bytes_zeroed += zeroed;
  result.userspace_accesses.bytes += read + rewritten + zeroed;
}

function withAverages(result: LayoutResult): LayoutResult {
  const { context_switches: switches, userspace_accesses: accesses } = result;
  return {
    ...result,
    context_switches: { ...switches, bytes_each: each(switches.bytes, switches.count) },
    userspace_accesses: { ...accesses, bytes_each: each(accesses.bytes, accesses.count) },
  };
}
