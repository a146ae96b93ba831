/** kvm_arch_vcpu_load() and kvm_arch_vcpu_put(): arch/arm64/kvm/arm.c. */

import { STEP } from '../../costs/steps.ts';
import { type Cpu, threadOn } from '../state/cpu.ts';
import { IN_MEMORY } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import { MOMENT } from '../state/moments.ts';
import { NO_CPU } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { keepZa } from '../state/za.ts';
import { doubtFineGrained, doubtMdcr } from './conditional.ts';
import { kvm_vcpu_load_debug } from './debug.ts';
import { restorePmuserenr, savePmuserenr } from './debug-sr.ts';
import { kvm_arch_vcpu_load_fp, kvm_arch_vcpu_put_fp } from './kvm-fpsimd.ts';
import { activateMdcr, deactivateMdcr } from './switch.ts';

export function kvm_arch_vcpu_load(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const { watch, profile } = machine;
  cpu.window += 1;
  cpu.lastLoaded = vcpu;
  cpu.loaded = vcpu;
  cpu.loadedUnknown = false;
  watch.moment(MOMENT.load, cpu);
  // What another CPU still holds of the vCPU does not come along; the rules have said so.
  if (vcpu.auth >= 0 && vcpu.auth !== cpu.id) {
    vcpu.auth = IN_MEMORY;
    vcpu.memory = vcpu.generation;
  }
  if (vcpu.zaAuth >= 0 && vcpu.zaAuth !== cpu.id) keepZa(vcpu);
  vcpu.cpu = cpu.id;
  vcpu.task = threadOn(cpu);
  if (profile.dbg === 'owner') kvm_vcpu_load_debug(vcpu);
  watch.charge(STEP.load, 0);
  if (machine.vhe) {
    doubtFineGrained(machine);
    doubtMdcr(machine);
    activateMdcr(machine, cpu, vcpu);
    savePmuserenr(cpu);
    cpu.trapsWindow = cpu.window;
    vcpu.sysregs_on_cpu = true;
    if (profile.runningVcpuVhe === 'loadput') {
      cpu.hyp.__hyp_running_vcpu = vcpu;
      cpu.hyp.runningUnknown = false;
    }
  }
  kvm_arch_vcpu_load_fp(machine, cpu, vcpu);
  cpu.justLoaded = true;
  watch.moment(MOMENT.loaded, cpu);
}

export function kvm_arch_vcpu_put(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const { watch, profile } = machine;
  cpu.justLoaded = false;
  kvm_arch_vcpu_put_fp(machine, cpu, vcpu);
  watch.charge(STEP.put, 0);
  if (machine.vhe) doubtFineGrained(machine);
  if (machine.vhe) {
    deactivateMdcr(machine, cpu, vcpu);
    restorePmuserenr(cpu);
    vcpu.sysregs_on_cpu = false;
    if (profile.runningVcpuVhe === 'loadput') cpu.hyp.__hyp_running_vcpu = undefined;
  }
  vcpu.cpu = NO_CPU;
  watch.moment(MOMENT.put, cpu);
  vcpu.zcr_el1Live = vcpu.zcr_el1;
  // What is left in the registers only is as good as lost; the rules have said so.
  if (vcpu.auth === cpu.id && !vcpu.inNested) vcpu.condemned = true;
  cpu.loaded = undefined;
  cpu.loadedUnknown = false;
  cpu.mdcrGuest = false;
}
