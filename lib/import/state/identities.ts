/**
 * Pointers become small ids that stay: a VM is numbered by first appearance, a vCPU has its vcpu_id within it, a task its pid.
 *
 * What fpsimd_last_state.st points at is `&task->thread.uw.fpsimd_state` or `&vcpu->arch.ctxt.fp_regs`: constant offsets from
 * the pointers that thread_switch (`next`) and the vCPU's probes (`vptr`) print. The offsets depend on the kernel's
 * configuration, so they are learnt: ctxsync of a guest that owns the registers points it at the vCPU; a return to user mode
 * points it at the task. A pointer that neither explains is of something that was before the trace: it is not reported.
 */

export interface Vcpu {
  readonly vm: number;
  readonly vcpu: number;
  /** Low 52 bits of struct kvm_vcpu's address; 0 where only the thread is known. */
  readonly pointer: number;
  /** CPU it is loaded on; NOT_LOADED, or UNKNOWN where nothing has been seen of it that says so. */
  on: number;
  declared: boolean;
  sve: boolean;
  /** kvm_guest_debug.control as last seen. */
  guestDebug: number;
  /** The registers were bound to it (ctxsync with a guest owner) since its last load or kernel-mode NEON. */
  bound: boolean;
}

export const NOT_LOADED = -1;
export const UNKNOWN = -2;

/** struct kvm_vcpu is 7 to 10 kB; its fp_regs lie in its first half. */
const VCPU_SIZE_LIMIT = 0x4000;
/** More than any machine has alive at once; beyond it the oldest knowledge is dropped. */
const TABLE_LIMIT = 65_536;

export interface Identities {
  /** The vCPU of a probe's `kvm`, `vcpu`, `vptr`; where only the pointer is printed (`id` -1), numbered as by thread. */
  vcpuOf(kvm: number, id: number, pointer: number): Vcpu;
  /** A vCPU known by nothing but the thread that runs it: numbered by first appearance in a VM of its own. */
  vcpuOfThread(pid: number): Vcpu;
  /** The task whose task_struct is at `pointer`; undefined where it has not been seen. */
  taskAt(pointer: number): number | undefined;
  /** Where the FP state lies in struct task_struct and struct kvm_vcpu, in bytes; 0: to be learnt. */
  setOffsets(task: number, vcpu: number): void;
  /** Where the FP state lies of the task whose task_struct is at `pointer`; 0 where that is not known. */
  stateIn(pointer: number): number;
  /** The task_struct of a task. Returns whose it was before, where it had another, or the task itself where it has a new one. */
  learnTask(pointer: number, pid: number): number | undefined;
  /** Events were lost: what was a task's may have gone to another one. */
  doubtTasks(): void;
  /** `last` is the FP state of the task. Returns whose it was before. */
  learnTaskState(last: number, pid: number): number | undefined;
  /** `last` is the FP state of the vCPU; ignored where it is not inside of it. */
  learnVcpuState(last: number, vcpu: Vcpu): void;
  /** `observe.last`, undefined where the pointer is of something unknown. */
  nameOf(last: number): string | undefined;
  /** pid of the task whose FP state `last` is, -1 where it is none that is known. */
  taskOfState(last: number): number;
}

function put<V>(table: Map<number, V>, key: number, value: V): void {
  if (table.size >= TABLE_LIMIT && !table.has(key)) table.clear();
  table.set(key, value);
}

