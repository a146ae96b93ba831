/**
 * Which violations can come of an earlier fault, and of which. A rule that is not listed judges a deed of its own (a value
 * written at the wrong time, a barrier left out): nothing earlier explains it, and it explains nothing later.
 */

import type { Cpu } from '../../kernel/state/cpu.ts';
import { type Entity, nobody } from '../../kernel/state/entity.ts';
import type { Machine } from '../../kernel/state/machine.ts';
import { MOMENT } from '../../kernel/state/moments.ts';
import type { ObservedField } from '../../kernel/state/watcher.ts';
import type { Finding, Rule } from '../rule.ts';
import { deedsOf } from './deeds.ts';
import { type Cell, DIVERGED, type Part, type Site } from './site.ts';

interface Reason {
  /** Parts whose faults explain a violation, at these moments or at all of the rule's. */
  readonly of?: readonly Part[];
  readonly at?: readonly number[];
  /** What it has in common with another rule that tells of the same fault. */
  readonly key?: string;
  /** Parts that it leaves wrong. */
  readonly leaves?: readonly Part[];
}

const EVERYTHING: readonly Part[] = ['brackets', 'fp', 'za', 'debug', 'sme'];
const ofFp: Reason = { of: ['fp'], leaves: ['fp'] };
const ofDebug: Reason = { of: ['debug'], leaves: ['debug'] };
const ofZa: Reason = { of: ['za'], leaves: ['za'] };
const ofSme: Reason = { of: ['sme', 'fp'], leaves: ['sme'] };

const REASONS: Readonly<Record<string, Reason>> = {
  // Events that do not fit together leave nothing certain.
  'LC-01': { of: ['brackets'], leaves: EVERYTHING },
  'LC-02': { leaves: ['fp'] },
  'LC-04': ofDebug,
  'HD-04': ofFp,
  'HD-06': { leaves: ['fp'] },
  'FP-01': ofFp,
  'FP-02': ofFp,
  'FP-03': ofFp,
  'FP-04': ofFp,
  'FP-05': ofFp,
  // A trap that should not have come; that SVE traps is its own fault.
  'FP-06': { ...ofFp, at: [MOMENT.fp_trap] },
  'FP-07': { ...ofFp, at: [MOMENT.guest_restore] },
  'FP-08': ofFp,
  // The guest's ZCR_EL1 stays in the register until put_fp: the host sees its length, or the guest loses it.
  'FP-09': { key: 'ZCR_EL1' },
  'FP-17': { key: 'ZCR_EL1' },
  'FP-11': ofFp,
  'FP-12': ofFp,
  'FP-13': ofFp,
  'FP-14': ofFp,
  // Only what a region finds at its end; where it begins, or its task is switched, is its own fault.
  'FP-15': { ...ofFp, at: [MOMENT.neon_end] },
  'FP-16': ofFp,
  'FP-18': ofFp,
  'FP-21': ofFp,
  'FP-22': ofFp,
  'FP-27': ofFp,
  'FP-28': ofFp,
  'DB-01': ofDebug,
  'DB-02': ofDebug,
  'DB-05': ofDebug,
  'DB-06': ofDebug,
  'DB-12': ofDebug,
  'DB-13': ofDebug,
  'SM-03': ofSme,
  'SM-04': ofSme,
  'SM-06': ofSme,
  'SM-07': ofSme,
  'SM-02': { leaves: ['sme'] },
  'SM-08': ofZa,
  'SM-09': ofZa,
};

/** Kernel code and hyp code reach different instances of kvm_host_data, and share a field of it. */
const INSTANCES = 'instances';
const APART: readonly string[] = ['HD-01', 'HD-02'];
/** Protected KVM with eager restore shares no field between them. */
const isOfOwner = ({ profile, pkvmEager }: Machine, parts: readonly Part[]): boolean =>
  parts.includes('fp') && profile.ownerLoc === 'hd' && !pkvmEager;

/** Where the fault may lie that explains what is wrong with the part: whoever has to do with the CPU, then the CPU. */
function cellsOf({ vcpus, event }: Machine, cpu: Cpu, subject: Entity, part: Part): readonly Cell[] {
  const vcpu = cpu.loaded ?? vcpus.get(event.vm)?.get(event.vcpu) ?? cpu.lastLoaded;
  const isZa = part === 'za';
  const entities = [subject, isZa ? cpu.zaHolder : cpu.holder, vcpu, cpu.current, cpu.last, cpu.current.kernelNeon];
  const known = new Set(entities.filter((entity) => entity !== undefined && !Object.isFrozen(entity)) as Entity[]);
  const versionOf = ({ generation, zaGeneration }: Entity): number => (isZa ? zaGeneration : generation);
  return [...[...known].map((of) => ({ of, part, version: versionOf(of) })), { of: cpu, part, version: cpu.window }];
}

/** `machine`: as the rule found it. */
export function siteOf(
  rule: Rule,
  finding: Finding,
  machine: Machine,
  cpu: Cpu,
  moment: number,
  subject: Entity,
): Site {
  const { of = [], at, leaves = [] } = REASONS[rule.id] ?? {};
  const parts = at === undefined || at.includes(moment) ? of : [];
  const apart = cpu.kernel !== cpu.hyp && (APART.includes(rule.id) || (isOfOwner(machine, parts) && cpu.window > 0));
  return {
    key: apart ? INSTANCES : keyOf(rule, finding, machine),
    title: apart ? `kernel code writes ${cpu.kernel.symbol} where hyp code reads ${cpu.hyp.symbol}` : finding.message,
    entity: apart ? `kvm_host_data of CPU ${cpu.id}` : `CPU ${cpu.id}`,
    rule: rule.id,
    severity: finding.severity ?? rule.severity,
    moment,
    cpu: cpu.id,
    // That they are apart explains what is wrong at any time, whatever else has been.
    reads: apart ? [] : parts.flatMap((part) => cellsOf(machine, cpu, subject, part)),
    parts,
    leaves: leaves.flatMap((part) => cellsOf(machine, cpu, subject, part)),
    deeds: deedsOf(rule.id, finding, machine, cpu, moment, subject),
  };
}

/** Rule and kernel function, or what several rules have in common; of events that do not fit together, which. */
function keyOf({ id }: Rule, { source }: Finding, { event }: Machine): string {
  return REASONS[id]?.key ?? (id === 'LC-01' ? `${id} ${event.kind}` : `${id} ${source}`);
}

const PART_OF: Readonly<Record<ObservedField, Part>> = {
  fp_owner: 'fp',
  fp_owner_hyp: 'fp',
  fp_owner_kernel: 'fp',
  last: 'fp',
  tif_foreign: 'fp',
  debug_dirty: 'debug',
  debug_owner: 'debug',
  mpidr: 'mpidr',
};

/** Of a value that was read inside the kernel, and is not the emulator's. `machine`: before the value is taken over. */
export function siteOfDivergence(
  machine: Machine,
  cpu: Cpu,
  field: ObservedField,
  observed: string,
  predicted: string,
): Site {
  const part = PART_OF[field];
  const cells = cellsOf(machine, cpu, nobody, part);
  return {
    key: `observed ${part}`,
    title: `${field} was read as ${observed} inside the kernel, and the model has ${predicted}`,
    entity: `${field} of CPU ${cpu.id}`,
    rule: DIVERGED,
    severity: 'error',
    moment: -1,
    cpu: cpu.id,
    reads: cells,
    parts: [part],
    leaves: cells,
    deeds: [{ source: '', verb: 'read', text: `${field} = ${observed}, where the model has ${predicted}` }],
  };
}
