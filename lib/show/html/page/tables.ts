/** The tables beside the picture: what is wrong, what the switching cost, and how the page is used. */

import type { Mark } from '../../../timeline/timeline.ts';
import { placeOf } from './details.ts';
import { element, table } from './dom.ts';
import { colourOf, cpuOf, nameOf } from './marks.ts';
import type { Data } from './unpack.ts';

/** Rows that are made at once: more would take long, and nobody reads them. */
const MOST = 500;

export function marksTable(data: Data, go: (mark: Mark) => void): readonly Node[] {
  const { marks } = data;
  if (marks.length === 0) return [element('p', { class: 'quiet' }, 'No violation, no divergence, nothing lost.')];
  const rows = marks.slice(0, MOST).map((mark, index) => {
    const what = element('button', { class: 'link', type: 'button', onclick: () => go(mark) }, nameOf(mark));
    const where = data.report.inputs.length === 1 ? `${data.lines[mark.at]}` : placeOf(data, mark.at);
    const cells = [what, where, `${cpuOf(mark, data) ?? ''}`, messageOf(mark)];
    const row = element('tr', { 'data-mark': index }, ...cells.map((cell) => element('td', {}, cell)));
    row.firstElementChild?.classList.add(colourOf(mark));
    return row;
  });
  const more = marks.length - rows.length + data.left.marks;
  const heads = [
    { title: 'what' },
    { title: data.report.inputs.length === 1 ? 'line' : 'where' },
    { title: 'CPU' },
    { title: 'message' },
  ];
  return [
    table('Violations, divergences, losses', heads, rows),
    ...(more > 0 ? [element('p', { class: 'quiet' }, `${more.toLocaleString('en')} more are in the report.`)] : []),
  ];
}

function messageOf(mark: Mark): string {
  if (mark.kind === 'lost') return 'events are missing';
  if (mark.kind === 'divergence')
    return `observed ${mark.divergence.observed}, the emulator has ${mark.divergence.predicted}`;
  const { message, followed } = mark.violation;
  return followed > 0 ? `${message} (${followed.toLocaleString('en')} more followed)` : message;
}

/** Each cause as the steps that lead from it to what it does, and what that was. */
export function causesOf(data: Data, go: (event: number) => void): readonly Node[] {
  const { causes } = data.report;
  if (causes.length === 0) return [element('p', { class: 'quiet' }, 'Nothing went wrong that has a cause.')];
  return causes.slice(0, MOST).map(({ cause, title, entity, severity, steps, consequences }, index) => {
    const list = steps.map(({ line, source, verb, text }, step) => {
      const event = data.causes[index]?.[step] ?? -1;
      const where = `line ${line}`;
      return element(
        'li',
        {},
        event < 0 ? where : element('button', { class: 'link', type: 'button', onclick: () => go(event) }, where),
        ` ${verb} ${text}`,
        ...(source === '' ? [] : [' ', element('code', {}, source)]),
      );
    });
    const counts = Object.entries(consequences).map(([rule, count]) => `${rule} ${count.toLocaleString('en')}`);
    return element(
      'section',
      { class: `mark ${severity === 'error' ? 'error' : 'warning'}` },
      element('h3', {}, `${cause}. ${title}`),
      element('p', { class: 'quiet' }, entity),
      element('ol', {}, ...list),
      element('p', {}, element('span', { class: 'quiet' }, 'led to '), counts.join(', ')),
    );
  });
}

type Costs = Data['report']['cost']['total'];

