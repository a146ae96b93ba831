import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Btf, isBtfError, readBtf } from '../../lib/btf/blob.ts';
import { HOST_FIELDS, hostDataOf } from '../../lib/models/host-data.ts';
import { MODELS } from '../../lib/models/models.ts';
import type { Release } from '../../lib/models/release-number.ts';
import {
  type Footprint,
  type FootprintOptions,
  footprint,
  isFootprintError,
} from '../../lib/tools/footprint/footprint.ts';
import { formatFootprint } from '../../lib/tools/footprint/text.ts';
import { array, int, member, struct, writeBtf } from '../btf/btf-writer.ts';
import { skipUnless } from '../support/skip.ts';

function measure(options: FootprintOptions): Footprint {
  const result = footprint(options);
  if (isFootprintError(result)) throw new Error(result.error);
  return result;
}

function open(bytes: Uint8Array): Btf {
  const btf = readBtf(bytes);
  if (isBtfError(btf)) throw new Error(btf.expected);
  return btf;
}

const bytesOf = (result: Footprint, model: string) => {
  const row = result.generations?.find(({ models }) => models.includes(model));
  return [row?.vcpu.bytes, row?.cpu.bytes];
};

test('the series moved 548 bytes of a vCPU, 528 of them in the patch that claims over 500', () => {
  const { series } = measure({ vcpus: 100, cpus: 10 });
  assert.equal(series.bytes_per_vcpu, 548);
  assert.equal(series.claim.bytes, 528);
  assert.equal(series.leave_vcpus, 54_800);
  assert.deepEqual(series.come_to_cpus, { vhe: 5_480, nvhe: 10_960 });
  assert.deepEqual(series.saved, { vhe: 49_320, nvhe: 43_840 });
  assert.deepEqual(measure({ vcpus: 10, cpus: 10 }).series.saved, { vhe: 0, nvhe: -5_480 });
});

test('every model is listed, once', () => {
  const listed = measure({}).generations?.flatMap(({ models }) => models) ?? [];
  assert.deepEqual([...listed].sort(), MODELS.map(({ name }) => name).sort());
});

test('what a generation keeps where', () => {
  const result = measure({});
  assert.deepEqual(bytesOf(result, 'v6.2'), [556, 0]);
  assert.deepEqual(bytesOf(result, 'v6.1-stable'), [548, 0]);
  assert.deepEqual(bytesOf(result, 'seed-v1'), [8, 548]);
  assert.deepEqual(bytesOf(result, 'v6.12-stable'), [0, 556]);
  const some = measure({ models: ['v6.16', 'v6.10'], vcpus: 3, cpus: 2 });
  assert.deepEqual(
    some.generations?.map(({ models }) => models),
    [['v6.10'], ['v6.16']],
  );
  assert.deepEqual(some.generations?.[0]?.total, { vhe: 2 * 548, nvhe: 4 * 548 });
});

test('what came and went between releases is in the table, with its commit', () => {
  const cpu = (release: Release) => hostDataOf(release).cpu;
  assert.equal(cpu([6, 16])['host_debug_state.brbcr_el1'], undefined);
  assert.equal(cpu([6, 17])['host_debug_state.brbcr_el1'], 8);
  assert.deepEqual([cpu([7, 1]).sve_state, cpu([7, 1]).sve_regs, cpu([7, 1]).fpmr], [8, undefined, 8]);
  assert.deepEqual([cpu([7, 2]).sve_state, cpu([7, 2]).sve_regs, cpu([7, 2]).fpmr], [undefined, 8, undefined]);
  assert.equal(cpu([6, 12, 20])['fpsimd_state|sve_state'], 8);
  assert.equal(cpu([6, 12, 21])['fpsimd_state|sve_state'], undefined);
  assert.equal(hostDataOf([6, 6, 84]).vcpu.host_fpsimd_state, 8);
  assert.equal(hostDataOf([6, 6, 85]).vcpu.host_fpsimd_state, undefined);
  for (const { name, commit, removedBy } of HOST_FIELDS)
    for (const hash of [commit, removedBy]) assert.match(hash ?? '0'.repeat(12), /^[0-9a-f]{12}$/, name);
});

