import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffReports } from '../../lib/report/differences.ts';
import { readReport } from '../../lib/report/read.ts';
import { formatDifferences } from '../../lib/show/differences.ts';
import { PLAIN } from '../../lib/text/paint.ts';
import { FAIL, hostile, PASS, WIDE } from '../show/reports.ts';

test('a report agrees with itself, written and read again', () => {
  for (const report of [PASS, FAIL, WIDE, hostile()]) {
    const read = readReport(JSON.stringify(report));
    assert.ok(typeof read !== 'string', String(read));
    assert.deepEqual(diffReports(report, read), []);
  }
});

test('what inputs are called, and what is no verdict, violation, transition or cost, is no difference', () => {
  const other = {
    ...FAIL,
    inputs: [{ name: 'other.ndjson', lines: 100, events: 99 }],
    ledger: { ...FAIL.ledger, implied: 99 },
  };
  assert.deepEqual(diffReports(FAIL, other), []);
});

test('reports of different kernels differ, even where all else agrees', () => {
  const { name, mode } = PASS.model;
  for (const [model, expected] of [
    [{ name: 'v6.14', mode }, [{ path: ['model', 'name'], before: name, after: 'v6.14' }]],
    [{ name, mode: 'pkvm' }, [{ path: ['model', 'mode'], before: mode, after: 'pkvm' }]],
  ] as const) {
    const after = { ...PASS, model };
    const differences = diffReports(PASS, after);
    assert.deepEqual(differences, expected);
    const text = formatDifferences({ name: 'a', report: PASS }, { name: 'b', report: after }, differences, PLAIN);
    assert.match(text, /^DIFFERENT {2}1 difference\n/);
    assert.match(
      text,
      new RegExp(`\nModel\n.*\n +- ${Object.values(PASS.model)[expected[0].path[1] === 'name' ? 0 : 1]}\n`),
    );
  }
});

test('what a file has beside the counts of a report is passed over, whatever it is', () => {
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  for (const strange of ['null', '"text"', '""', '[]', '[null]', '{"bytes":null}', deep]) {
    const marked = { ...PASS, cost: { ...PASS.cost, strange: '?' }, debug: { ...PASS.debug, strange: '?' } };
    const other = JSON.stringify(marked).replaceAll('"?"', strange);
    const read = readReport(other);
    assert.ok(typeof read !== 'string', String(read));
    assert.deepEqual(diffReports(PASS, read), []);
  }
});

test('counts are compared leaf by leaf, a missing one as 0', () => {
  const { sysreg_read, ...others } = FAIL.cost.total;
  assert.ok(sysreg_read);
  const after = {
    ...FAIL,
    transitions: { ...FAIL.transitions, total: 3, by_edge: { ...FAIL.transitions.by_edge, 'guest>free': 1 } },
    cost: { ...FAIL.cost, total: { ...others, fpsimd_load: { count: 1, bytes: 528 } } },
  };
  assert.deepEqual(diffReports(FAIL, after), [
    { path: ['transitions', 'total'], before: 2, after: 3 },
    { path: ['transitions', 'by_edge', 'guest>free'], before: 0, after: 1 },
    { path: ['cost', 'total', 'fpsimd_load', 'bytes'], before: 520, after: 528 },
    { path: ['cost', 'total', 'sysreg_read', 'count'], before: 9, after: 0 },
  ]);
});

test('violations are matched by rule and place, and then compared field by field', () => {
  const [first, second, third] = FAIL.violations;
  assert.ok(first && second && third);
  const after = { ...FAIL, verdict: 'pass' as const, violations: [{ ...first, message: 'other' }, third, third] };
  assert.deepEqual(diffReports(FAIL, after), [
    { path: ['verdict'], before: 'fail', after: 'pass' },
    {
      path: ['violations', 'FP-07', 'line 5, guest_fp_trap, cpu 0, vcpu 1/0', 'message'],
      before: first.message,
      after: 'other',
    },
    { path: ['violations', 'FP-13', 'line 6, guest_exit, cpu 0, vcpu 1/0'], before: second.message, after: undefined },
    { path: ['violations', 'FP-06', 'line 8, guest_fp_trap'], before: undefined, after: third.message },
  ]);
});

test('keys that are names of Object.prototype are counts like any other', () => {
  const json = JSON.stringify({ ...PASS, debug: { switches: 0, by_edge: {} } });
  const read = readReport(json.replace('"by_edge":{}', '"by_edge":{"__proto__":1,"constructor":2}'));
  assert.ok(typeof read !== 'string', String(read));
  const paths = diffReports({ ...PASS, debug: { switches: 0, by_edge: {} } }, read).map(({ path }) => path.at(-1));
  assert.deepEqual(paths, ['__proto__', 'constructor']);
});

test('the text fits 80 columns, names both reports, and is safe to print', () => {
  const names = [
    { name: 'golden.json', report: PASS },
    { name: 'new.json', report: FAIL },
  ] as const;
  const text = formatDifferences(...names, diffReports(PASS, FAIL), PLAIN);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(
    text,
    /^DIFFERENT {2}\d+ differences\n\n {2}- {2}golden.json: pass, v6.10 nvhe\n {2}\+ {2}new.json: fail, seed-v1 nvhe\n/,
  );
  const evil = formatDifferences(
    { name: '\u001b[2J', report: PASS },
    { name: '\r', report: hostile() },
    diffReports(PASS, hostile()),
    PLAIN,
  );
  assert.match(evil, /^[\n -~]*$/);
  const same = formatDifferences(names[0], names[0], [], PLAIN);
  assert.match(same, /^SAME {2}/);
});

test('a report of format 1, which lists the rules that were checked, is still one', () => {
  const old = { ...FAIL, format: 1, coverage: { ...FAIL.coverage, rules_checked: ['FP-07'] } };
  const read = readReport(JSON.stringify(old));
  assert.ok(typeof read === 'object');
  assert.deepEqual(diffReports(read, FAIL), []);
});

test('what is no report is said to be none, and where', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /^not JSON/],
    ['null', /^the report: expected an object$/],
    ['[]', /^the report: expected an object$/],
    ['{}', /^format: missing$/],
    [JSON.stringify({ ...PASS, format: 3 }), /^format: expected 1 or 2$/],
    [JSON.stringify({ ...PASS, verdict: 'maybe' }), /^verdict: expected pass or fail or inconclusive$/],
    [JSON.stringify({ ...PASS, violations: [{}] }), /^violations\[0\]\.rule: missing$/],
    [
      JSON.stringify({ ...PASS, cost: { ...PASS.cost, total: { isb: { count: -1 } } } }),
      /^cost\.total\.isb\.count: expected an integer, 0 or more$/,
    ],
    [
      JSON.stringify({ ...PASS, transitions: { ...PASS.transitions, by_cpu: { 0: 1 } } }),
      /^transitions\.by_cpu\.0: expected an object$/,
    ],
  ];
  for (const [json, expected] of cases) assert.match(String(readReport(json)), expected);
});
