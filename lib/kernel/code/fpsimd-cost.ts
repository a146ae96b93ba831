/** What saves and loads of a host task's registers cost, and what of that a trace does not determine. */

import { DOUBT } from '../../costs/doubts.ts';
import { FPSIMD_BYTES, STEP, svePayload, ZT0_BYTES, zaPayload } from '../../costs/steps.ts';
import type { Cpu } from '../state/cpu.ts';
import { UNKNOWN } from '../state/entity.ts';
import type { Machine } from '../state/machine.ts';
import type { Task } from '../state/task.ts';
import { dropZa, keepZa, loadZa } from '../state/za.ts';
import { chargeFpsimdLoad } from './conditional.ts';
import { seenLoad, seenSave } from './transfer.ts';

/** What a transfer of a host task's registers is charged as. */
type Charged = 'fpsimd' | 'sve' | 'nothing';

/**
 * What a host task has in its registers, SVCR and TIF_SVE say, of which a capture tells little: FPSIMD, or SVE or streaming state
 * in its place, and ZA beside it. `charged`: as what it is counted; as nothing, it may have been at all.
 */
export function doubtVectors(machine: Machine, way: 'save' | 'load', charged: Charged): void {
  if (!machine.partial) return;
  const { watch } = machine;
  const doubt = charged === 'nothing' ? DOUBT.unknown_past : DOUBT.host_vectors;
  const [fpsimd, sve] = way === 'save' ? [STEP.fpsimd_save, STEP.sve_save] : [STEP.fpsimd_load, STEP.sve_load];
  const hasVectors = machine.sve || machine.sme;
  if (charged !== 'fpsimd') watch.uncertain(doubt, fpsimd, 0, 1);
  else if (hasVectors) watch.uncertain(doubt, fpsimd, 1, 0);
  if (charged === 'sve') watch.uncertain(doubt, sve, 1, 0);
  else if (hasVectors) watch.uncertain(doubt, sve, 0, 1);
  if (machine.sme) watch.uncertain(doubt, way === 'save' ? STEP.za_save : STEP.za_load, 0, 1);
}

/** ZA of a task, and ZT0 where the machine has SME2. */
function zaBytes(machine: Machine): number {
  return zaPayload(machine.smeVq) + (machine.features.features.has('sme2') ? ZT0_BYTES : 0);
}

/** The streaming registers of a task as they are loaded: without FA64 the FFR is left out. */
function streamingBytes(machine: Machine): number {
  return svePayload(machine.smeVq) - (machine.features.features.has('fa64') ? 0 : 2 * machine.smeVq);
}

/** SVE registers of a task, at the length of the machine: no event tells another. */
const sveBytes = (machine: Machine): number => svePayload(machine.features.sveVl / 16);

/** The part of fpsimd_save_user_state() that SVCR and TIF_SVE decide: ZA, and streaming or SVE registers in place of FPSIMD. */
export function saveTaskCost(machine: Machine, cpu: Cpu, task: Task, inSystemCall: boolean): void {
  const seen = seenSave(machine, cpu);
  const isStreaming = cpu.svcr_sm === 1;
  // The system call has discarded SVE and streaming state, whatever kernel it is; ZA stays.
  const isSve = seen === undefined ? machine.sve && !inSystemCall && task.tif_sve === 1 : seen.sve;
  task.fp_type_sve = isSve && !isStreaming;
  if (seen === undefined && !inSystemCall) {
    doubtVectors(machine, 'save', task.fp_type_sve || isStreaming ? 'sve' : 'fpsimd');
    // Exec and ptrace drop what is in the registers, unseen.
    if (machine.partial && !machine.tellsCurrentSaves && !machine.sve && !machine.sme)
      machine.watch.uncertain(DOUBT.current_saves, STEP.fpsimd_save, 1, 0);
  }
  const mayHaveZa = machine.partial && machine.sme && (seen === undefined ? inSystemCall : !seen.svcr);
  if (mayHaveZa) machine.watch.uncertain(DOUBT.host_vectors, STEP.za_save, 0, 1);
  task.svcr_sm = isStreaming ? 1 : 0;
  task.svcr_za = cpu.svcr_za === 1 ? 1 : 0;
  task.svcrOpen = cpu.svcrOpen;
  if (task.svcr_za === 1) machine.watch.charge(STEP.za_save, zaBytes(machine));
  if (isStreaming) machine.watch.charge(STEP.sve_save, svePayload(machine.smeVq));
  else if (task.fp_type_sve) machine.watch.charge(STEP.sve_save, sveBytes(machine));
  else machine.watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
}

