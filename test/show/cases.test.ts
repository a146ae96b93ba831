/** What other programs make of the formats for them: an XML parser, the runner of GitHub, a reader of TAP. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { Case } from '../../lib/show/cases/case.ts';
import { formatGithub } from '../../lib/show/cases/github.ts';
import { formatJunit } from '../../lib/show/cases/junit.ts';
import { caseOfReport } from '../../lib/show/cases/report-case.ts';
import { formatSarif } from '../../lib/show/cases/sarif.ts';
import { formatTap } from '../../lib/show/cases/tap.ts';
import { FAIL, hostile, INCONCLUSIVE, MANY, PASS } from './reports.ts';

const EVIL = '<a href="x">&amp;]]>\'%0A::error::,:#\u0000\u001b\ud800\u202e\n  ---\n..';
const CASES: readonly Case[] = [
  ...[PASS, FAIL, INCONCLUSIVE, MANY, hostile()].map((report, at) => caseOfReport(report, [`a b/${at % 3}.ndjson`])),
  {
    name: EVIL,
    path: EVIL,
    outcome: 'error',
    reasons: [EVIL],
    findings: [{ severity: 'error', rule: 'input', message: EVIL, path: EVIL, line: 3 }],
  },
  { name: 'replay', path: '/x/y.ndjson', outcome: 'skip', reasons: ['not today'], findings: [] },
];

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Throws for what is not well-formed. */
function elementsOf(xml: string): readonly Element[] {
  const elements: Element[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => elements.push({ name, attributes }));
  parser.write(xml).close();
  return elements;
}

test('JUnit is well-formed, and its counts are those of its cases', () => {
  const elements = elementsOf(formatJunit(CASES));
  const count = (name: string): number => elements.filter((element) => element.name === name).length;
  const [root] = elements;
  const { tests, failures, errors, skipped } = root?.attributes ?? {};
  assert.deepEqual([tests, failures, errors, skipped].map(Number), [CASES.length, 3, 1, 2]);
  assert.deepEqual([count('testcase'), count('failure'), count('error'), count('skipped')], [CASES.length, 3, 1, 2]);
  const suites = elements.filter(({ name }) => name === 'testsuite');
  assert.equal(
    suites.reduce((sum, { attributes }) => sum + Number(attributes.tests), 0),
    CASES.length,
  );
});

/** As the runner reads a line (actions/runner, ActionCommand.cs): what is encoded is decoded once. */
function decodeCommand(line: string): { command: string; properties: Record<string, string>; message: string } {
  const [, command = '', list = '', message = ''] = /^::(\w+)(?: ([^:]*))?::(.*)$/.exec(line) ?? assert.fail(line);
  const decode = (text: string): string =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const properties = list.split(',').map((pair) => pair.split(/=(.*)/s).map(decode).slice(0, 2));
  return { command, properties: Object.fromEntries(properties), message: decode(message) };
}

test('each line for GitHub is one command, whose file, line and message are those of the finding', () => {
  const lines = formatGithub(CASES).trimEnd().split('\n').map(decodeCommand);
  const findings = CASES.flatMap((each) => each.findings);
  assert.equal(lines.length, findings.length + 1);
  const plain = findings.flatMap((finding, at) =>
    finding.path.startsWith('a b/') && /^[ -~]*$/.test(finding.message) ? [[finding, lines[at]] as const] : [],
  );
  assert.ok(plain.length > 30);
  for (const [finding, line] of plain) {
    assert.equal(line?.message, finding.message);
    assert.equal(line?.properties.file, finding.path);
    assert.equal(Number(line?.properties.line ?? 0), finding.line);
  }
});

test('TAP has a plan, a line for each case, and its own escapes', () => {
  const lines = formatTap(CASES).split('\n');
  assert.deepEqual(lines.slice(0, 2), ['TAP version 14', `1..${CASES.length}`]);
  const results = lines.filter((line) => /^(?:not )?ok \d+ - /.test(line));
  assert.deepEqual(
    results.map((line) => [line.startsWith('ok'), / # SKIP /.test(line)]),
    [
      [true, false],
      [false, false],
      [true, true],
      [false, false],
      [false, false],
      [false, false],
      [true, true],
    ],
  );
  assert.equal(lines.filter((line) => line === '  ---').length, lines.filter((line) => line === '  ...').length);
});

test('a result of SARIF names a rule that has help, and a file as a URI', () => {
  const { runs } = JSON.parse(formatSarif(CASES, { version: '1.2.3' }));
  const [{ tool, results, invocations }] = runs;
  assert.equal(results.length, CASES.flatMap(({ findings }) => findings).length);
  for (const { ruleId, ruleIndex, locations, message } of results) {
    assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
    assert.notEqual(message.text, '');
    for (const { physicalLocation } of locations) {
      const { uri } = physicalLocation.artifactLocation;
      assert.doesNotThrow(() => new URL(uri, 'file:///checkout/'));
      assert.match(uri, /^[!-~]+$/);
      assert.ok(physicalLocation.region === undefined || physicalLocation.region.startLine > 0);
    }
  }
  for (const rule of tool.driver.rules) assert.ok(rule.help.text.length > 0 && rule.shortDescription.text.length > 0);
  assert.equal(invocations[0].executionSuccessful, false);
});
