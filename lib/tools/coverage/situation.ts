/** In which state of a CPU which event happens: what coverage counts. */

import type { Cpu } from '../../kernel/state/cpu.ts';
import { type Machine, ownerOfHyp, ownerOfKernel } from '../../kernel/state/machine.ts';
import { OWNER_NAMES } from '../../kernel/state/owner.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { EVENTS } from '../../trace/vocabulary.ts';

/** Names without a space: a situation is "loaded,host,bound vcpu_put". */
export interface Situation {
  /**
   * Where the CPU is (host, loaded, guest), fp_owner as the kernel believes it (two values where the instances differ; "none" where
   * a vCPU has it and none is loaded), and TIF_FOREIGN_FPSTATE of the current task (foreign, bound).
   */
  readonly state: string;
  readonly event: string;
}

/** Of an event that is about to happen; undefined where it is of no CPU, unknown, or of one that was not seen before. */
export function situationOf(machine: Machine, { cpu: id, kind }: EventRecord): Situation | undefined {
  const cpu = id === ABSENT ? undefined : machine.cpus[id];
  const event = EVENTS[kind]?.name;
  if (cpu === undefined || event === undefined) return undefined;
  const place = cpu.running ? 'guest' : cpu.loaded === undefined ? 'host' : 'loaded';
  return { state: [place, ownerAt(machine, cpu), foreign(cpu)].join(','), event };
}

function ownerAt(machine: Machine, cpu: Cpu): string {
  const { loaded } = cpu;
  if (machine.profile.ownerLoc === 'vcpu') {
    return loaded === undefined ? 'none' : (OWNER_NAMES[ownerOfKernel(machine, cpu, loaded)] as string);
  }
  const kernel = OWNER_NAMES[cpu.kernel.fp_owner] as string;
  const hyp = OWNER_NAMES[loaded === undefined ? cpu.hyp.fp_owner : ownerOfHyp(machine, cpu, loaded)] as string;
  return kernel === hyp ? kernel : `${kernel}/${hyp}`;
}

function foreign({ current }: Cpu): string {
  const { tif_foreign_fpstate: flag } = current;
  return flag === 1 ? 'foreign' : flag === 0 ? 'bound' : 'unknown';
}

export const keyOf = ({ state, event }: Situation): string => `${state} ${event}`;
