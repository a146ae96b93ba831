import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executedIn, type Report, rowsOf } from './compare.ts';
import { byAddress, capturedWindow, parseSnapshots } from './counts.ts';
import type { Plan } from './plan.ts';
import { parseSymbols } from './symbols.ts';
import { registersOf, registerTable } from './system-registers.ts';

const OUTPUT = `hyp fff0c307ffe00000
snap begin
ffff800080000100 ad000400 5
snap end
ffff800080000100 ad000400 6
snap begin
ffff800080000100 ad000400 10
ffff800080000200 d5381040 3
snap end
ffff800080000100 ad000400 30
ffff800080000200 d5381040 3
ffff800080000204 d5181040 8
ffff800080001000 d503245f 7
snap end
ffff800080000100 ad000400 99
snap exit
ffff800080000100 ad000400 100
`;

test('the window is from the last beginning to the end after it', () => {
  const counts = capturedWindow(parseSnapshots(OUTPUT));
  assert.deepEqual(
    counts.map(({ address, count }) => [address, count]),
    [
      [0xffff800080000100n, 20],
      [0xffff800080000204n, 8],
      [0xffff800080001000n, 7],
    ],
  );
});

test('a breakpoint that stands for an instruction is the same place', () => {
  const before = 'ffff800080000100 d503245f 5';
  const counts = capturedWindow(
    parseSnapshots(`snap begin\n${before}\nsnap end\n${before}\nffff800080000100 d4200080 7\n`),
  );
  assert.deepEqual([...byAddress(counts)], [[0xffff800080000100n, 7]]);
  assert.equal(counts[0]?.word, 0xd4200080);
});

test('counts without a capture, or that are damaged, are refused', () => {
  assert.throws(() => capturedWindow(parseSnapshots('snap end\nsnap exit\n')), /expected snapshots.*found end, exit/);
  assert.throws(() => capturedWindow(parseSnapshots('snap begin\n')), /no capture/);
  assert.throws(() => capturedWindow(parseSnapshots('')), /found none/);
  assert.throws(() => parseSnapshots('1 2 3\n'), /line 1 of the counts/);
  assert.throws(() => parseSnapshots('snap begin\n1 2 x\n'), /line 2 of the counts: expected.*found "1 2 x"/);
  assert.throws(() => parseSnapshots('snap begin\nfull\n'), /raise MAX_POINTS/);
});

const SYMBOLS = parseSymbols(`ffff800080000080 T fpsimd_save_state
ffff800080000200 T __activate_traps
ffff800080001000 T __kvm_nvhe___kvm_vcpu_run
`);

const PLAN: Plan = {
  sites: [{ primitive: 'fpsimd_save', address: 0xffff800080000100n }],
  calls: [{ primitive: 'fpsimd_save_state', address: 0xffff800080000204n }],
  entries: [
    { primitive: '__activate_traps', address: 0xffff800080000200n },
    { primitive: '__kvm_nvhe___kvm_vcpu_run', address: 0xffff800080001000n },
  ],
  text: '',
};

test('kernel and tool side by side; where the hypervisor has a step inlined, what stands for it', () => {
  const report: Report = {
    model: { name: 'v6.16', mode: 'nvhe' },
    verdict: 'pass',
    cost: { total: { fpsimd_save: { count: 18 }, activate_traps: { count: 7 } } },
  };
  const rows = rowsOf(executedIn(PLAN, capturedWindow(parseSnapshots(OUTPUT)), SYMBOLS), report);
  const row = (name: string) => rows.find(({ primitive }) => primitive === name);
  assert.deepEqual(row('fpsimd_save'), {
    primitive: 'fpsimd_save',
    kernel: 20,
    tool: 18,
    where: [['fpsimd_save_state', 20]],
  });
  assert.deepEqual(row('activate_traps'), {
    primitive: 'activate_traps',
    kernel: 7,
    tool: 7,
    where: [['__kvm_nvhe___kvm_vcpu_run', 7]],
  });
  assert.deepEqual(row('sve_save'), { primitive: 'sve_save', kernel: 0, tool: 0, where: [] });
});

test('entries of functions, and who calls them', () => {
  const { entries } = executedIn(PLAN, capturedWindow(parseSnapshots(OUTPUT)), SYMBOLS);
  assert.deepEqual(entries, { __kvm_nvhe___kvm_vcpu_run: 7, '__activate_traps > fpsimd_save_state': 8 });
});

test('system registers by function', () => {
  const text = registerTable(registersOf(capturedWindow(parseSnapshots(OUTPUT)), SYMBOLS));
  assert.equal(text, '__activate_traps S3_0_C1_C0_2 0 8\n');
});
