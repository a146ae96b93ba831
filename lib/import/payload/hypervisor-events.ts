/** The payload of the hypervisor's events: arch/arm64/include/asm/kvm_hypevents.h (v7.1; `sys` since v7.2 and 7.1.13). */

import { bodyOf, type Line } from '../columns/line.ts';

/** Why EL2 was entered, or what it was left for. */
export type HypervisorReason =
  | 'smc'
  | 'hvc'
  | 'psci'
  | 'sys'
  | 'host_abort'
  | 'guest_exit'
  | 'eret_host'
  | 'eret_guest'
  | 'unknown';

export interface HypervisorEvent {
  readonly reason: HypervisorReason;
  /** The thread of the vCPU whose context is there (vcpu->arch.pid); 0 where there is none. */
  readonly thread: number;
}

const EVENT = /^reason=(smc|hvc|psci|sys|host_abort|guest_exit|eret_host|eret_guest|unknown) vcpu=(\d{1,7})$/;

/** hyp_enter and hyp_exit; undefined where the line is cut. */
export function readHypervisorEvent(line: Line): HypervisorEvent | undefined {
  const match = EVENT.exec(bodyOf(line));
  return match === null ? undefined : { reason: match[1] as HypervisorReason, thread: Number(match[2]) };
}
