/** BTF of the fuzzer, which its number decides: blobs made wrong, and blobs made to take long, or much memory, or much room. */

import { gzipSync } from 'node:zlib';
import {
  array,
  int,
  type MemberSpec,
  member,
  modifier,
  pointer,
  struct,
  type TypeSpec,
  typedef,
  union,
  writeBtf,
} from '../btf/btf-writer.ts';
import { createRandom, type Random } from '../support/random.ts';
import { damaged } from './mutate.ts';

export interface BtfInput {
  readonly bytes: Buffer;
  readonly argv: readonly string[];
}

/** Names that the commands look for, and some that they do not. */
const STRUCTS = ['kvm_vcpu', 'kvm_vcpu_arch', 'kvm_host_data', 'cpu_fp_state', 'vl_info', 'task_struct', ''];
const MEMBERS = ['vcpu_id', 'arch', 'fp_owner', 'host_debug_state', 'iflags', 'kvm', 'st', 'thread', '', 'x'];

const U32 = 1;
const KERNEL: readonly TypeSpec[] = [
  int('u32', 4),
  struct('kvm_vcpu_arch', 64, member('fp_state', U32, 8), member('', 6, 16)),
  struct('kvm_vcpu', 128, member('vcpu_id', U32, 36), member('arch', 2, 64)),
  struct('kvm_host_data', 64, member('fp_owner', U32, 16), member('host_debug_state', 8, 24)),
  array(U32, 4),
  union('', 16, member('iflags', U32, 0), member('all', 5, 0)),
  typedef('debug', 8),
  struct('', 16, member('mdcr_el2', U32, 0), member('regs', 5, 0)),
  pointer(3),
];

/** An odd length as often as a length at which a limit stands. */
const manyOf = (random: Random): number => random.pick([1, 2, 31, 32, 33, 64, 255, 8191, 8192, 8193, 20_000, 65_535]);
const longOf = (random: Random): number => random.pick([1, 64, 510, 511, 512, 5000, 200_000]);

function memberOf(random: Random, types: number): MemberSpec {
  const width = random.once(6) ? { width: random.below(64) } : {};
  return { name: random.pick(MEMBERS), type: random.below(types + 2), bits: random.below(2 ** 24), ...width };
}

function typeOf(random: Random, types: number): TypeSpec {
  const any = (): number => random.below(types + 2);
  return random.pick<() => TypeSpec>([
    () => int('u64', 8),
    () => pointer(any()),
    () => array(any(), random.pick([0, 1, 2, 255, 2 ** 31, 2 ** 32 - 1])),
    () => typedef('t', any()),
    () => modifier(random.pick([9, 10, 11, 18] as const), any()),
    () => struct(random.pick(STRUCTS), random.below(2 ** 32), ...membersOf(random, types, random.below(12))),
    () => union(random.pick(STRUCTS), 8, ...membersOf(random, types, random.below(12))),
  ])();
}

function membersOf(random: Random, types: number, count: number): MemberSpec[] {
  return Array.from({ length: count }, () => memberOf(random, types));
}

/** What a blob is made to exhaust. The structs that are looked for come last, so that they are found. */
const FAMILIES: readonly ((random: Random) => TypeSpec[])[] = [
  function anyTypes(random) {
    const count = 1 + random.below(60);
    return Array.from({ length: count }, () => typeOf(random, count));
  },
  function manyMembers(random) {
    const name = 'n'.repeat(Math.min(longOf(random), 600));
    const many = Array.from({ length: Math.min(manyOf(random), 20_000) }, (_, n) => member(name, U32, n));
    return [int('u32', 4), struct('kvm_vcpu_arch', 8), struct(random.pick(STRUCTS), 8, ...many)];
  },
  function longNames(random) {
    const long = 'n'.repeat(longOf(random));
    return [int(long, 4), struct('kvm_vcpu_arch', 8), struct('kvm_host_data', 8, member(long, U32, 0))];
  },
  function chain(random) {
    const length = Math.min(manyOf(random), 300);
    const links = Array.from({ length }, (_, n) => random.pick([typedef('t', n + 2), modifier(10, n + 2)]));
    const end = random.once(2) ? int('u32', 4) : typedef('back', 1);
    return [...links, end, struct('kvm_vcpu', 8, member('vcpu_id', 1, 0)), struct('kvm_vcpu_arch', 8)];
  },
  function nested(random) {
    const depth = Math.min(manyOf(random), 9000);
    const inside = (n: number) => Array.from({ length: random.once(3) ? 20 : 1 }, () => member('', n + 2, 0));
    const levels = Array.from({ length: depth }, (_, n) => struct('', 8, ...inside(n)));
    return [
      ...levels,
      int('u32', 4),
      struct('kvm_vcpu', 8, member('', 1, 0)),
      struct('kvm_host_data', 8, ...inside(0)),
    ];
  },
  function anonymousLoops(random) {
    const count = 1 + random.below(40);
    const each = Array.from({ length: Math.min(manyOf(random), 4000) }, () => member('', 1 + random.below(count), 0));
    const loops = Array.from({ length: count }, () => struct('', 8, ...each));
    return [...loops, struct('kvm_vcpu', 8, ...each), struct('kvm_vcpu_arch', 8, ...each), struct('kvm_host_data', 8)];
  },
  function sameNested(random) {
    const many = Array.from({ length: Math.min(manyOf(random), 3000) }, () => member('m', U32, 0));
    const debug = Array.from({ length: Math.min(manyOf(random), 3000) }, () => member('host_debug_state', 2, 0));
    return [int('u32', 4), struct('', 8, ...many), struct('kvm_vcpu_arch', 8), struct('kvm_host_data', 8, ...debug)];
  },
  function arrays(random) {
    const links = Array.from({ length: Math.min(manyOf(random), 100) }, (_, n) => array(n + 2, 2 ** 32 - 1));
    const own = [member('fp_owner', 1, 0), member('fp_state', 1, 0)];
    return [...links, int('u32', 4), struct('kvm_host_data', 8, ...own), struct('kvm_vcpu_arch', 8, ...own)];
  },
];

function typesOf(random: Random): Buffer {
  const types = random.once(3) ? KERNEL : random.pick(FAMILIES)(random);
  return Buffer.from(writeBtf(types, !random.once(8)));
}

/** Words of the blob overwritten with numbers that mean something to it. */
function reworded(bytes: Buffer, random: Random): Buffer {
  for (let times = random.below(6); times > 0; times--) {
    const at = 4 * random.below(Math.max(1, Math.floor(bytes.length / 4)));
    const value = random.pick([0, 1, 2, 24, 0xffff, 0x0400ffff, 0x8400ffff, 0xffffff, 2 ** 31, 2 ** 32 - 1]);
    if (at + 4 <= bytes.length) bytes.writeUInt32LE(value, at);
  }
  return bytes;
}

const COMMANDS: readonly (readonly string[])[] = [
  ['probes', '--btf'],
  ['footprint', '--color', 'never', '--btf'],
  ['footprint', '--format', 'json', '--btf'],
];

export function btfInputOf(number: number): BtfInput {
  const random = createRandom(number);
  const made = typesOf(random);
  const wrong = random.once(3) ? reworded(made, random) : random.once(6) ? damaged(made, random) : made;
  return { bytes: random.once(3) ? gzipSync(wrong, { level: 1 }) : wrong, argv: random.pick(COMMANDS) };
}
