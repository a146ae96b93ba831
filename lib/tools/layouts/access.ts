/** KVM_GET_ONE_REG and KVM_SET_ONE_REG under the layouts (semantics 5.14, 9.2). */

import { type RegisterClass, registerClass } from '../../kernel/code/guest.ts';
import type { EventRecord } from '../../trace/event.ts';
import type { LostOrdering } from './result.ts';
import { type LayoutsState, toUserFormat, vcpuOf } from './state.ts';
import { type LayoutVcpu, nativeVq, userBytes, userVq, V_BYTES, wholeMatrixBytes } from './vcpu.ts';

/** Lossy orderings that are listed; all are counted. */
const LISTED = 100;

/** Registers whose place in memory depends on the format, and those of the matrix. */
const VECTORS: readonly RegisterClass[] = ['v', 'z', 'p', 'ffr'];
const MATRIX: readonly RegisterClass[] = ['za', 'zt0'];

export function accessRegister(state: LayoutsState, event: EventRecord, set: boolean): void {
  const vcpu = vcpuOf(state, event.vm, event.vcpu);
  const kind = registerClass(event.reg);
  if (VECTORS.includes(kind)) toUserFormat(state, vcpu, set);
  for (const result of state.results) {
    const copied = copiedBytes(vcpu, kind, result === state.user ? 'user' : 'native');
    const { userspace_accesses: accesses } = result;
    accesses.count += 1;
    if (copied === undefined) accesses.refused += 1;
    else accesses.bytes += copied;
  }
  if (!set) return;
  if (VECTORS.includes(kind) && vcpu.vectorsWritten === 0) vcpu.vectorsWritten = event.line;
  if (MATRIX.includes(kind) && vcpu.zaWritten === 0) vcpu.zaWritten = event.line;
  if (kind === 'svcr' && vcpu.svq > 0) setSvcr(state, event, vcpu);
}

/**
 * Bytes that an access copies; undefined where it is refused. In the native formats the vector length of the interface is that
 * of SVCR.SM, in the userspace format the larger one, whatever SVCR says.
 */
function copiedBytes(vcpu: LayoutVcpu, kind: RegisterClass, as: 'native' | 'user'): number | undefined {
  const vq = as === 'user' ? userVq(vcpu) : nativeVq(vcpu);
  switch (kind) {
    case 'v':
      return vq === 0 ? 16 : undefined;
    case 'z':
      return vq === 0 ? undefined : 16 * vq;
    case 'p':
      return vq === 0 ? undefined : 2 * vq;
    case 'ffr':
      return vq === 0 || (as === 'native' && vcpu.sm && !vcpu.fa64) ? undefined : 2 * vq;
    case 'za':
      return vcpu.svq > 0 && (as === 'user' || vcpu.za) ? 16 * vcpu.svq : undefined;
    case 'zt0':
      return vcpu.sme2 && (as === 'user' || vcpu.za) ? 64 : undefined;
    case 'svcr':
      return vcpu.svq > 0 ? 8 : undefined;
    case 'zcr':
      return vcpu.vq > 0 ? 8 : undefined;
    case 'fpmr':
      return 8;
    case 'core':
      return 4;
  }
}

/** In the native layouts a write has the architecture's effect on the state in memory, whose size is the largest. */
function setSvcr(state: LayoutsState, event: EventRecord, vcpu: LayoutVcpu): void {
  if (event.value === undefined) {
    state.svcrUnknown += 1;
    return;
  }
  const sm = (event.value & 1n) === 1n;
  const za = (event.value & 2n) === 2n;
  if (sm !== vcpu.sm) {
    toUserFormat(state, vcpu, false);
    zero(state, V_BYTES + userBytes(vcpu));
    if (vcpu.vectorsWritten > 0) lose(state, event, vcpu, 'vectors', vcpu.vectorsWritten);
    vcpu.vectorsWritten = 0;
  }
  if (za && !vcpu.za) {
    zero(state, wholeMatrixBytes(vcpu));
    if (vcpu.zaWritten > 0) lose(state, event, vcpu, 'za', vcpu.zaWritten);
    vcpu.zaWritten = 0;
  }
  vcpu.sm = sm;
  vcpu.za = za;
}

function zero(state: LayoutsState, bytes: number): void {
  for (const result of state.native) {
    result.bytes_zeroed += bytes;
    result.userspace_accesses.bytes += bytes;
  }
}

function lose(
  state: LayoutsState,
  { input, line }: EventRecord,
  { vm, id }: LayoutVcpu,
  registers: LostOrdering['registers'],
  written: number,
): void {
  for (const result of state.native) result.orderings_that_lose_data += 1;
  if (state.lost.length < LISTED) state.lost.push({ input, line, vm, vcpu: id, registers, written });
}