export function createIdentities(): Identities {
  const vms = new Map<number, { id: number; readonly vcpus: Map<number, number> }>();
  const vcpus = new Map<number, Vcpu>();
  const threads = new Map<number, Vcpu>();
  const tasks = new Map<number, number>();
  const structs = new Map<number, number>();
  const taskStates = new Map<number, number>();
  /** By pid: how many losses there had been when it was last seen with what is its own. */
  const confirmed = new Map<number, number>();
  let losses = 0;
  let nextVm = 0;
  let threadVm = -1;
  let threadVcpus = 0;
  let taskOffset = 0;
  let vcpuOffset = 0;
  let latest: Vcpu | undefined;

  /** By pid, or by the negative of a pointer. */
  function numbered(key: number, pointer: number): Vcpu {
    let vcpu = threads.get(key);
    if (vcpu === undefined) {
      if (threadVm < 0) threadVm = nextVm++;
      vcpu = create(threadVm, threadVcpus++, pointer);
      put(threads, key, vcpu);
      if (pointer !== 0) put(vcpus, pointer, vcpu);
    }
    return vcpu;
  }

  function create(vm: number, vcpu: number, pointer: number): Vcpu {
    return { vm, vcpu, pointer, on: UNKNOWN, declared: false, sve: false, guestDebug: 0, bound: false };
  }

  return {
    vcpuOf(kvm, id, pointer) {
      if (latest?.pointer === pointer && latest.vcpu === id) return latest;
      if (id < 0) return numbered(-pointer, pointer);
      let vm = vms.get(kvm);
      // The same struct kvm address with another vCPU behind a number it had: a new VM in the memory of an old one.
      if (vm === undefined || (vm.vcpus.get(id) ?? pointer) !== pointer) {
        vm = { id: nextVm++, vcpus: new Map() };
        put(vms, kvm, vm);
      }
      let vcpu = vcpus.get(pointer);
      if (vcpu === undefined || vcpu.vm !== vm.id || vcpu.vcpu !== id) {
        vcpu = create(vm.id, id, pointer);
        put(vcpus, pointer, vcpu);
        put(vm.vcpus, id, pointer);
      }
      latest = vcpu;
      return vcpu;
    },
    vcpuOfThread: (pid) => numbered(pid, 0),
    setOffsets(task, vcpu) {
      taskOffset = task;
      vcpuOffset = vcpu;
    },
    taskAt: (pointer) => tasks.get(pointer),
    stateIn: (pointer) => (taskOffset === 0 ? 0 : pointer + taskOffset),
    doubtTasks() {
      losses += 1;
    },
    learnTask(pointer, pid) {
      if (losses > 0) put(confirmed, pid, losses);
      const before = tasks.get(pointer);
      // Idle tasks have a task_struct each, and no FP state.
      if (before === pid || pid === 0) return undefined;
      put(tasks, pointer, pid);
      const isAnother = (structs.get(pid) ?? pointer) !== pointer;
      put(structs, pid, pointer);
      return before ?? (isAnother ? pid : undefined);
    },
    learnTaskState(last, pid) {
      if (losses > 0) put(confirmed, pid, losses);
      if (taskOffset === 0) {
        const struct = structs.get(pid);
        if (struct !== undefined && last > struct) taskOffset = last - struct;
      }
      const before = taskStates.get(last);
      if (before === pid) return undefined;
      put(taskStates, last, pid);
      // Where the task_struct is known, learnTask() has told.
      return taskOffset !== 0 && tasks.get(last - taskOffset) === pid ? undefined : before;
    },
    learnVcpuState(last, vcpu) {
      const offset = last - vcpu.pointer;
      if (vcpuOffset === 0 && vcpu.pointer !== 0 && offset > 0 && offset < VCPU_SIZE_LIMIT) vcpuOffset = offset;
    },
    nameOf(last) {
      if (last === 0) return 'none';
      const vcpu = vcpuOffset === 0 ? undefined : vcpus.get(last - vcpuOffset);
      if (vcpu !== undefined) return `vcpu:${vcpu.vm}/${vcpu.vcpu}`;
      const pid = this.taskOfState(last);
      return pid < 0 ? undefined : `task:${pid}`;
    },
    taskOfState(last) {
      // A task_struct can have gone to another task since its FP state was seen: the newer knowledge counts.
      const current = taskOffset === 0 ? undefined : tasks.get(last - taskOffset);
      const pid = current ?? taskStates.get(last) ?? -1;
      return losses > 0 && confirmed.get(pid) !== losses ? -1 : pid;
    },
  };
}