/** task_fpsimd_load(). */
export function loadTaskCost(machine: Machine, cpu: Cpu, task: Task): void {
  const seen = seenLoad(machine, task);
  const isStreaming = task.svcr_sm === 1;
  if (seen === undefined) doubtVectors(machine, 'load', task.fp_type_sve || isStreaming ? 'sve' : 'fpsimd');
  else task.fp_type_sve = seen.sve && !isStreaming;
  if (machine.partial && machine.sme && seen?.svcr === false)
    machine.watch.uncertain(DOUBT.host_vectors, STEP.za_load, 0, 1);
  cpu.svcr_sm = task.svcr_sm;
  cpu.svcr_za = task.svcr_za;
  cpu.svcrOpen = task.svcrOpen;
  if (task.svcr_za === 1) {
    machine.watch.charge(STEP.za_load, zaBytes(machine));
    loadZa(machine, cpu, task);
  } else dropZa(machine, cpu);
  if (isStreaming) machine.watch.charge(STEP.sve_load, streamingBytes(machine));
  else if (task.fp_type_sve) machine.watch.charge(STEP.sve_load, sveBytes(machine));
  else chargeFpsimdLoad(machine);
  if (machine.fpmr) machine.watch.charge(STEP.fpmr_load, 0);
}

/**
 * A probe of fpsimd_restore_current_state() was hit, which is called only with TIF_FOREIGN_FPSTATE set: where that is not what the
 * emulator holds, fork, exec, a signal or ptrace has set it since, and all but exec and ptrace have saved before.
 */
export function restoreSeen(machine: Machine, cpu: Cpu): void {
  const task = cpu.current;
  const foreign = task.tif_foreign_fpstate;
  if (!machine.partial || foreign === 1) return;
  const { watch } = machine;
  keepZa(task);
  loadTaskCost(machine, cpu, task);
  if (machine.tellsCurrentSaves || foreign === UNKNOWN || machine.profile.saveCurrent !== 'flush') return;
  watch.charge(STEP.user_save, 0);
  watch.charge(STEP.fpsimd_save, FPSIMD_BYTES);
  watch.uncertain(DOUBT.current_saves, STEP.user_save, 1, 0);
  watch.uncertain(DOUBT.current_saves, STEP.fpsimd_save, 1, 0);
  if (machine.sve || machine.sme) watch.uncertain(DOUBT.current_saves, STEP.sve_save, 0, 1);
  if (machine.sme) watch.uncertain(DOUBT.current_saves, STEP.za_save, 0, 1);
}

/**
 * It was hit, and the task then switched away: where the emulator holds TIF_FOREIGN_FPSTATE clear, the switch back has cleared it, or
 * fork, exec, a signal or ptrace have set it since.
 */
export function restoreInterrupted(machine: Machine, cpu: Cpu): void {
  if (machine.tellsCurrentSaves || cpu.current.tif_foreign_fpstate !== 0) return;
  const { watch, profile } = machine;
  const steps = [STEP.fpsimd_load, ...(profile.saveCurrent === 'flush' ? [STEP.user_save, STEP.fpsimd_save] : [])];
  const vectors = [STEP.sve_load, ...(profile.saveCurrent === 'flush' ? [STEP.sve_save] : [])];
  const za = [STEP.za_load, ...(profile.saveCurrent === 'flush' ? [STEP.za_save] : [])];
  const all = [...steps, ...(machine.sve || machine.sme ? vectors : []), ...(machine.sme ? za : [])];
  for (const step of all) watch.uncertain(DOUBT.current_saves, step, 0, 1);
}
