/** The history of one value as text. */

import { formatCount } from '../../text/numbers.ts';
import type { Paint } from '../../text/paint.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { show } from '../../text/wrap.ts';
import type { ValueHistory } from './history.ts';
import { seconds } from './time.ts';

/** Columns of who wrote it. */
const LONGEST = 36;

/** `where`: "trace.ndjson:12". */
export function formatHistory(where: string, history: ValueHistory, paint: Paint): string {
  const { field, of, writes, before, value } = history;
  const table = formatTable(
    [right('line'), right('time'), left('event'), left(''), left('from'), left('to'), left('by')],
    writes.map(({ line, ts, cpu, event, by, from, to }) => [
      String(line),
      ts === undefined ? '' : seconds(ts),
      show(event),
      cpu === undefined ? '' : `cpu ${cpu}`,
      show(from),
      show(to),
      show(by, LONGEST),
    ]),
  );
  return [
    `${paint.name(show(where))}: ${show(field)} of ${show(of)} is ${paint.heading(show(value))}`,
    ...(writes.length === 0 ? ['  and was so from the first event on'] : ['', `  ${paint.heading(table.head)}`]),
    ...(before > 0 ? [paint.quiet(`  ${formatCount(before)} writes before`)] : []),
    ...table.rows.map((row) => `  ${row}`),
    '',
  ].join('\n');
}
