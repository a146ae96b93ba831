/** A report as a case: each violation and divergence that it lists is a finding, and how many it does not list. */

import type { Place, Report, Violation } from '../../report/report.ts';
import { formatCount } from '../../text/numbers.ts';
import type { CreateReporter, Style } from '../reporter.ts';
import type { Case, CaseFinding } from './case.ts';

/** `paths`: the inputs as they were given; where there are none, the names that the report has. */
export function caseOfReport(report: Report, paths: readonly string[] = report.inputs.map(({ name }) => name)): Case {
  const pathOf = ({ input }: Pick<Place, 'input'>): string => paths[input] ?? report.inputs[input]?.name ?? '?';
  const violations = report.violations.map(
    (violation): CaseFinding => ({
      severity: violation.severity,
      rule: violation.rule,
      message: messageOf(violation),
      path: pathOf(violation),
      line: violation.line,
      source: violation.source,
    }),
  );
  const divergences = report.observations.diverging.map(
    (divergence): CaseFinding => ({
      severity: 'error',
      rule: 'divergence',
      message: `${divergence.field} is ${divergence.observed} in the kernel, ${divergence.predicted} in the model`,
      path: pathOf(divergence),
      line: divergence.line,
    }),
  );
  const doubts = report.verdict === 'inconclusive' ? report.reasons : [];
  const path = paths[0] ?? '?';
  return {
    name: `${report.model.name} ${report.model.mode}`,
    path,
    outcome: report.verdict,
    reasons: report.reasons,
    findings: [
      ...violations,
      ...divergences,
      ...unlisted(report, path),
      ...doubts.map(
        (message): CaseFinding => ({ severity: 'suspicious', rule: 'inconclusive', message, path, line: 0 }),
      ),
    ],
  };
}

/** What happened, what was expected instead, and what came of it. */
function messageOf({ message, expected, followed }: Violation): string {
  const [first] = expected;
  const wanted = first === undefined ? '' : `; expected ${first}`;
  return `${message}${wanted}${followed === 0 ? '' : ` (${formatCount(followed)} more followed from it)`}`;
}

/** A rule may have been violated more often than the report lists. */
function unlisted(report: Report, path: string): readonly CaseFinding[] {
  return Object.entries(report.violation_counts).flatMap(([rule, { total, listed, followed }]): CaseFinding[] => {
    const more = total - listed - followed;
    if (more <= 0) return [];
    const severity = report.violations.find((violation) => violation.rule === rule)?.severity ?? 'error';
    return [{ severity, rule, message: `${formatCount(more)} more violations, which are not listed`, path, line: 0 }];
  });
}

/** A format of cases as a format of replays. */
export function reportsCase(format: (cases: readonly Case[], style: Style) => string): CreateReporter {
  return (sink, style) => ({
    report: (report) => sink.write(format([caseOfReport(report, style.paths)], style)),
  });
}
