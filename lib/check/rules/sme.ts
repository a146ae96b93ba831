/** SME guests: semantics 7.4. */

import { registerClass, registerName } from '../../kernel/code/guest.ts';
import type { Cpu } from '../../kernel/state/cpu.ts';
import { type Entity, IN_MEMORY, TASK, UNKNOWN, VCPU } from '../../kernel/state/entity.ts';
import { type Machine, ownerOfHyp, ownerOfKernel } from '../../kernel/state/machine.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import { GUEST_OWNED, UNKNOWN_OWNER } from '../../kernel/state/owner.ts';
import type { Task } from '../../kernel/state/task.ts';
import type { Vcpu } from '../../kernel/state/vcpu.ts';
import { zaValid } from '../../kernel/state/za.ts';
import type { Profile } from '../../models/profile.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { HOLDS, type Rule, SKIPPED, VIOLATED, vcpuAt } from '../rule.ts';
import { thisEvent, who } from './words.ts';

const guestSme = (profile: Profile): boolean => profile.guestSme;
const appliesTo = 'models with SME guests';

/** Registers whose access depends on SVCR. */
const BY_SVCR: readonly string[] = ['za', 'zt0', 'ffr'];

const sme = (profile: Profile): boolean => profile.hostSme;

/** Whose ZA it should be, at the moment; undefined where ZA is nobody's concern. */
function zaOwner(machine: Machine, cpu: Cpu, moment: number, subject: Entity): Entity | undefined {
  if (moment === MOMENT.return_to_user) return cpu.current;
  if (moment === MOMENT.user_save) {
    const hasPlace = subject.kind === TASK || (subject.kind === VCPU && (subject as Vcpu).sme);
    return hasPlace && cpu.svcr_za === 1 ? subject : undefined;
  }
  const vcpu = vcpuAt(cpu);
  return vcpu.sme && ownerOfHyp(machine, cpu, vcpu) === GUEST_OWNED ? vcpu : undefined;
}

/** What ZA holds, in words. */
function zaHolds({ zaHolder, zaGeneration, svcr_za }: Cpu): string {
  if (svcr_za !== 1) return 'is off';
  const name = who(zaHolder);
  if (zaHolder.zaGeneration !== zaGeneration) return `holds an old value of ${name}`;
  return `holds ${name === 'none' ? 'nothing' : `that of ${name}`}`;
}

/** How ZA is lost. */
const ZA_LOST = {
  dropped: (name: string, { id }: Cpu) => ({
    message: `ZA of ${name} was dropped on CPU ${id} before it was saved`,
    expected: [`a save of ${name} with SVCR.ZA seen`],
    source: 'fpsimd_flush_cpu_state',
  }),
  replaced: (name: string) => ({
    message: `ZA of ${name} in memory was replaced by zeroes, and is nowhere else`,
    expected: ['the storage that there is to be kept'],
    source: 'sme_alloc',
  }),
  stopped: (name: string, { id }: Cpu) => ({
    message: `ZA of ${name} was dropped on CPU ${id}, and fpsimd_last_state still names it`,
    expected: ['SMSTOP on the registers of the current task only'],
    source: 'setup_return',
  }),
} as const;

