import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Btf, describeBtfError, isBtfError, readBtf } from '../../lib/btf/blob.ts';
import type { BtfLimit, BtfLimits } from '../../lib/btf/limits.ts';
import { findField, members } from '../../lib/btf/member.ts';
import { describeType, findStruct, sizeOf } from '../../lib/btf/types.ts';
import { skipUnless } from '../support/skip.ts';
import {
  array,
  int,
  member,
  modifier,
  pointer,
  struct,
  type TypeSpec,
  typedef,
  union,
  writeBtf,
} from './btf-writer.ts';

const U64 = 1;
const U32 = 2;
const SAMPLE: readonly TypeSpec[] = [
  int('u64', 8),
  int('u32', 4),
  struct('regs', 24, member('bvr', 4, 0), member('owner', U32, 16)),
  array(U64, 2),
  typedef('regs_t', 6),
  modifier(10, 3),
  union('', 24, member('state', 5, 0), member('raw', U64, 0)),
  struct('arch', 40, member('flags', U64, 0), member('', 7, 8), member('next', 10, 32)),
  array(3, 4),
  pointer(8),
  struct('vcpu', 144, member('arch', 8, 0), member('all', 9, 40), member('id', U32, 136)),
  struct('bits', 4, { name: 'low', type: U32, bits: 0, width: 3 }, { name: 'high', type: U32, bits: 3, width: 5 }),
  { kind: 6, name: 'e', vlen: 1, sizeOrType: 4, words: ['A', 0] },
  { kind: 7, name: 'vcpu' },
  { kind: 12, name: 'f', sizeOrType: 16 },
  { kind: 13, vlen: 1, sizeOrType: 0, words: ['a', U32] },
  { kind: 14, name: 'v', sizeOrType: U32, words: [1] },
  { kind: 15, name: '.data', vlen: 1, sizeOrType: 4, words: [17, 0, 4] },
  { kind: 16, name: 'double', sizeOrType: 8 },
  { kind: 17, name: 'tag', sizeOrType: 3, words: [0] },
  modifier(18, U32),
  { kind: 19, name: 'e64', vlen: 1, sizeOrType: 8, words: ['B', 1, 2] },
];

function open(bytes: Uint8Array): Btf {
  const btf = readBtf(bytes);
  if (isBtfError(btf)) throw new Error(JSON.stringify(btf));
  return btf;
}

function place(btf: Btf, name: string, path: string): [number, number] {
  const field = findField(btf, name, path);
  if (isBtfError(field)) throw new Error(JSON.stringify(field));
  return [field.bitOffset / 8, field.bitSize / 8];
}

for (const [order, bytes] of [
  ['little endian', writeBtf(SAMPLE)],
  ['big endian', writeBtf(SAMPLE, false)],
  ['gzip', gzipSync(writeBtf(SAMPLE))],
] as const) {
  test(`members are found through anonymous members, typedefs and arrays (${order})`, () => {
    const btf = open(bytes);
    assert.equal(btf.records.length, SAMPLE.length + 1);
    assert.deepEqual(place(btf, 'vcpu', 'id'), [136, 4]);
    assert.deepEqual(place(btf, 'vcpu', 'arch.state.owner'), [24, 4]);
    assert.deepEqual(place(btf, 'vcpu', 'arch.raw'), [8, 8]);
    assert.deepEqual(place(btf, 'vcpu', 'all[2].bvr[1]'), [40 + 48 + 8, 8]);
    assert.deepEqual(place(btf, 'vcpu', 'arch.next'), [32, 8]);
    assert.deepEqual(place(btf, 'vcpu', ''), [0, 144]);
    const bits = findField(btf, 'bits', 'high');
    assert.ok(!isBtfError(bits));
    assert.deepEqual([bits.bitOffset, bits.bitSize], [3, 5]);
  });
}

test('sizes and descriptions', () => {
  const btf = open(writeBtf(SAMPLE));
  assert.deepEqual(
    [4, 5, 9, 10, 11, 13, 19, 21, 22].map((id) => sizeOf(btf, id)),
    [16, 24, 96, 8, 144, 4, 8, 4, 8],
  );
  assert.deepEqual(
    [4, 5, 6, 10].map((id) => describeType(btf, id)),
    ['u64[2]', 'regs_t', 'struct regs', 'struct arch *'],
  );
  for (const id of [0, 14, 15, 16]) assert.ok(isBtfError(Object(sizeOf(btf, id))), `type ${id}`);
  const vcpu = findStruct(btf, 'vcpu');
  assert.ok(!isBtfError(vcpu));
  const list = members(btf, vcpu);
  assert.ok(!isBtfError(list));
  assert.deepEqual(
    list.map((m) => [m.name, m.bitOffset, m.bitSize]),
    [
      ['arch', 0, 320],
      ['all', 320, 768],
      ['id', 1088, 32],
    ],
  );
});

