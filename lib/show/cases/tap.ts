/** TAP 14, the Test Anything Protocol: https://testanything.org/tap-version-14-specification.html */

import { escapeText } from '../../text/escape.ts';
import { type Case, whereOf } from './case.ts';

const LONGEST = 2000;
const MOST = 100;

export function formatTap(cases: readonly Case[]): string {
  const lines = ['TAP version 14', `1..${cases.length}`, ...cases.flatMap((each, index) => caseLines(each, index + 1))];
  return `${lines.join('\n')}\n`;
}

function caseLines(each: Case, number: number): readonly string[] {
  const { name, path, outcome, reasons, findings } = each;
  const passed = outcome === 'pass' || outcome === 'skip' || outcome === 'inconclusive';
  const directive =
    outcome === 'skip' || outcome === 'inconclusive' ? ` # SKIP ${description(directiveText(each))}` : '';
  const test = `${passed ? '' : 'not '}ok ${number} - ${description(`${whereOf({ path, line: 0 })} ${name}`)}${directive}`;
  if (passed) return [test];
  const found = findings.slice(0, MOST);
  return [
    test,
    '  ---',
    `  message: ${quoted(reasons.join('; '))}`,
    ...(found.length === 0
      ? []
      : [
          '  findings:',
          ...found.map((finding) => `    - ${quoted(`${whereOf(finding)}: ${finding.message} [${finding.rule}]`)}`),
        ]),
    '  ...',
  ];
}

const directiveText = ({ outcome, reasons }: Case): string =>
  outcome === 'inconclusive' ? `inconclusive: ${reasons.join('; ')}` : reasons.join('; ');

/** `#` would begin a directive. */
const description = (text: string): string => escapeText(text, LONGEST).replaceAll('#', '\\#');

/** A YAML string in double quotes, which are those of JSON. */
const quoted = (text: string): string => JSON.stringify(escapeText(text, LONGEST));