export const SME_RULES: readonly Rule[] = [
  {
    id: 'SM-01',
    severity: 'error',
    title: 'SVCR first',
    statement:
      'In a restore by userspace SVCR is written before the registers that a change of it zeroes: Z, P, V and FFR by SVCR.SM, ZA and ZT0 by SVCR.ZA.',
    appliesTo,
    applies: guestSme,
    derives: 'set_svcr of the guest series (11 and later)',
    history: 'the debate under patch 5 of the series: "imposing an ordering requirement on userspace"',
    at: ['writes_lost'],
    check: () => VIOLATED,
    describe: (machine, _cpu, _moment, subject) => {
      const vcpu = subject as Vcpu;
      const line = vcpu.vectorsWritten > 0 ? vcpu.vectorsWritten : vcpu.zaWritten;
      return {
        message: `SVCR of ${who(vcpu)} is written after registers that it zeroes, the first at line ${line}`,
        expected: ['SVCR to be the first register of a restore'],
        source: 'set_svcr',
        root: thisEvent(machine),
      };
    },
  },
  {
    id: 'SM-02',
    severity: 'error',
    title: 'access legality',
    statement: 'ZA and ZT0 are accessible while SVCR.ZA is 1, FFR in streaming mode only with FA64.',
    appliesTo,
    applies: guestSme,
    derives: 'the register ABI of v12 of the guest series: -EBUSY, -ENOENT',
    history: 'v10 said -EACCES',
    at: ['one_reg'],
    check: (machine, _cpu, _moment, _subject, detail) =>
      detail !== '' && BY_SVCR.includes(registerClass(machine.event.reg)) ? VIOLATED : HOLDS,
    describe: (machine, _cpu, _moment, subject, detail) => ({
      message: `${registerName(machine.event.reg)} of ${who(subject)} is not accessible: -${detail}`,
      expected: ['SVCR to make the register accessible first'],
      source: 'sme_reg_to_region',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'SM-03',
    severity: 'error',
    title: 'no foreign streaming state in the host',
    statement: 'After the exit of a guest that does not own the registers, and after put, SVCR is 0.',
    appliesTo,
    applies: guestSme,
    derives: 'the else branch of kvm_arch_vcpu_ctxsync_fp; fpsimd_flush_cpu_state',
    history: '',
    at: ['ctxsync', 'put'],
    check: (machine, cpu, moment) => {
      const owner = ownerOfKernel(machine, cpu, vcpuAt(cpu));
      if (moment === MOMENT.ctxsync && owner === GUEST_OWNED) return HOLDS;
      // The load that follows at once finds everything as it was.
      if (moment === MOMENT.put && vcpuAt(cpu).inNested && machine.profile.nestedSkip) return HOLDS;
      if (cpu.svcr_sm <= 0 && cpu.svcr_za <= 0) return HOLDS;
      return owner === UNKNOWN_OWNER ? SKIPPED : VIOLATED;
    },
    describe: (machine, cpu) => ({
      message: `the host runs with SVCR.SM = ${cpu.svcr_sm}, SVCR.ZA = ${cpu.svcr_za} of ${who(vcpuAt(cpu))}`,
      expected: ['SMSTOP'],
      source: 'kvm_arch_vcpu_ctxsync_fp',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'SM-04',
    severity: 'error',
    title: 'storage format',
    statement: 'The vectors of a vCPU are loaded under the SVCR.SM that they were stored under.',
    appliesTo,
    applies: guestSme,
    derives: 'sve_state in the format of SVCR.SM; __hyp_sve_restore_guest of the guest series',
    history: '',
    at: ['guest_load'],
    check: (machine, cpu) =>
      machine.profile.userFormat || vcpuAt(cpu).formatSm === vcpuAt(cpu).svcr_sm ? HOLDS : VIOLATED,
    describe: (_machine, cpu) => ({
      message: `the vectors of ${who(vcpuAt(cpu))} were stored with SVCR.SM = ${vcpuAt(cpu).formatSm} and are loaded with ${vcpuAt(cpu).svcr_sm}`,
      expected: ['one format for both'],
      source: 'kvm_hyp_handle_fpsimd',
      root: who(vcpuAt(cpu)),
    }),
  },
  {
    id: 'SM-05',
    severity: 'warning',
    title: 'size of sve_state',
    statement: "The allocation of sve_state covers the larger of the vCPU's SVE and streaming vector lengths.",
    appliesTo,
    applies: guestSme,
    derives: 'vcpu_sve_state_size, vcpu_max_vl of v12',
    history: '',
    at: ['guest_load'],
    check: (machine, cpu) => {
      const vcpu = vcpuAt(cpu);
      return machine.profile.sveStateSize === 'sve' && vcpu.svcr_sm === 1 && vcpu.smeVq > vcpu.vq ? VIOLATED : HOLDS;
    },
    describe: (_machine, cpu) => ({
      message: `sve_state of ${who(vcpuAt(cpu))} is sized for ${vcpuAt(cpu).vq * 16} bytes and holds vectors of ${vcpuAt(cpu).smeVq * 16}`,
      expected: ['the larger of both vector lengths'],
      source: 'vcpu_sve_state_size',
      root: who(vcpuAt(cpu)),
    }),
  },
  {
    id: 'SM-06',
    severity: 'error',
    title: 'flips zero',
    statement:
      'A change of SVCR.SM makes Z, P, V and FFR zero: a value other than 0 that userspace reads before they are written again is an older generation.',
    appliesTo,
    applies: guestSme,
    derives: 'Arm ARM, PSTATE.SM; set_svcr',
    history: '',
    at: ['one_reg'],
    check: (machine, _cpu, _moment, subject, detail) => {
      const { event } = machine;
      const vector = ['v', 'z', 'p', 'ffr'].includes(registerClass(event.reg));
      const stale = event.kind === KIND.reg_get && detail === '' && vector && (subject as Vcpu).vectorsZero;
      return stale && event.value !== undefined && event.value !== 0n ? VIOLATED : HOLDS;
    },
    describe: (machine, _cpu, _moment, subject) => ({
      message: `${registerName(machine.event.reg)} of ${who(subject)} reads 0x${(machine.event.value ?? 0n).toString(16)} after a change of SVCR.SM that zeroed it`,
      expected: ['0'],
      source: 'set_svcr',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'SM-07',
    severity: 'error',
    title: 'FFR in streaming mode',
    statement: 'In streaming mode without FA64 the FFR is neither saved nor loaded, and userspace does not reach it.',
    appliesTo,
    applies: guestSme,
    derives: 'sve_save_state(.., ffr), sve_load_state(.., ffr); sve_reg_to_region',
    history: '',
    at: ['one_reg'],
    check: (machine, _cpu, _moment, subject) => {
      const vcpu = subject as Vcpu;
      if (registerClass(machine.event.reg) !== 'ffr' || vcpu.svcr_sm !== 1 || vcpu.fa64) return HOLDS;
      return machine.event.kind === KIND.reg_get && machine.event.value === undefined ? HOLDS : VIOLATED;
    },
    describe: (machine, _cpu, _moment, subject) => ({
      message: `FFR of ${who(subject)} is accessed in streaming mode, and the vCPU has no FA64`,
      expected: ['no access until SVCR.SM is 0'],
      source: 'sve_reg_to_region',
      root: thisEvent(machine),
    }),
  },
  {
    id: 'SM-08',
    severity: 'error',
    title: 'ZA saved before it is lost',
    statement:
      'ZA, with ZT0, is dropped by SMSTOP and replaced in memory only where its newest value is somewhere else, or whoever has it gives it up.',
    appliesTo: 'models with SME in the host',
    applies: sme,
    derives: 'fpsimd_save_user_state: SVCR is asked for ZA; fpsimd_flush_cpu_state; sme_alloc',
    history: 'dc7eb8755797 (CVE-2024-26618)',
    at: ['za_lost'],
    // Of what a capture leaves open nothing can be said to be lost.
    check: (_machine, _cpu, _moment, subject) =>
      subject.kind === TASK && (subject as Task).svcrOpen ? SKIPPED : VIOLATED,
    describe: (machine, cpu, _moment, subject, detail) => {
      const way = detail !== '' ? 'stopped' : subject.zaAuth === IN_MEMORY ? 'replaced' : 'dropped';
      return { ...ZA_LOST[way](who(subject), cpu), root: thisEvent(machine) };
    },
  },
  {
    id: 'SM-09',
    severity: 'error',
    title: 'right ZA',
    statement:
      'Whoever has PSTATE.ZA set finds its newest ZA: a task at return_to_user, a vCPU with SME that owns the registers at guest_enter and guest_exit; and USER_SAVE stores the ZA of nobody else.',
    appliesTo: 'models with SME in the host',
    applies: sme,
    derives: 'task_fpsimd_load; sme_state of fpsimd_last_state; kvm_hyp_handle_fpsimd of the guest series',
    history: '929fa99b1215: SMSTOP for a signal handler drops the ZA of another task',
    at: ['return_to_user', 'enter', 'exit', 'user_save'],
    check: (machine, cpu, moment, subject) => {
      const owner = zaOwner(machine, cpu, moment, subject);
      if (owner === undefined) return HOLDS;
      if (cpu.svcr_za !== 1 && !owner.zaOn) return HOLDS;
      const its = zaValid(cpu, owner);
      return its === UNKNOWN ? SKIPPED : its === 1 && cpu.svcr_za === 1 ? HOLDS : VIOLATED;
    },
    describe: (machine, cpu, moment, subject) => {
      const owner = zaOwner(machine, cpu, moment, subject) as Entity;
      const where: Readonly<Record<number, readonly [does: string, source: string]>> = {
        [MOMENT.return_to_user]: ['returns to user mode', 'fpsimd_restore_current_state'],
        [MOMENT.user_save]: ['is saved', 'fpsimd_save_user_state'],
        [MOMENT.enter]: ['enters', '__kvm_vcpu_run'],
        [MOMENT.exit]: ['exits', '__kvm_vcpu_run'],
      };
      const [does, source] = where[moment] as readonly [string, string];
      return {
        message: `${who(owner)} ${does}, and ZA ${zaHolds(cpu)}`,
        expected: [`ZA to hold the newest value of ${who(owner)}`],
        source,
        root: thisEvent(machine),
      };
    },
  },
];
