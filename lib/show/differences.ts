/** Differences between two reports, for people. */

import { type Difference, SECTIONS } from '../report/differences.ts';
import { whyOther } from '../report/golden.ts';
import type { ComparableReport } from '../report/read.ts';
import { countOf, formatCount } from '../text/numbers.ts';
import { atMost, pageWidth } from '../text/page.ts';
import type { Paint } from '../text/paint.ts';
import { formatTable, left, right } from '../text/table.ts';
import { labelled, show, wrap } from '../text/wrap.ts';

/** Differences shown of each section. */
const MOST = 20;

/** A report and what to call it. */
export interface NamedReport {
  readonly name: string;
  readonly report: ComparableReport;
}

/** The whole text, with a line feed at its end. */
export function formatDifferences(
  before: NamedReport,
  after: NamedReport,
  differences: readonly Difference[],
  paint: Paint,
): string {
  const verdict =
    differences.length === 0
      ? `${paint.good('SAME')}  ${paint.heading('kernel, verdict, violations, transitions and costs agree')}`
      : `${paint.bad('DIFFERENT')}  ${paint.heading(countOf(differences.length, 'difference'))}`;
  const lines = [
    verdict,
    '',
    ...labelled(2, 3, '-', describe(before), paint.bad),
    ...labelled(2, 3, '+', describe(after), paint.good),
    ...(differences.length === 0 ? [] : whyOther(before.report, after.report)).flatMap((text, index) =>
      labelled(2, 9, index === 0 ? 'because' : '', show(text), paint.quiet),
    ),
    ...SECTIONS.flatMap((section) =>
      sectionLines(
        section,
        differences.filter(({ path }) => path[0] === section),
        paint,
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function describe({ name, report }: NamedReport): string {
  return `${show(name)}: ${report.verdict}, ${show(report.model.name)} ${show(report.model.mode)}`;
}

function sectionLines(section: string, differences: readonly Difference[], paint: Paint): readonly string[] {
  if (differences.length === 0) return [];
  const shown = differences.slice(0, atMost(MOST));
  const more = differences.length - shown.length;
  const heading = paint.heading(section.charAt(0).toUpperCase() + section.slice(1));
  const counts = shown.filter(isCount);
  const texts = shown.filter((difference) => !isCount(difference));
  const table = formatTable(
    [left(''), right('before'), right('after'), right('change')],
    counts.map(({ path, before, after }) => [
      path
        .slice(1)
        .map((part) => show(part))
        .join(' '),
      formatCount(before),
      formatCount(after),
      `${after > before ? '+' : '-'}${formatCount(Math.abs(after - before))}`,
    ]),
  );
  return [
    '',
    heading,
    ...(counts.length === 0 ? [] : [paint.quiet(`  ${table.head}`), ...table.rows.map((row) => `  ${row}`)]),
    ...texts.flatMap((difference) => textLines(difference, paint)),
    ...(more > 0 ? [`  ${formatCount(more)} more; --all lists them.`] : []),
  ];
}

/** Where, and under it the old and the new text, of which a violation that is only in one report has one. */
function textLines({ path, before, after }: Difference, paint: Paint): readonly string[] {
  const where = path.slice(1).map((part) => show(part));
  const side = (sign: string, value: string | number | undefined, colour: (text: string) => string) =>
    value === undefined ? [] : labelled(4, 2, sign, show(String(value)), colour);
  return [
    ...wrap(where.join(', '), pageWidth() - 2)
      .filter((line) => line !== '')
      .map((line) => `  ${line}`),
    ...side('-', before, paint.bad),
    ...side('+', after, paint.good),
  ];
}

function isCount(difference: Difference): difference is Difference & { before: number; after: number } {
  return typeof difference.before === 'number' && typeof difference.after === 'number';
}
