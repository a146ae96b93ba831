import type { Report } from '../../report/report.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import { pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { labelled, show } from '../../text/wrap.ts';

const LONGEST_HINT = 42;

/** What the trace does not tell of: what that left open, and what would show it. */
export function evidenceSection({ records }: Report, paint: Paint): readonly string[] {
  if (records === undefined) return [];
  const { hides } = records;
  const kinds = hides.length === 0 ? 'no kind' : countOf(hides.length, 'kind');
  const heading = labelled(0, 10, 'Evidence', `the trace hides ${kinds} of event`, paint.heading);
  if (hides.length === 0) return heading;
  const { head, rows } = formatTable(
    [left('hidden'), right('checks open'), right('places'), left('shown by')],
    hides.map(({ kind, checks, places, shown_by }) => [
      show(kind),
      formatCount(checks),
      formatCount(places),
      show(shown_by, LONGEST_HINT),
    ]),
  );
  if (Math.max(head.length, ...rows.map((row) => row.length)) + 2 > pageWidth()) {
    const texts = hides.map(
      ({ kind, checks, places, shown_by }) =>
        `${show(kind)}: ${countOf(checks, 'check')} open, ${countOf(places, 'place')}, shown by ${show(shown_by)}`,
    );
    return [...heading, ...texts.flatMap((text) => labelled(2, 2, '', text, paint.quiet))];
  }
  return [...heading, paint.quiet(`  ${head}`), ...rows.map((row) => `  ${row}`)];
}