/** `find`: searches for an event, a CPU, a vCPU, as if it were typed. */
export function costTables({ report }: Data, find: (text: string) => void): readonly Node[] {
  const { total, by_event: byEvent, by_cpu: byCpu, by_vcpu: byVcpu } = report.cost;
  const row = (name: Node | string, count: number, bytes: number): HTMLTableRowElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', { class: 'number' }, count),
      element('td', { class: 'number' }, bytes === 0 ? '' : bytes),
    );
  const heads = (title: string) => [{ title }, { title: 'count', number: true }, { title: 'bytes', number: true }];
  const linked = (title: string, costs: Readonly<Record<string, Costs>>, prefix: string): Node[] => {
    const entries = Object.entries(costs).slice(0, MOST);
    if (entries.length === 0) return [];
    const rows = entries.map(([name, primitives]) => {
      const { count, bytes } = sumOf(primitives);
      const text = `${prefix}${name}`;
      return row(element('button', { class: 'link', type: 'button', onclick: () => find(text) }, text), count, bytes);
    });
    return [table(`Cost by ${title}`, heads(title), rows)];
  };
  const ordered = Object.entries(total).sort(([, a], [, b]) => (b.bytes ?? 0) - (a.bytes ?? 0) || b.count - a.count);
  return [
    table(
      'Cost of the whole trace',
      heads('primitive'),
      ordered.map(([name, { count, bytes = 0 }]) => row(name, count, bytes)),
    ),
    ...linked('event', byEvent, ''),
    ...linked('vCPU', byVcpu, 'vcpu '),
    ...linked('CPU', byCpu, 'cpu '),
  ];
}

function sumOf(costs: Costs): { readonly count: number; readonly bytes: number } {
  const all = Object.values(costs);
  return {
    count: all.reduce((count, cost) => count + cost.count, 0),
    bytes: all.reduce((bytes, cost) => bytes + (cost.bytes ?? 0), 0),
  };
}

const KEYS: readonly (readonly [string, string])[] = [
  ['W S', 'zoom in and out; so does the wheel'],
  ['A D', 'left and right; so do dragging and Shift with the wheel'],
  ['F', 'all of the trace'],
  ['Home End', 'to its beginning, its end'],
  ['← →', 'the event before, the event after, on the same CPU'],
  ['↑ ↓', 'scroll the lanes; so does the wheel over their names'],
  ['N P', 'the next mark, the one before'],
  ['E', 'the axis tells time, or the number of the event'],
  ['/', 'search: FP-07, vcpu 0/1, task 41, cpu 2, guest_exit, 300'],
  ['T', 'light or dark'],
  ['Esc', 'select nothing'],
  ['?', 'this'],
];

const LEGEND: readonly (readonly [string, string])[] = [
  ['host', 'the host: a task, its registers'],
  ['host-left', 'still there, but saved as well, or out of date'],
  ['guest-0', 'a guest: a vCPU, its registers; each vCPU in a shade of its own'],
  ['neon', 'kernel-mode NEON'],
  ['free', 'free: nobody owns the registers'],
  ['unknown', 'unknown: the trace does not tell'],
];

export function helpOf(): readonly Node[] {
  return [
    table(
      'Keys',
      [{ title: 'key' }, { title: 'what it does' }],
      KEYS.map(([keys, what]) =>
        element(
          'tr',
          {},
          element('td', {}, ...keys.split(' ').flatMap((key) => [element('kbd', {}, key), ' '])),
          element('td', {}, what),
        ),
      ),
    ),
    table(
      'Reading it',
      [{ title: 'colour' }, { title: 'what it is' }],
      [
        ...LEGEND.map(([name, what]) =>
          element('tr', {}, element('td', {}, element('i', { class: `swatch ${name}` })), element('td', {}, what)),
        ),
        element(
          'tr',
          {},
          element('td', {}, '▼'),
          element('td', {}, 'a violation (hollow: a warning); ◆ a divergence; ▮ events lost'),
        ),
      ],
    ),
    element(
      'p',
      { class: 'quiet' },
      'fp_owner is what the kernel believes, FP registers what the silicon holds: where the two lanes differ in colour while a guest or a task runs, look closer. A column that stands for many events shows their shares of the time.',
    ),
  ];
}

export function legendOf(): readonly Node[] {
  return LEGEND.map(([name, what]) =>
    element('span', {}, element('i', { class: `swatch ${name}` }), what.replace(/[:,;].*/, '')),
  );
}
