/** KVM_GET_ONE_REG and KVM_SET_ONE_REG under the layouts: which registers there are, and how many bytes are copied. */

import { type RegisterClass, registerClass } from '../../kernel/one-reg.ts';
import { type LayoutVcpu, nativeVq, userVq } from './vcpu.ts';

/** In the native formats the vector length of the interface is that of SVCR.SM, in the userspace format the largest. */
export type Interface = 'native' | 'user';

/** Bytes that an access copies; undefined where it is refused (semantics 5.14). */
export function copiedBytes(vcpu: LayoutVcpu, reg: number, as: Interface): number | undefined {
  const kind = registerClass(reg);
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

const VECTORS: readonly RegisterClass[] = ['v', 'z', 'p', 'ffr'];
const MATRIX: readonly RegisterClass[] = ['za', 'zt0'];

/** Registers whose place in memory depends on the format. */
export const isVector = (reg: number): boolean => VECTORS.includes(registerClass(reg));
export const isMatrix = (reg: number): boolean => MATRIX.includes(registerClass(reg));
export const isSvcr = (reg: number): boolean => registerClass(reg) === 'svcr';
