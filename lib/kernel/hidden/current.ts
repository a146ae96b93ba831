/** Which task is current on a CPU, where the trace tells of it only in passing. */

import { ABSENT } from '../../trace/event.ts';
import { keep, setCurrent, switchIn } from '../code/fpsimd.ts';
import type { Cpu } from '../state/cpu.ts';
import { UNKNOWN, UNNAMED } from '../state/entity.ts';
import { type Machine, taskOf } from '../state/machine.ts';
import { presume, use, valid } from '../state/registers.ts';
import { NO_CPU, type Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';
import { keepZa, presumeZa } from '../state/za.ts';
import { hides } from './supply.ts';
import { standIn } from './unknown.ts';

/** The task leaves the CPU it was current on, unseen: fpsimd_thread_switch() there has saved it. */
function leave(machine: Machine, task: Task): void {
  const old = task.cpu === NO_CPU ? undefined : machine.cpus[task.cpu];
  if (old === undefined || old.current !== task) return;
  // Of a task within kernel-mode NEON, that state.
  for (const entity of [task, task.kernelNeon]) if (entity?.auth === old.id) keep(entity);
  if (task.zaAuth === old.id) keepZa(task);
  standIn(old);
  Object.assign(old.current, { seen: false, svcrOpen: machine.partial, mayBeInNeon: machine.partial });
}

/**
 * The current task, which nothing has named so far, turns out to be this one: what it was seen to do, this one did. What was known
 * of it from before, it was before that.
 */
export function recognise(machine: Machine, cpu: Cpu, task: Task): void {
  const unnamed = cpu.current;
  leave(machine, task);
  task.generation += 1;
  task.fpmr += 1;
  task.zaGeneration += 1;
  const generationOf = (generation: number): number => task.generation - (generation === unnamed.generation ? 0 : 1);
  // Of the named one its name stays, and how old its values are is told apart below.
  const zaOf = (of: number): number => task.zaGeneration - (of === unnamed.zaGeneration ? 0 : 1);
  const { kind, id, vm, generation, memory, fpmr, fpmrMemory, zaGeneration, zaMemory, cpu: at, ...rest } = unnamed;
  const { seen, epoch, ...state } = rest;
  Object.assign(task, state);
  task.memory = generationOf(unnamed.memory);
  task.fpmrMemory = task.fpmr - (unnamed.fpmrMemory === unnamed.fpmr ? 0 : 1);
  task.zaMemory = zaOf(zaMemory);
  task.seen ||= unnamed.seen;
  task.epoch = machine.epoch;
  if (cpu.holder === unnamed) [cpu.holder, cpu.generation] = [task, generationOf(cpu.generation)];
  if (cpu.entryHolder === unnamed) [cpu.entryHolder, cpu.entryGeneration] = [task, generationOf(cpu.entryGeneration)];
  if (cpu.el2Holder === unnamed) [cpu.el2Holder, cpu.el2Generation] = [task, generationOf(cpu.el2Generation)];
  if (cpu.zaHolder === unnamed) [cpu.zaHolder, cpu.zaGeneration] = [task, zaOf(cpu.zaGeneration)];
  if (cpu.last === unnamed) cpu.last = task;
  for (const instance of [cpu.vhe, cpu.nvhe]) if (instance.fpsimd_state === unnamed) instance.fpsimd_state = task;
  if (cpu.loaded?.task === unnamed) cpu.loaded.task = task;
  setCurrent(cpu, task);
}

/** The task is current on the CPU from now on, although no task_switch said so. */
export function adopt(machine: Machine, cpu: Cpu, task: Task): void {
  if (cpu.current === task) return;
  const isStill =
    !hides(machine, 'task_switch') || (cpu.loaded !== undefined && !hides(machine, 'vcpu_put', 'sched_out'));
  if (cpu.current.id === UNNAMED && cpu.current.seen && isStill) {
    recognise(machine, cpu, task);
    return;
  }
  if (cpu.current.seen && cpu.current.id !== UNNAMED)
    machine.watch.assumed('a task switch that the trace does not tell of');
  leave(machine, cpu.current);
  leave(machine, task);
  if (task.seen) switchIn(machine, cpu, task);
  setCurrent(cpu, task);
}

/**
 * The task that runs a vcpu_load. While the trace tells nothing of host tasks, one that is new to it comes from user mode
 * through the KVM_RUN ioctl: its registers are live on this CPU.
 */
export function arriveByIoctl(machine: Machine, cpu: Cpu): void {
  const pid = machine.event.task;
  if (pid !== ABSENT) adopt(machine, cpu, taskOf(machine, pid, cpu));
  const task = cpu.current;
  // The system call has discarded the SVE state, and TIF_SVE with it (fp_user_discard).
  if (machine.profile.tifSveAtLoad === 'BUG') {
    task.tif_sve = 0;
    cpu.zen_el0en = 0;
  }
  // User mode goes to the kernel with live registers: what was saved since was saved without them.
  task.fp_type_sve = false;
  // The system call leaves streaming mode; where TIF is set, SVCR is not the task's.
  if (cpu.svcr_sm === 1 && task.tif_foreign_fpstate !== 1) cpu.svcr_sm = 0;
  // So is one of which events were lost.
  const unknown = !task.seen || task.tif_foreign_fpstate === UNKNOWN;
  if (unknown && !machine.tellsTasks) {
    machine.watch.assumed('a task new to the trace comes from user mode: its FP registers are live');
    presume(cpu, task);
    presumeZa(cpu, task);
    task.tif_foreign_fpstate = 0;
    task.tif_sve = 0;
    task.fpsimd_cpu = cpu.id;
    cpu.last = task;
    cpu.lastSve = false;
  } else if (task.tif_foreign_fpstate === 0 && valid(cpu, task) === 1) {
    // In user mode, before the ioctl, it may have used them.
    use(machine, cpu, task);
  }
  task.seen = true;
  task.mayBeInNeon = false;
}

/** The task that runs a sched_in: that of the event, or the one that loaded the vCPU before. */
export function arriveBySwitch(machine: Machine, cpu: Cpu, vcpu: Vcpu): void {
  const pid = machine.event.task;
  const task = pid === ABSENT ? (vcpu.task ?? cpu.current) : taskOf(machine, pid, cpu);
  adopt(machine, cpu, task);
  task.seen = true;
}
