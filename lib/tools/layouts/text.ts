/** The three layouts for people: a table with a column for each. */

import { countOf, formatCount } from '../../text/numbers.ts';
import { pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { formatTable, left } from '../../text/table.ts';
import { show, wrap } from '../../text/wrap.ts';
import { LAYOUTS, type LayoutResult, type LayoutsResult } from './result.ts';

const MOST_LOST = 8;

const ROWS: readonly (readonly [string, (layout: LayoutResult) => string])[] = [
  ['conversions', ({ conversions }) => formatCount(conversions)],
  ['bytes read to convert', ({ bytes_read }) => formatCount(bytes_read)],
  ['bytes rewritten', ({ bytes_rewritten }) => formatCount(bytes_rewritten)],
  ['bytes zeroed', ({ bytes_zeroed }) => formatCount(bytes_zeroed)],
  ['context switches', ({ context_switches }) => formatCount(context_switches.count)],
  ['  bytes each', ({ context_switches }) => average(context_switches.bytes_each)],
  ['userspace accesses', ({ userspace_accesses }) => formatCount(userspace_accesses.count)],
  ['  refused', ({ userspace_accesses }) => formatCount(userspace_accesses.refused)],
  ['  bytes each', ({ userspace_accesses }) => average(userspace_accesses.bytes_each)],
  ['orderings that lose data', ({ orderings_that_lose_data }) => formatCount(orderings_that_lose_data)],
];

/** The whole text, with a line feed at its end. */
export function formatLayouts(result: LayoutsResult, paint: Paint): string {
  const { head, rows } = formatTable(
    [left(''), ...LAYOUTS.map(({ title: heading }) => ({ title: heading, align: 'right' as const }))],
    ROWS.map(([label, of]) => [label, ...result.layouts.map(of)]),
  );
  const lines = [
    paint.heading(title(result)),
    '',
    paint.quiet(head),
    ...rows,
    '',
    ...LAYOUTS.flatMap(({ id, summary }) =>
      wrap(summary, pageWidth() - 4).map((line, index) => `${index === 0 ? paint.name(id) : '  '}  ${line}`),
    ),
    ...lostLines(result, paint),
    ...noteLines(result),
  ];
  return `${lines.join('\n')}\n`;
}

function title({ inputs, vcpus }: LayoutsResult): string {
  const events = inputs.reduce((sum, input) => sum + input.events, 0);
  const [first] = inputs;
  const name = first === undefined ? '' : `${show(first.name, 40)}${inputs.length > 1 ? ', ...' : ''}: `;
  return `${name}${countOf(events, 'event')}, ${countOf(vcpus, 'vCPU')}`;
}

function lostLines({ lost, layouts, inputs }: LayoutsResult, paint: Paint): readonly string[] {
  const total = Math.max(...layouts.map(({ orderings_that_lose_data }) => orderings_that_lose_data));
  if (total === 0) return [];
  const shown = lost.slice(0, MOST_LOST);
  return [
    '',
    paint.heading('Lost in L2 and L3'),
    ...shown.flatMap(({ input, line, vm, vcpu, registers, written }) => {
      const where = inputs.length > 1 ? `input ${input} ` : '';
      const what = registers === 'za' ? 'ZA or ZT0' : 'vector registers';
      return wrap(
        `${where}line ${line}: SVCR of vCPU ${vm}/${vcpu} is written after its ${what} (from line ${written} on), and zeroes them`,
        pageWidth() - 4,
      ).map((text, index) => `${' '.repeat(index === 0 ? 2 : 4)}${text}`);
    }),
    ...(total > shown.length ? [`  ${formatCount(total - shown.length)} more`] : []),
  ];
}

function noteLines({ vcpus, vcpus_with_two_formats: two, svcr_unknown: unknown }: LayoutsResult): readonly string[] {
  const notes = [
    ...(two === 0 && vcpus > 0 ? ['No vCPU has SME beside another vector length: all layouts are the same here.'] : []),
    ...(unknown === 0 ? [] : [`${countOf(unknown, 'write')} to SVCR without a value: taken not to change it.`]),
  ];
  return notes.length === 0 ? [] : ['', ...notes.flatMap((note) => wrap(note, pageWidth()))];
}

/** "1,234.5". */
function average(value: number): string {
  const tenths = Math.round((value % 1) * 10);
  return `${formatCount(Math.floor(value))}${tenths === 0 ? '' : `.${tenths}`}`;
}
