/**
 * A host whose tasks use FP, enter kernel-mode NEON and fork, as arch/arm64/kernel/fpsimd.c has it since v6.8, and which a capture
 * watches. A task can be preempted wherever preemption is on: behind the entry of a probed function and before its effect, too.
 */

/** Registers, as fpsimd_last_state and TIF_FOREIGN_FPSTATE have them. */
interface Task {
  readonly pid: number;
  /** What it still does: at each `yield` it can be preempted. */
  readonly steps: Generator<void, void>;
  foreign: boolean;
  cpu: number;
  /** TIF_KERNEL_FPSTATE. */
  inRegion: boolean;
}

interface Bound {
  readonly task: Task;
  readonly ofRegion: boolean;
}

interface Cpu {
  readonly id: number;
  current: Task;
  /** A task, or the registers of the region that a task is in; undefined: nobody. */
  last: Bound | undefined;
}

export interface Watched {
  readonly text: string;
  /** How often it saved and loaded registers of tasks. */
  readonly saves: number;
  readonly loads: number;
}

export interface HostOptions {
  readonly cpus: number;
  readonly tasks: number;
  readonly steps: number;
  /** Of the kernel: since v6.16 what saves the current task, at fork and for signals, has it loaded anew. */
  readonly release: string;
  readonly flushes: boolean;
  /** Further lines of the header: vector lengths. */
  readonly facts: readonly string[];
  /** kernel_neon_end is probed too. */
  readonly neonEnd: boolean;
  /** A number from 0 to below the one given. */
  readonly random: (below: number) => number;
}

const STATE_OFFSET = 3776;
const structOf = (pid: number): number => 0x6000000 + pid * 0x10000;
const hex = (value: number): string => (value === 0 ? '0x0' : `0xfff00000${value.toString(16).padStart(8, '0')}`);
const REGION_OFFSET = 4656;
const addressOf = (bound: Bound | undefined): number =>
  bound === undefined ? 0 : structOf(bound.task.pid) + (bound.ofRegion ? REGION_OFFSET : STATE_OFFSET);
const HEADER = ['mode=vhe', `task_fpsimd_state_offset=${STATE_OFFSET}`, 'nested=0'];

export function watchHost(options: HostOptions): Watched {
  const { cpus: count, tasks: taskCount, steps, neonEnd, random, release, flushes, facts } = options;
  const lines = [`release=${release}`, ...HEADER, ...facts].map((fact) => `# worldswitch-capture: ${fact}`);
  const counts = { saves: 0, loads: 0 };
  const waiting: Task[] = [];
  const cpus: Cpu[] = [];
  const cpuOf = (task: Task): Cpu => cpus.find(({ current }) => current === task) as Cpu;

  function print(cpu: Cpu, name: string, what: string): void {
    const time = `1.${String(lines.length).padStart(6, '0')}`;
    const lasts = cpus.map(({ id, last }) => `l${id}=${hex(addressOf(last))}`);
    const fields = name === 'sched_switch' ? '' : ` ${lasts.join(' ')}`;
    lines.push(`            task-${cpu.current.pid}     [00${cpu.id}] d....     ${time}: ${name}: ${what}${fields}`);
  }
  const probe = (task: Task, name: string, of: string): void => print(cpuOf(task), name, `(${of}+0x0/0x100)`);

  function save(cpu: Cpu): void {
    if (!cpu.current.foreign) counts.saves++;
  }

  function* runTask(self: () => Task): Generator<void, void> {
    for (;;) {
      yield;
      const task = self();
      const choice = random(4);
      if (choice === 0) {
        probe(task, 'neon_begin', 'kernel_neon_begin');
        yield;
        const cpu = cpuOf(task);
        save(cpu);
        cpu.last = undefined;
        task.foreign = true;
        task.inRegion = true;
        yield;
        if (neonEnd) probe(task, 'neon_end', 'kernel_neon_end');
        yield;
        task.inRegion = false;
      } else if (choice === 1) {
        // fork, and a signal's delivery: fpsimd_save_and_flush_current_state(), fpsimd_preserve_current_state().
        save(cpuOf(task));
        if (flushes) {
          task.cpu = -1;
          task.foreign = true;
        }
      }
      yield;
      while (task.foreign) {
        probe(task, 'restore_current', 'fpsimd_restore_current_state');
        yield;
        if (task.foreign) {
          const cpu = cpuOf(task);
          counts.loads++;
          cpu.last = { task, ofRegion: false };
          task.cpu = cpu.id;
          task.foreign = false;
        }
        yield;
        print(
          cpuOf(task),
          'restore_current_ret',
          '(exit_to_user_mode_loop+0xc8/0x1d8 <- fpsimd_restore_current_state)',
        );
      }
    }
  }

  function makeTask(pid: number): Task {
    const task: Task = { pid, steps: runTask(() => task), foreign: true, cpu: -1, inRegion: false };
    return task;
  }

  function preempt(cpu: Cpu): void {
    const next = waiting.splice(random(waiting.length), 1)[0];
    if (next === undefined) return;
    const { current } = cpu;
    print(
      cpu,
      'sched_switch',
      `prev_comm=task prev_pid=${current.pid} prev_prio=120 prev_state=R ==> next_comm=task next_pid=${next.pid} next_prio=120`,
    );
    print(cpu, 'thread_switch', `(fpsimd_thread_switch+0x0/0x100) next=${hex(structOf(next.pid))}`);
    if (current.inRegion) {
      counts.saves++;
      cpu.last = { task: current, ofRegion: true };
    } else save(cpu);
    waiting.push(current);
    cpu.current = next;
    if (next.inRegion) {
      cpu.last = undefined;
      counts.loads++;
    } else next.foreign = cpu.last?.task !== next || cpu.last.ofRegion || next.cpu !== cpu.id;
  }

  for (let pid = 100; pid < 100 + taskCount; pid++) waiting.push(makeTask(pid));
  for (let id = 0; id < count; id++) cpus.push({ id, current: waiting.shift() as Task, last: undefined });
  for (let step = 0; step < steps; step++) {
    const cpu = cpus[random(count)] as Cpu;
    if (random(3) === 0) preempt(cpu);
    else cpu.current.steps.next();
  }
  return { text: `${lines.join('\n')}\n`, ...counts };
}
