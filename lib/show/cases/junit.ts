/**
 * JUnit XML, as Jenkins, GitLab and GitHub readers take it: a suite for each trace, a test case for each kernel. What is
 * inconclusive is skipped, which is what these readers have for a test that tells nothing.
 */

import { escapeText, escapeXml } from '../../text/escape.ts';
import { type Case, type CaseFinding, whereOf } from './case.ts';
import { reportsCase } from './report-case.ts';

/** Findings of a case that are written out; the counts in its message are of all. */
const MOST = 100;
const LONGEST = 2000;

export const createReporter = reportsCase(formatJunit);

export function formatJunit(cases: readonly Case[]): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="worldswitch" ${countsOf(cases)}>`,
    ...[...groupByPath(cases)].flatMap(([path, ofPath]) => [
      `  <testsuite name="${attribute(whereOf({ path, line: 0 }))}" ${countsOf(ofPath)}>`,
      ...ofPath.flatMap(caseLines),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function groupByPath(cases: readonly Case[]): Map<string, Case[]> {
  const groups = new Map<string, Case[]>();
  for (const each of cases) {
    const group = groups.get(each.path);
    if (group === undefined) groups.set(each.path, [each]);
    else group.push(each);
  }
  return groups;
}

function countsOf(cases: readonly Case[]): string {
  const count = (...outcomes: readonly Case['outcome'][]): number =>
    cases.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const skipped = count('skip', 'inconclusive');
  const seconds = cases.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
  return `tests="${cases.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
}

const ELEMENT = { fail: 'failure', error: 'error', inconclusive: 'skipped', skip: 'skipped' } as const;

function caseLines(each: Case): readonly string[] {
  const { name, path, outcome, reasons, findings, seconds = 0 } = each;
  const [first] = findings;
  const line = first === undefined || first.line === 0 ? '' : ` line="${first.line}"`;
  const file = path === '-' ? '' : ` file="${attribute(path)}"${line}`;
  const className = whereOf({ path, line: 0 }).replace(/\.(?:ndjson|jsonl|gz|zst)\b/g, '');
  const start = `<testcase name="${attribute(name)}" classname="${attribute(className)}"${file} time="${seconds.toFixed(3)}"`;
  const text = findings.slice(0, MOST).map(findingLine);
  const more = findings.length > MOST ? [`${findings.length - MOST} more`] : [];
  if (outcome === 'pass') {
    if (findings.length === 0) return [`    ${start}/>`];
    return [
      `    ${start}>`,
      '      <system-out>',
      ...[...text, ...more].map(escapeXml),
      '      </system-out>',
      '    </testcase>',
    ];
  }
  const element = ELEMENT[outcome];
  const message = `message="${attribute([outcome === 'inconclusive' ? 'inconclusive' : '', ...reasons].filter((part) => part !== '').join('; '))}"`;
  const type = outcome === 'fail' || outcome === 'error' ? ` type="${attribute(first?.rule ?? outcome)}"` : '';
  const body = [...text, ...more].map(escapeXml);
  return [
    `    ${start}>`,
    ...(body.length === 0
      ? [`      <${element} ${message}${type}/>`]
      : [`      <${element} ${message}${type}>`, ...body, `      </${element}>`]),
    '    </testcase>',
  ];
}

/** As a compiler's message, which those who read the log can jump to. */
function findingLine(finding: CaseFinding): string {
  return escapeText(`${whereOf(finding)}: ${finding.severity}: ${finding.message} [${finding.rule}]`, LONGEST);
}

const attribute = (text: string): string => escapeXml(escapeText(text, LONGEST));
