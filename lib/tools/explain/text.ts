/** Causes at length. It stands here and not with the reports: it shows what no report has room for. */

import type { Cause, Report } from '../../report/report.ts';
import { causeLines, violationLinesOf } from '../../show/text/causes.ts';
import { formatCount } from '../../text/numbers.ts';
import { atMost } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';

/** Violations shown of a cause. */
const MOST = 20;

export function formatCauses(report: Report, shown: readonly Cause[], paint: Paint): string {
  if (report.causes.length === 0) return 'Nothing is violated, and no observed value diverges.\n';
  const lines = shown.flatMap((cause, index) => {
    const own = report.violations.filter((violation) => violation.cause === cause.cause);
    const more = own.length - atMost(MOST);
    return [
      ...(index === 0 ? [] : ['']),
      ...causeLines(report, cause, paint),
      ...(own.length < 2
        ? []
        : own.slice(0, atMost(MOST)).flatMap((one) => ['', ...violationLinesOf(report, one, paint)])),
      ...(more > 0 ? ['', paint.quiet(`  ${formatCount(more)} more; --all lists them.`)] : []),
    ];
  });
  return `${lines.join('\n')}\n`;
}
