/**
 * Whoever can have a value in the FP registers, as the silicon knows it: whose value, which generation, where. Plain data.
 */

/** A truth value that the trace may not determine: 0, 1 or UNKNOWN. */
export type Tristate = number;
export const UNKNOWN = -1;

/** What an entity is. */
export const NOBODY = 0;
export const ANYBODY = 1;
export const TASK = 2;
export const VCPU = 3;
export const KERNEL_NEON = 4;

/** `auth` of an entity whose newest value is in memory, or that is not determined; else the CPU that holds it. */
export const IN_MEMORY = -1;
export const AUTH_UNKNOWN = -2;
/** AT_EL2 - CPU: the newest value is in that CPU's memory of EL2, for the time of a run of protected KVM. */
export const AT_EL2 = -3;

/** pid of a task that nothing names: the one that is current on a CPU before the trace says which. */
export const UNNAMED = -1;

/** Whoever can have a value in the FP registers: semantics 3.4. */
export interface Entity {
  readonly kind: number;
  /** pid of a task (or of the task whose kernel-mode NEON it is), vcpu_id of a vCPU. */
  readonly id: number;
  readonly vm: number;
  /** Generation of its newest FP value; it grows with every use. */
  generation: number;
  /** Generation of the copy in memory. */
  memory: number;
  /** Where the newest value is: IN_MEMORY, a CPU, AT_EL2, or AUTH_UNKNOWN. */
  auth: number;
  /** The same two generations for FPMR, which some kernels save apart from the rest. */
  fpmr: number;
  fpmrMemory: number;
  /** Of its ZA, with ZT0: the newest value, that of the copy in memory, and where the newest is, as `auth` (state/za.ts). */
  zaGeneration: number;
  zaMemory: number;
  zaAuth: number;
  /** PSTATE.ZA, as it has it itself: what SVCR in the CPU and in memory should say. */
  zaOn: boolean;
  /** A loss of its value was reported; what follows from it is not news. */
  condemned: boolean;
}

export function createEntity(kind: number, id: number, vm: number): Entity {
  return {
    kind,
    id,
    vm,
    generation: 0,
    memory: 0,
    auth: AUTH_UNKNOWN,
    fpmr: 0,
    fpmrMemory: 0,
    zaGeneration: 0,
    zaMemory: 0,
    zaAuth: IN_MEMORY,
    zaOn: false,
    condemned: false,
  };
}

/** No entity: the registers hold nothing of value, `fpsimd_last_state.st` is NULL. Shared and never written. */
export const nobody: Entity = Object.freeze(createEntity(NOBODY, -1, -1));
/** Not determined by the trace so far. Shared and never written. */
export const anybody: Entity = Object.freeze(createEntity(ANYBODY, -1, -1));

export function createKernelNeon(id: number): Entity {
  const entity = createEntity(KERNEL_NEON, id, -1);
  entity.auth = IN_MEMORY;
  return entity;
}

/** A name for people: "task:41", "vcpu:0/1", "none", "unknown". */
export function nameOf(entity: Entity): string {
  switch (entity.kind) {
    case TASK:
      return entity.id === UNNAMED ? 'task:?' : `task:${entity.id}`;
    case VCPU:
      return `vcpu:${entity.vm}/${entity.id}`;
    case KERNEL_NEON:
      return entity.id < 0 ? 'kernel NEON in softirq' : `kernel NEON of task:${entity.id}`;
    case NOBODY:
      return 'none';
    default:
      return 'unknown';
  }
}
