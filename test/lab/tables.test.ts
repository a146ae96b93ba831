import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from './cell.ts';
import { cellTable, matrixDocument, matrixSummary, summaryTable } from './tables.ts';

const RESULT: Result = {
  series: '6.12',
  mode: 'nvhe',
  workload: 'vmm',
  release: '6.12.118+deb13-arm64',
  at: 0,
  seconds: 16,
  notes: ['lab: vmm sve=1'],
  entries: {},
  model: 'v6.12-stable nvhe',
  verdict: 'pass',
  reasons: [],
  checked: 4548,
  diverged: 0,
  violations: {},
  rows: [
    { primitive: 'fpsimd_save', kernel: 374, tool: 369, where: [['fpsimd_save_state', 374]] },
    { primitive: 'guest_enter', kernel: 550, tool: 550, where: [['__kvm_nvhe___guest_enter', 550]] },
    { primitive: 'za_save', kernel: 0, tool: 0, where: [] },
  ],
};
const EQUAL: Result = { ...RESULT, mode: 'vhe', rows: RESULT.rows.slice(1) };

test('one cell: every primitive of which there was any, and where the kernel did what is not equal', () => {
  assert.equal(
    cellTable(RESULT),
    `6.12.118+deb13-arm64, nvhe, workload vmm: pass as v6.12-stable nvhe
4548 values held against the model, 0 diverge; violations: none

primitive    kernel  tool         where the kernel did it
fpsimd_save     374   369  -5     fpsimd_save_state 374
guest_enter     550   550  equal

  lab: vmm sve=1
`,
  );
});

test('what a machine says cannot move the cursor', () => {
  assert.ok(cellTable({ ...RESULT, notes: ['lab: \x1b[2Jtest \x9b\r1'] }).endsWith('  lab: [2Jtest 1\n'));
});

test('of many places the first are shown', () => {
  const where = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 1] as const);
  const table = cellTable({ ...RESULT, rows: [{ primitive: 'isb', kernel: 6, tool: 0, where }] });
  assert.match(table, /^isb +6 +0 +-6 +a 1, b 1, c 1, d 1, and 2 more$/m);
});

test('a line for each cell', () => {
  const lines = summaryTable([
    EQUAL,
    { ...RESULT, verdict: 'fail', diverged: 2, violations: { 'DB-02': 3, 'DB-03': 1 } },
  ]).split('\n');
  assert.match(lines[1] ?? '', /^6\.12-vhe-vmm +1 of 1 +pass +0 of 4548 +none$/);
  assert.match(lines[2] ?? '', /^6\.12-nvhe-vmm +1 of 2 +fail +2 of 4548 +DB-02 3, DB-03 1 +fpsimd_save 374 \/ 369$/);
});

test('the matrix in a sentence: what is within an interval is told apart, and what was not taken is said', () => {
  const within = {
    ...EQUAL,
    verdict: 'inconclusive',
    rows: [{ primitive: 'isb', kernel: 6, tool: 4, least: 4, where: [] }],
  };
  assert.equal(
    matrixSummary([EQUAL, RESULT, within], 3),
    '3 captures: pass 2, inconclusive 1, fail 0. Of 4 counts 2 are equal, 1 within what the report says they can be, 1 not.',
  );
  assert.match(matrixSummary([EQUAL], 96), /^1 of 96 captures, the others were not taken: pass 1, /);
});

test('the matrix: kernels by workloads, then what is not equal, then what could not be taken', () => {
  const failure = { series: '6.1', mode: 'vhe', workload: 'tasks', error: 'the machine died\nand more' } as const;
  assert.deepEqual(matrixDocument([EQUAL, RESULT, failure], '2026-01-02').split('\n').slice(5), [
    '| kernel | release | vmm | tasks |',
    '|---|---|---|---|',
    '| 6.12 vhe | 6.12.118+deb13 | pass, 1 of 1 |  |',
    '| 6.12 nvhe | 6.12.118+deb13 | pass, 1 of 2 |  |',
    '| 6.1 vhe |  |  | no capture |',
    '',
    '2 of 3 captures, the others were not taken: pass 2, inconclusive 0, fail 0. Of 3 counts 2 are equal, 0 within what the report says they can be, 1 not.',
    '',
    '| not equal | kernel / tool |',
    '|---|---|',
    '| 6.12-nvhe-vmm | fpsimd_save 374 / 369 |',
    '',
    'No capture:',
    '',
    '- 6.1-vhe-tasks: the machine died',
    '',
  ]);
});
