/** What a violation did, in the terms of the kernel: wrote, read, should have saved, overwrote, returned to user. */

import type { Cpu } from '../../kernel/state/cpu.ts';
import type { Entity } from '../../kernel/state/entity.ts';
import type { Machine } from '../../kernel/state/machine.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { HOST_OWNED, OWNER_NAMES } from '../../kernel/state/owner.ts';
import { type Finding, vcpuAt } from '../rule.ts';
import { hypOwner, kernelOwner, registersHold, who } from '../rules/words.ts';
import type { Deed } from './site.ts';

type Tell = (machine: Machine, cpu: Cpu, moment: number, subject: Entity) => readonly Deed[];

const deed = (source: string, verb: string, text: string): Deed => ({ source, verb, text });

/** Where kernel code, or hyp code, finds fp_owner. */
const placeOf = ({ profile }: Machine, symbol: string): string =>
  profile.ownerLoc === 'vcpu' ? 'in the vCPU' : `in ${symbol}`;
const asKernelReads = (machine: Machine, cpu: Cpu): string =>
  `fp_owner = ${kernelOwner(machine, cpu, vcpuAt(cpu))} ${placeOf(machine, cpu.kernel.symbol)}`;
const asHypReads = (machine: Machine, cpu: Cpu): string =>
  `fp_owner = ${hypOwner(machine, cpu, vcpuAt(cpu))} ${placeOf(machine, cpu.hyp.symbol)}`;

/** Rules of which a violation is more, or less, than its message. None: another rule tells the same. */
const DEEDS: Readonly<Record<string, Tell>> = {
  'HD-01': (machine, cpu, moment) => {
    if (moment === MOMENT.hyp_init) {
      return [
        deed(
          'cpu_hyp_init_context',
          'wrote',
          `host_ctxt.MPIDR_EL1 in ${cpu.kernel.symbol}; hyp code reads ${cpu.hyp.symbol}`,
        ),
      ];
    }
    const { fp_owner, fp_ownerLine, symbol } = cpu.kernel;
    const wrote = deed(
      fp_owner === HOST_OWNED ? 'kvm_arch_vcpu_load_fp' : 'kvm_arch_vcpu_ctxflush_fp',
      'wrote',
      `fp_owner = ${OWNER_NAMES[fp_owner]} in ${symbol}`,
    );
    return [{ ...wrote, line: fp_ownerLine }, deed('__activate_traps', 'read', asHypReads(machine, cpu))];
  },
  'HD-02': (_machine, cpu, moment) =>
    moment === MOMENT.hyp_init
      ? []
      : [
          deed(
            '__sysreg_restore_el1_state',
            'read',
            `host_ctxt.MPIDR_EL1 = 0 in ${cpu.hyp.symbol}: so does the host from now on`,
          ),
        ],
  'HD-04': () => [],
  'FP-01': (_machine, cpu, _moment, subject) => [
    deed('fpsimd_save_user_state', 'should have saved', who(subject)),
    deed('', 'overwrote', `the only copy of the registers of ${who(subject)}, on CPU ${cpu.id}`),
  ],
  'FP-03': (machine, cpu) => [
    deed('__activate_traps', 'read', `${asHypReads(machine, cpu)}; the registers hold ${registersHold(cpu)}`),
  ],
  'FP-04': (machine, cpu) => [
    deed('kvm_arch_vcpu_put_fp', 'should have saved', `${who(vcpuAt(cpu))}, and read ${asKernelReads(machine, cpu)}`),
  ],
  'FP-05': (_machine, cpu) => [
    deed('', 'ran', `${who(vcpuAt(cpu))} with FP untrapped on registers that hold ${registersHold(cpu)}`),
  ],
  'FP-07': (machine, cpu, moment, subject) =>
    moment === MOMENT.host_save
      ? [
          deed(
            'kvm_hyp_handle_fpsimd',
            'should have saved',
            `the SVE registers of ${who(subject)}, and saved them as FPSIMD: fpsimd_kvm_prepare described them so`,
          ),
        ]
      : [
          deed(
            'kvm_hyp_handle_fpsimd',
            'should have saved',
            `${who(cpu.holder)}, and read ${asHypReads(machine, cpu)}`,
          ),
          deed('', 'overwrote', `the only copy of the registers of ${who(cpu.holder)} with ${who(vcpuAt(cpu))}`),
        ],
  'FP-12': () => [],
  'FP-13': (machine, cpu) => [
    deed(
      'kvm_arch_vcpu_ctxsync_fp',
      'should have bound',
      `${who(vcpuAt(cpu))}, and read ${asKernelReads(machine, cpu)}`,
    ),
  ],
  'FP-22': (_machine, cpu) => [deed('', 'returned to EL1', `with registers that hold ${registersHold(cpu)}`)],
  'FP-27': (_machine, cpu) => [
    deed('', 'returned to user', `${who(cpu.current)} with registers that hold ${registersHold(cpu)}`),
  ],
  'FP-28': (_machine, cpu, _moment, subject) => [
    deed(
      'fpsimd_save_user_state',
      'saved',
      `registers that hold ${registersHold(cpu)} to the memory of ${who(subject)}`,
    ),
  ],
};

export function deedsOf(
  rule: string,
  finding: Finding,
  machine: Machine,
  cpu: Cpu,
  moment: number,
  subject: Entity,
): readonly Deed[] {
  return DEEDS[rule]?.(machine, cpu, moment, subject) ?? [deed(finding.source, '', finding.message)];
}
