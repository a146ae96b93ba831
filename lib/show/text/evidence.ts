import type { Report } from '../../report/report.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import type { Paint } from '../../text/paint.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { show } from '../../text/wrap.ts';

const LONGEST_HINT = 42;

/** What the trace does not tell of: what that left open, and what would show it. */
export function evidenceSection({ records }: Report, paint: Paint): readonly string[] {
  if (records === undefined) return [];
  const { hides } = records;
  if (hides.length === 0) return [`${paint.heading('Evidence')}  the trace hides no kind of event`];
  const { head, rows } = formatTable(
    [left('hidden'), right('checks open'), right('places'), left('shown by')],
    hides.map(({ kind, checks, places, shown_by }) => [
      show(kind),
      formatCount(checks),
      formatCount(places),
      show(shown_by, LONGEST_HINT),
    ]),
  );
  return [
    `${paint.heading('Evidence')}  the trace hides ${countOf(hides.length, 'kind')} of event`,
    paint.quiet(`  ${head}`),
    ...rows.map((row) => `  ${row}`),
  ];
}