test('a question without an answer is an error that says what was expected', () => {
  const btf = open(writeBtf(SAMPLE));
  const cases: readonly [string, string, RegExp][] = [
    ['nobody', 'x', /struct or union nobody/],
    ['', 'x', /struct or union/],
    ['vcpu', 'arch.absent', /a member absent \(for vcpu.arch.absent\)/],
    ['vcpu', 'id.x', /a struct or union/],
    ['vcpu', 'id[0]', /an array/],
    ['vcpu', 'all[4]', /an index from 0 to 3/],
    ['vcpu', 'all[-1]', /an index from 0 to 3/],
    ['vcpu', 'all[', /an index/],
    ['vcpu', '..', /a member \.\./],
    ['vcpu', 'vcp', /a member vcp/],
    ['vcpu', '__proto__', /a member __proto__/],
  ];
  for (const [name, path, expected] of cases) {
    const error = findField(btf, name, path);
    assert.ok(isBtfError(error), `${name}.${path}`);
    assert.match(error.expected, expected);
  }
});

test('types that contain themselves end', () => {
  const btf = open(
    writeBtf([
      typedef('loop', 2),
      typedef('back', 1),
      array(3, 2),
      struct('s', 8, member('', 4, 0), member('', 5, 0), member('m', 1, 0), member('a', 3, 0)),
      union('', 8, member('', 4, 0), member('', 5, 0)),
      pointer(6),
      array(8, 0xffffffff),
      array(9, 0xffffffff),
      array(10, 0xffffffff),
      int('u64', 8),
    ]),
  );
  for (const id of [1, 3, 7]) assert.ok(isBtfError(Object(sizeOf(btf, id))), `type ${id}`);
  for (const path of ['m', 'a', 'absent', 'm.x']) assert.ok(isBtfError(findField(btf, 's', path)), path);
  assert.equal(describeType(btf, 6).length < 1000, true);
  assert.equal(typeof describeType(btf, 1), 'string');
});

test('anonymous members nested without end are an error, not a stack overflow', () => {
  const depth = 100_000;
  const types = Array.from({ length: depth }, (_, i) =>
    struct(i === 0 ? 's' : '', 8, member('', ((i + 1) % depth) + 1, 0)),
  );
  const error = findField(open(writeBtf(types)), 's', 'absent');
  assert.ok(isBtfError(error));
  assert.match(error.expected, /at most 32 anonymous/);
});

test('a bad header is an error with its offset', () => {
  const good = writeBtf(SAMPLE);
  const changed = (at: number, value: number) => {
    const copy = good.slice();
    new DataView(copy.buffer).setUint32(at, value, true);
    return copy;
  };
  const cases: readonly [Uint8Array, number, RegExp][] = [
    [new Uint8Array(), 0, /header/],
    [good.slice(0, 23), 0, /header/],
    [Buffer.from('\x7fELF and what follows it in a file'), 0, /magic 0xeb9f/],
    [changed(0, 0x0002eb9f), 2, /version 1/],
    [changed(4, 23), 4, /header length/],
    [changed(4, 0xffffffff), 4, /header length/],
    [changed(8, 0xffffffff), 8, /type section/],
    [changed(12, 0xffffffff), 8, /type section/],
    [changed(20, 0xffffffff), 16, /string section/],
    [changed(20, 0), good.length, /string section that starts/],
    [changed(12, 20), 40, /type record of 12/],
    [good.slice(0, -1), 16, /string section/],
    [gzipSync(good).subarray(0, 60), 0, /gzip/],
  ];
  for (const [bytes, offset, expected] of cases) {
    const error = readBtf(bytes);
    assert.ok(isBtfError(error));
    assert.match(error.expected, expected);
    if (!/starts/.test(error.expected)) assert.equal(error.offset, offset, error.expected);
  }
  for (const kind of [0, 20, 31]) {
    const error = readBtf(writeBtf([{ kind }]));
    assert.ok(isBtfError(error));
    assert.deepEqual([error.offset, error.found], [28, String(kind)]);
  }
});

