/** Structure that the trace hides and that what it shows needs: a load before an entry, a put before the next load. */

import { HIDEABLE, type HideableKind } from '../../trace/hidden.ts';
import { type EventName, KIND } from '../../trace/vocabulary.ts';
import { kvm_arch_vcpu_load, kvm_arch_vcpu_put } from '../code/arm.ts';
import { guestExit } from '../code/switch.ts';
import { type Cpu, threadOn } from '../state/cpu.ts';
import { UNNAMED } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { NO_CPU } from '../state/task.ts';
import { createVcpu, type Vcpu } from '../state/vcpu.ts';
import { loseDebug, loseFp, loseVcpu } from './unknown.ts';

/** Whether the trace does not tell of at least one of the kinds. */
export function hides(machine: Machine, ...kinds: readonly EventName[]): boolean {
  if (machine.hidesAny) for (const kind of kinds) if (machine.hidden[KIND[kind]] === 1) return true;
  return false;
}

/** Of the kind, by the order of HIDEABLE. */
export const bitOf = (kind: HideableKind): number => 1 << HIDEABLE.indexOf(kind);

/** Runs a step of which nobody is told: when it was is not known, nor what it found. */
function unheard(machine: Machine, step: () => void): void {
  const { watch } = machine;
  machine.watch = watch.fork().watch;
  step();
  machine.watch = watch;
}

/** The vCPU was loaded on the CPU at some time before. `vcpu` undefined: one that nothing names. */
export function supplyLoad(machine: Machine, cpu: Cpu, vcpu: Vcpu = unnamedVcpu()): Vcpu {
  if (cpu.loaded !== undefined) supplyPut(machine, cpu, cpu.loaded);
  const elsewhere = vcpu.cpu === NO_CPU ? undefined : machine.cpus[vcpu.cpu];
  if (elsewhere?.loaded === vcpu) supplyPut(machine, elsewhere, vcpu);
  unheard(machine, () => kvm_arch_vcpu_load(machine, cpu, vcpu));
  loseVcpu(vcpu);
  vcpu.sysregs_on_cpu = machine.vhe;
  loseFp(cpu);
  cpu.hyp.runningUnknown = true;
  machine.watch.implied(cpu, 'vcpu_load');
  if (hides(machine, 'vcpu_load', 'sched_in')) machine.watch.unsettled(bitOf('vcpu_load'));
  return vcpu;
}

/** The vCPU that is loaded on the CPU and that nothing has named is this one. */
export function identify(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const elsewhere = vcpu.cpu === NO_CPU ? undefined : machine.cpus[vcpu.cpu];
  if (elsewhere?.loaded === vcpu) supplyPut(machine, elsewhere, vcpu);
  if (cpu.loaded !== undefined) {
    // What its load, and its entry, have kept of the host in it.
    const { mdcr_el2_host, mdcr_el2_hostWindow, host_debug_state } = cpu.loaded;
    Object.assign(vcpu, { mdcr_el2_host, mdcr_el2_hostWindow, host_debug_state });
  }
  vcpu.cpu = cpu.id;
  vcpu.task = threadOn(cpu);
  cpu.loaded = vcpu;
  cpu.lastLoaded = vcpu;
  for (const instance of [cpu.vhe, cpu.nvhe]) instance.__hyp_running_vcpu = undefined;
  cpu.hyp.runningUnknown = true;
  loseVcpu(vcpu);
  vcpu.sysregs_on_cpu = machine.vhe;
  loseFp(cpu);
}

/** `vcpu`, which was loaded on the CPU, was put at some time before. */
export function supplyPut(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  loseDebug(cpu);
  unheard(machine, () => {
    if (cpu.running) guestExit(machine, cpu, vcpu, false);
    kvm_arch_vcpu_put(machine, cpu, vcpu);
  });
  loseVcpu(vcpu);
  loseFp(cpu);
  machine.watch.implied(cpu, 'vcpu_put');
}

/** The guest has left, which nobody is told of. */
export function leaveUnheard(machine: Machine, cpu: Cpu): void {
  const vcpu = cpu.loaded as Vcpu;
  unheard(machine, () => guestExit(machine, cpu, vcpu, false));
}

function unnamedVcpu(): Vcpu {
  return createVcpu(UNNAMED, UNNAMED);
}
