/**
 * Evidence that is not an observation: what is in a trace or capture, and how it was taken, beside the values that a replay
 * compares. It only orders kernels that observed values do not tell apart.
 */

import { loadOverRun } from '../../import/timing.ts';
import type { Model } from '../../models/models.ts';
import type { Mode } from '../../models/profile.ts';
import { coveringOf } from '../../models/release.ts';
import type { EventFacts } from './event-facts.ts';
import type { LineFacts } from './line-facts.ts';

export interface Evidence {
  /** What was found, and what that speaks for. */
  readonly text: string;
  /** What the capture says of its kernel itself: more than anything that speaks for one. */
  readonly said?: 'release' | 'mode';
  favours(model: Model, mode: Mode): boolean;
}

/** Runs of a guest, or loads, after which it means something that a thing never happened. */
const ENOUGH = 20;
/**
 * Bytes of kvm_arch_vcpu_ctxflush_fp: 0x30 and 0x38 where it reaches the owner in one way, 0xa0 and 0xb0 where the accessor of
 * 87f842c6c654 chooses between two instances.
 */
const SHORT_FLUSH = 0x60;
const LONG_FLUSH = 0x80;
/** vcpu->arch.iflags up to v6.13: DEBUG_STATE_SAVE_SPE and _TRBE, which kvm_arch_vcpu_load_debug_state_flags does not set in VHE. */
const SAVE_BUFFERS = 0x60;
/** vcpu->arch.cflags: VCPU_PKVM_FINALIZED of kernels that have it; in kernels with DEBUG_DIRTY the bit was another flag's. */
const PKVM_FINALIZED = 4;

const dirty = (model: Model): boolean => model.profile.dbg === 'dirty';
const notPkvm = (_model: Model, mode: Mode): boolean => mode !== 'pkvm';

/** `lines`: of the captures among the inputs. */
export function evidenceOf(events: EventFacts, lines: readonly LineFacts[]): readonly Evidence[] {
  return [...ofEvents(events), ...lines.flatMap(ofLines)];
}

function ofEvents(facts: EventFacts): readonly Evidence[] {
  const found: Evidence[] = [];
  const add = (when: boolean, text: string, favours: Evidence['favours']): void => {
    if (when) found.push({ text, favours });
  };
  add(facts.debugDirty > 0, 'DEBUG_DIRTY was read: up to v6.13', dirty);
  add(
    facts.mapFp > 0,
    'kvm_arch_vcpu_run_map_fp was called: up to v6.15',
    ({ profile }) => profile.runMapFp !== 'none',
  );
  add(
    facts.mapFp === 0 && facts.loads >= ENOUGH,
    'kvm_arch_vcpu_run_map_fp was never called: v6.16 or later, or not traced',
    ({ profile }) => profile.runMapFp === 'none',
  );
  add(
    facts.ownersInVcpu > 0,
    'the owner was read in the vCPU: up to v6.9, 6.1.y',
    ({ profile }) => profile.ownerLoc === 'vcpu',
  );
  add(
    facts.owners === 0 && facts.debugDirty > 0 && facts.trapsDeduced > 0,
    'FP traps were deduced, and no owner of a CPU was read: it is in the vCPU, up to v6.9, 6.1.y',
    ({ profile }) => profile.ownerLoc === 'vcpu',
  );
  add(
    facts.bothInstances > 0,
    "both instances of kvm_host_data were read: they differ, and the hypervisor's is not protected",
    ({ profile }, mode) => profile.accessor === 'v1bug' && (mode === 'nvhe' || mode === 'hvhe'),
  );
  add(
    facts.kernelAlone > 0 && facts.bothInstances === 0,
    "only the kernel's own kvm_host_data was read: protected KVM",
    (_model, mode) => mode === 'pkvm',
  );
  add(facts.trapsSeen > 0, 'FP traps were printed from inside the handler: VHE', (_model, mode) => mode === 'vhe');
  const never = facts.guestSeen === 0 && facts.owners > 0 && facts.runs >= ENOUGH;
  add(
    never,
    `the guest never owned the registers in ${facts.runs} runs, as the kernel saw it: protected KVM`,
    (_model, mode) => mode === 'pkvm',
  );
  add(
    facts.guestSeen > 0 && facts.bothInstances === 0,
    'the kernel saw the guest own the registers: not protected KVM',
    notPkvm,
  );
  return found;
}

function ofLines(facts: LineFacts): readonly Evidence[] {
  const { release, version, model: named, mode: said } = facts.header;
  const { kvmEntries, debugTracepoints, flushSize, cflags, iflags } = facts;
  const found: Evidence[] = [];
  const add = (when: boolean, text: string, favours: Evidence['favours']): void => {
    if (when) found.push({ text, favours });
  };
  const isOwner = debugTracepoints === 0 && kvmEntries >= ENOUGH;
  add(debugTracepoints > 0, 'tracepoints kvm_arm_setup_debug and the like: up to v6.13', dirty);
  add(
    isOwner,
    'kvm_entry without kvm_arm_setup_debug: v6.14 or later, or not traced',
    ({ profile }) => profile.dbg === 'owner',
  );
  add(
    isOwner && (cflags & PKVM_FINALIZED) !== 0,
    'vCPUs are marked VCPU_PKVM_FINALIZED: protected KVM',
    (_model, mode) => mode === 'pkvm',
  );
  add(
    debugTracepoints > 0 && (iflags & SAVE_BUFFERS) !== 0,
    'vCPUs are marked to save SPE or TRBE buffers: not VHE',
    (_model, mode) => mode !== 'vhe',
  );
  const size = `kvm_arch_vcpu_ctxflush_fp has ${flushSize} bytes`;
  add(
    flushSize > 0 && flushSize < SHORT_FLUSH,
    `${size}: it does not choose between two instances of kvm_host_data`,
    ({ profile }) => profile.accessor !== 'ok',
  );
  add(
    flushSize >= LONG_FLUSH,
    `${size}: it chooses between two instances of kvm_host_data`,
    ({ profile }) => profile.accessor === 'ok',
  );
  const models = named === undefined ? coveringOf(release ?? '', version).models : [named];
  if (models.length > 0) {
    const what = named === undefined ? `release ${release}` : 'the model';
    found.push({
      text: `the capture names ${what}: ${models.join(' or ')}`,
      said: 'release',
      favours: (model) => models.includes(model.name),
    });
  }
  if (said !== undefined)
    found.push({ text: `the capture names the mode: ${said}`, said: 'mode', favours: (_model, mode) => mode === said });
  const time = loadOverRun(facts.times);
  if (time !== undefined) {
    const { vhe, quotient } = time;
    const what = `a load takes ${quotient < 10 ? quotient.toFixed(1) : Math.round(quotient)} times as long as a short run`;
    add(true, `${what}: ${vhe ? 'VHE' : 'not VHE'}`, (_model, mode) => (mode === 'vhe') === vhe);
  }
  return found;
}