test('an unknown model and a BTF of something else are errors in words', () => {
  for (const [options, words] of [
    [{ models: ['v6.10', 'v9'] }, /unknown model 'v9'.*v6\.10/],
    [{ models: ['__proto__'] }, /unknown model/],
    [{ btf: open(writeBtf([int('u64', 8)])) }, /no struct kvm_vcpu_arch/],
    [{ btf: open(writeBtf([struct('kvm_vcpu_arch', 8), struct('kvm_host_data', 8, member('x', 9, 0))])) }, /type id/],
  ] as const) {
    const result = footprint(options);
    assert.ok(isFootprintError(result));
    assert.match(result.error, words);
  }
});

test('a kernel in the middle of the series, from BTF', () => {
  const btf = open(
    writeBtf([
      int('u64', 8),
      array(1, 64),
      struct('', 536, member('regs', 2, 0), member('pmscr_el1', 1, 512), member('mdcr_el2', 1, 528)),
      struct('kvm_vcpu_arch', 100, member('fp_state', 1, 40), member('mdcr_el2', 1, 48)),
      struct(
        'kvm_host_data',
        1000,
        member('host_ctxt', 2, 0),
        member('x\u001b[2J', 1, 100),
        member('host_debug_state', 3, 200),
      ),
    ]),
  );
  const result = measure({ btf, vcpus: 3, cpus: 2 });
  assert.equal(result.generations, undefined);
  assert.deepEqual(result.kernel, {
    structs: [
      { name: 'kvm_vcpu_arch', bytes: 100 },
      { name: 'kvm_host_data', bytes: 1000 },
    ],
    vcpu: { bytes: 8, fields: [{ name: 'fp_state', bytes: 8, offset: 40 }] },
    cpu: {
      bytes: 536,
      fields: [
        { name: 'x\u001b[2J', bytes: 8, offset: 100 },
        { name: 'host_debug_state.regs', bytes: 512, offset: 200 },
        { name: 'host_debug_state.pmscr_el1', bytes: 8, offset: 712 },
        { name: 'host_debug_state.mdcr_el2', bytes: 8, offset: 728 },
      ],
    },
    total: { vhe: 3 * 8 + 2 * 536, nvhe: 3 * 8 + 4 * 536 },
    still_in_vcpu: { bytes: 8, fields: ['fp_state'] },
  });
  const text = formatFootprint(result);
  assert.match(text, /kvm_host_data\.host_debug_state\.mdcr_el2 +728 +8/);
  assert.match(text, /Still in kvm_vcpu_arch, as before the series: 8 bytes, fp_state/);
  assert.ok(!text.includes('\u001b'));
});

test('the text fits 80 columns and says the numbers', () => {
  const text = formatFootprint(measure({}));
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(text, /^v5\.18 and 9 more +556 +0 /m);
  assert.match(text, /^v5\.18, v5\.19, v6\.2, v6\.3, /m);
  assert.match(text, /^in all +548$/m);
  assert.match(text, /host_debug_state \{ regs 512, pmscr_el1 8,/);
  assert.match(formatFootprint(measure({ vcpus: 1, cpus: 1 })), /saved: 0 \(vhe\) or -548 \(nvhe/);
});

const SHARED = '../shared/captures/btf';

test("the tables agree with real kernels' BTF", {
  skip: skipUnless(existsSync(SHARED), 'no captures beside the project'),
}, () => {
  const tables = measure({});
  for (const [kernel, model, structs] of [
    ['6.1', 'v6.1-stable', [9680, 8432, 1824]],
    ['6.12', 'v6.12-stable', [7056, 5808, 3664]],
    ['7.3', 'v7.3', [9024, 7776, 5424]],
  ] as const) {
    const real = measure({ btf: open(readFileSync(`${SHARED}/linux-${kernel}.btf.gz`)) });
    const table = tables.generations?.find(({ models }) => (models as readonly string[]).includes(model));
    assert.deepEqual(
      real.kernel?.structs.slice(0, 3).map(({ bytes }) => bytes),
      structs,
    );
    const named = (side: { fields: readonly { name: string; bytes: number }[] } | undefined) =>
      side?.fields.map(({ name, bytes }) => `${name} ${bytes}`).sort();
    assert.deepEqual(named(real.kernel?.vcpu), named(table?.vcpu), kernel);
    assert.deepEqual(named(real.kernel?.cpu), named(table?.cpu), kernel);
  }
});
