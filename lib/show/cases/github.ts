/**
 * Workflow commands of GitHub Actions, which it shows beside the lines of the files:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */

import { escapeText } from '../../text/escape.ts';
import { type Case, type CaseFinding, type CaseOutcome, whereOf } from './case.ts';
import { reportsCase } from './report-case.ts';

const LONGEST = 2000;
const COMMAND = { error: 'error', warning: 'warning', suspicious: 'notice' } as const;
const OUTCOME: Readonly<Record<CaseOutcome, string>> = {
  pass: 'notice',
  fail: 'error',
  error: 'error',
  inconclusive: 'warning',
  skip: 'notice',
};

export const createReporter = reportsCase(formatGithub);

/** One for each finding, and for a case without any that is no pass; at the end how many cases came out how. */
export function formatGithub(cases: readonly Case[]): string {
  const lines = cases.flatMap((each) => {
    if (each.findings.length > 0) return each.findings.map((finding) => findingLine(finding, each.name));
    return each.outcome === 'pass' || each.outcome === 'skip' ? [] : [caseLine(each)];
  });
  return `${[...lines, summaryLine(cases)].join('\n')}\n`;
}

function findingLine({ severity, rule, message, path, line }: CaseFinding, name: string): string {
  return command(COMMAND[severity], { ...fileOf(path, line), title: `${rule}, ${name}` }, message);
}

function caseLine({ outcome, path, name, reasons }: Case): string {
  return command(OUTCOME[outcome], { ...fileOf(path, 0), title: name }, reasons.join('; '));
}

function summaryLine(cases: readonly Case[]): string {
  const outcomes = (Object.keys(OUTCOME) as CaseOutcome[]).flatMap((outcome) => {
    const count = cases.filter((each) => each.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  const [only] = cases;
  const what =
    only !== undefined && cases.length === 1 ? `${whereOf({ path: only.path, line: 0 })}, ${only.name}: ` : '';
  return command('notice', { title: 'worldswitch' }, `${what}${outcomes.join(', ') || 'nothing to check'}`);
}

function fileOf(path: string, line: number): Readonly<Record<string, string>> {
  if (path === '-') return {};
  return { file: path, ...(line > 0 && { line: String(line) }) };
}

/** `::error file=a.ndjson,line=3::message`; what would end a property or the line is encoded as the runner decodes it. */
function command(name: string, properties: Readonly<Record<string, string>>, message: string): string {
  const list = Object.entries(properties).map(
    ([key, value]) => `${key}=${encode(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::${name} ${list.join(',')}::${encode(message)}`;
}

const encode = (text: string): string => escapeText(text, LONGEST).replaceAll('%', '%25');