test('whatever the bytes are, the answer is a value', () => {
  const good = writeBtf(SAMPLE);
  const ask = (bytes: Uint8Array) => {
    const btf = readBtf(bytes);
    if (isBtfError(btf)) return;
    for (let id = 0; id < btf.records.length + 1; id++) {
      sizeOf(btf, id);
      describeType(btf, id);
    }
    for (const path of ['arch.state.owner', 'all[1].bvr[1]', 'id', 'arch.next']) findField(btf, 'vcpu', path);
    const vcpu = findStruct(btf, 'vcpu');
    if (!isBtfError(vcpu)) members(btf, vcpu);
  };
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
      fc.nat(good.length),
      (changes, cut) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        ask(bytes);
        ask(bytes.subarray(0, cut));
      },
    ),
    { numRuns: 2000 },
  );
});

test('each limit is an error that says which option lifts it, and is lifted by it', () => {
  const members = Array.from({ length: 100 }, (_, n) => member(`m${n}`, 1, 0));
  const bytes = writeBtf([
    int('u32', 4),
    ...Array.from({ length: 40 }, (_, n) => typedef('t', n + 3)),
    int('n'.repeat(600), 4),
    struct('s', 8, ...members, member('deep', 2, 0)),
  ]);
  const wide: BtfLimits = { bytes: bytes.length, types: 43, members: 101, name: 600, depth: 41 };
  const ask = (limits: BtfLimits) => {
    const btf = readBtf(bytes, limits);
    return isBtfError(btf) ? btf : findField(btf, 's', 'deep');
  };
  assert.ok(!isBtfError(ask(wide)));
  for (const limit of Object.keys(wide) as BtfLimit[]) {
    const error = ask({ ...wide, [limit]: wide[limit] - 1 });
    assert.ok(isBtfError(error), limit);
    assert.equal(error.limit, limit);
    const most = new RegExp(
      `expected at most ${wide[limit] - 1} .*, found more \\(--max-btf-${limit} lifts this limit\\)$`,
    );
    assert.match(describeBtfError(error), most);
  }
  const packed = readBtf(gzipSync(bytes), { ...wide, bytes: bytes.length - 1 });
  assert.ok(isBtfError(packed));
  assert.equal(packed.limit, 'bytes');
});

const SHARED = '../shared/captures/btf';
/** Bytes, as found in the kernels with pahole: sizes of structs, then offsets of members. */
const FACTS: readonly [kernel: string, struct: string, path: string, offset: number, size: number][] = [
  ['6.1', 'kvm_vcpu', '', 0, 9680],
  ['6.1', 'kvm_vcpu_arch', '', 0, 8432],
  ['6.1', 'kvm_host_data', '', 0, 1824],
  ['6.1', 'kvm_vcpu', 'arch', 256, 8432],
  ['6.1', 'kvm_vcpu_arch', 'cflags', 1916, 1],
  ['6.1', 'kvm_vcpu_arch', 'fp_state', 1912, 4],
  ['6.1', 'kvm_vcpu_arch', 'mdcr_el2_host', 1872, 8],
  ['6.1', 'kvm_vcpu_arch', 'host_debug_state', 2960, 528],
  ['6.12', 'kvm_vcpu', '', 0, 7056],
  ['6.12', 'kvm_host_data', '', 0, 3664],
  ['6.12', 'kvm_cpu_context', '', 0, 3104],
  ['6.12', 'kvm_guest_debug_arch', '', 0, 512],
  ['6.12', 'kvm_vcpu_arch', 'iflags', 3185, 1],
  ['6.12', 'kvm_host_data', 'fp_owner', 3120, 4],
  ['6.12', 'kvm_host_data', 'host_debug_state', 3128, 536],
  ['6.12', 'kvm_host_data', 'host_debug_state.mdcr_el2', 3656, 8],
  ['7.3', 'kvm_vcpu', '', 0, 9024],
  ['7.3', 'kvm_host_data', '', 0, 5424],
  ['7.3', 'kvm_vcpu', 'vcpu_id', 36, 4],
  ['7.3', 'kvm_vcpu_arch', 'cflags', 5024, 1],
  ['7.3', 'kvm_host_data', 'fp_owner', 4808, 4],
  ['7.3', 'kvm_host_data', 'host_debug_state.mdcr_el2', 5360, 8],
  ['7.3', 'task_struct', 'thread.uw.fpsimd_state', 3776, 528],
];

test('layout facts of real kernels', { skip: skipUnless(existsSync(SHARED), 'no captures beside the project') }, () => {
  const opened = new Map<string, Btf>();
  for (const [kernel, name, path, offset, size] of FACTS) {
    const btf = opened.get(kernel) ?? open(readFileSync(`${SHARED}/linux-${kernel}.btf.gz`));
    opened.set(kernel, btf);
    assert.deepEqual(place(btf, name, path), [offset, size], `${kernel} ${name}.${path}`);
  }
});
