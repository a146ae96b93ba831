/** A timeline in blocks, as wide as the terminal: for each CPU fp_owner above what the registers hold, violations below. */

import { formatCount } from '../../text/numbers.ts';
import type { Paint } from '../../text/paint.ts';
import type { Strip, StripState } from '../../timeline/strip.ts';

const BLOCKS: Readonly<Record<StripState, string>> = {
  guest: '█',
  host: '▒',
  neon: '▓',
  free: '░',
  unknown: '·',
  none: ' ',
};
const LEGEND: readonly (readonly [StripState, string])[] = [
  ['guest', 'guest'],
  ['host', 'host'],
  ['neon', 'kernel NEON'],
  ['free', 'free, or saved'],
  ['unknown', 'unknown'],
];
const LABELS: Readonly<Record<string, string>> = { fp_owner: 'fp_owner', 'FP registers': 'registers' };
/** "  cpu 4095  registers " */
const LABEL = 21;
const MOST_CPUS = 16;
const [NARROWEST, WIDEST] = [40, 200];

/** Lines, with a heading; none where no CPU is named. `width`: columns of the terminal. */
export function formatTimeline(strip: Strip, width: number, paint: Paint): string {
  const columns = Math.min(WIDEST, Math.max(NARROWEST, width)) - LABEL - 1;
  const { rows, length, unit } = strip.finish(columns);
  if (rows.length === 0) return '';
  const colours: Readonly<Record<StripState, (text: string) => string>> = {
    guest: paint.doubt,
    host: paint.name,
    neon: paint.good,
    free: paint.quiet,
    unknown: paint.quiet,
    none: (text) => text,
  };
  const span = unit === 'ns' ? formatNs(length) : `${formatCount(length)} events`;
  const each = unit === 'ns' ? formatNs(length / columns) : `${(length / columns).toFixed(1)} events`;
  const lines = [`${paint.heading('Timeline')}  ${span}: a column is ${each}`];
  for (const { cpu, lanes, marks } of rows.slice(0, MOST_CPUS)) {
    for (const [index, lane] of lanes.entries()) {
      const label = `  ${(index === 0 ? `cpu ${cpu}` : '').padEnd(9)}${(LABELS[lane.name] ?? '').padEnd(10)}`;
      lines.push(`${label}${painted(lane.columns, colours)}`.trimEnd());
    }
    if (marks.size === 0) continue;
    const blank = ' '.repeat(LABEL);
    const found = Array.from({ length: columns }, (_, column) => (marks.has(column) ? '^' : ' ')).join('');
    lines.push(`${blank}${paint.bad(found.trimEnd())}`);
  }
  const more = rows.length - MOST_CPUS;
  if (more > 0) lines.push(paint.quiet(`  and ${formatCount(more)} more CPUs`));
  const shown = new Set(rows.flatMap(({ lanes }) => lanes.flatMap(({ columns: states }) => states)));
  const legend = LEGEND.filter(([state]) => shown.has(state)).map(([state, name]) => `${BLOCKS[state]} ${name}`);
  const marked = rows.some(({ marks }) => marks.size > 0) ? ['^ violation'] : [];
  lines.push(paint.quiet(`  ${[...legend, ...marked].join('   ')}`));
  return `${lines.join('\n')}\n`;
}

/** Neighbours of one kind are coloured as one. */
function painted(
  states: readonly StripState[],
  colours: Readonly<Record<StripState, (text: string) => string>>,
): string {
  let text = '';
  for (let from = 0; from < states.length; ) {
    const state = states[from] as StripState;
    let to = from;
    while (to < states.length && states[to] === state) to += 1;
    text += colours[state](BLOCKS[state].repeat(to - from));
    from = to;
  }
  return text;
}

function formatNs(ns: number): string {
  const [unit, size] = ns >= 1e9 ? ['s', 1e9] : ns >= 1e6 ? ['ms', 1e6] : ns >= 1e3 ? ['us', 1e3] : ['ns', 1];
  return `${Number((ns / (size as number)).toPrecision(3))} ${unit}`;
}
