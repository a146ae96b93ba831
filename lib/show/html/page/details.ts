/** What is known of the event that is selected: what it is, what it changed, what is wrong there. */

import type { Mark, Value } from '../../../timeline/timeline.ts';
import { element, table } from './dom.ts';
import { colourOf, cpuOf, nameOf } from './marks.ts';
import { formatTime } from './scale.ts';
import { statesAt } from './state.ts';
import type { Data } from './unpack.ts';
import type { View } from './view.ts';

/** "trace.ndjson:12". */
export function placeOf(data: Data, event: number): string {
  return `${data.report.inputs[data.inputs[event] as number]?.name ?? ''}:${data.lines[event]}`;
}

/** Of the trace's own clock, in seconds, as ftrace prints it with all its digits. */
export function timeOf({ times, base }: Data, event: number): string {
  if (times === undefined) return '';
  const ns = BigInt(base) + BigInt(Math.round(times[event] as number));
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')} s`;
}

export function describe(data: Data, event: number): string {
  const cpu = data.cpus[event] as number;
  const kind = data.kinds[data.eventKinds[event] as number]?.name ?? 'event';
  return `${kind}${cpu === 0 ? '' : `, CPU ${cpu - 1}`}, ${placeOf(data, event)}`;
}

export function detailsOf(view: View, go: (event: number) => void): readonly Node[] {
  const { data, selected } = view;
  if (selected === undefined) {
    return [
      element(
        'p',
        { class: 'quiet' },
        'Click on a lane, or press n for the first mark, to see the state before and after an event.',
      ),
    ];
  }
  const kind = data.kinds[data.eventKinds[selected] as number];
  const cpu = data.cpus[selected] as number;
  const time = timeOf(data, selected);
  const since = data.times === undefined ? '' : `+${formatTime(data.times[selected] as number, 1)}`;
  const marks = data.marks.filter(({ at }) => at === selected);
  return [
    element(
      'header',
      {},
      element(
        'h2',
        {},
        kind?.name ?? 'event',
        ...(data.inferred[selected] === 1 ? [' ', element('small', {}, 'inferred')] : []),
      ),
      element('p', { class: 'quiet' }, kind?.doc ?? ''),
      element(
        'p',
        { class: 'place' },
        element('code', {}, placeOf(data, selected)),
        ...[cpu === 0 ? '' : `CPU ${cpu - 1}`, time, since]
          .filter((part) => part !== '')
          .map((part) => element('span', {}, part)),
      ),
    ),
    ...marks.map((mark) => markDetails(data, mark, go)),
    ...transitionsOf(data, selected),
    ...statesAt(data, selected).map(({ title, rows }) =>
      table(
        title,
        [{ title: '' }, { title: 'before' }, { title: 'after' }],
        rows.map(({ name, before, after }) => {
          const changed = before !== after && before?.text !== after?.text;
          return element(
            'tr',
            { class: changed ? 'changed' : '' },
            element('th', { scope: 'row' }, name),
            element('td', {}, textOf(before)),
            element('td', {}, textOf(after), changed ? element('span', { class: 'sr' }, ' (changed)') : ''),
          );
        }),
      ),
    ),
  ];
}

function textOf(value: Value | undefined): string {
  if (value === undefined) return '';
  const isHeld = value.kind === 'host' || value.kind === 'guest' || value.kind === 'neon';
  return isHeld && !value.live ? `${value.text} (saved, or stale)` : value.text;
}

function transitionsOf({ transitions, edges }: Data, event: number): readonly Node[] {
  const here: string[] = [];
  for (let index = transitions.at.indexOf(event); index >= 0 && transitions.at[index] === event; index++) {
    const edge = edges[transitions.edges[index] as number];
    if (edge !== undefined) here.push(`${edge.instance}: ${edge.from} → ${edge.to} (${edge.cause})`);
  }
  return here.map((text) => element('p', { class: 'transition' }, element('b', {}, 'fp_owner '), text));
}

function markDetails(data: Data, mark: Mark, go: (event: number) => void): Node {
  const box = element('section', { class: `mark ${colourOf(mark)}` });
  if (mark.kind === 'lost') {
    box.append(
      element('h3', {}, 'events are missing here'),
      element('p', {}, 'What follows is unknown until an event tells it.'),
    );
    return box;
  }
  if (mark.kind === 'divergence') {
    const { field, observed, predicted, recent } = mark.divergence;
    box.append(
      element('h3', {}, `${field} diverges`),
      element('p', {}, `observed ${observed}, the emulator has ${predicted}`),
      element('ul', {}, ...recent.map((line) => element('li', {}, line))),
    );
    return box;
  }
  const { rule, severity, message, expected, state, source, followed, cause } = mark.violation;
  const reason = data.report.causes.find((one) => one.cause === cause);
  const field = (label: string, ...parts: (Node | string)[]) => [element('dt', {}, label), element('dd', {}, ...parts)];
  const before = Object.entries(state).map(([name, value]) => `${name}=${value}`);
  box.append(
    element('h3', {}, `${rule}: ${severity}`),
    element('p', {}, message),
    element(
      'dl',
      {},
      ...field('in', element('code', {}, source)),
      ...(expected.length > 0 ? field('expected', expected.join('; ')) : []),
      ...(before.length > 0 ? field('before', before.join(' ')) : []),
      ...(followed > 0 ? field('followed', `${followed.toLocaleString('en')} more of the same root`) : []),
      ...(data.rules[rule] === undefined ? [] : field('rule', data.rules[rule])),
      ...(reason === undefined ? [] : field('cause', `${cause}. ${reason.title}`)),
      ...(mark.from.length === 0
        ? []
        : field('led here', ...mark.from.flatMap((event) => [linkTo(data, event, go), element('br')]))),
    ),
  );
  return box;
}

/** A button that goes to the event. */
export function linkTo(data: Data, event: number, go: (event: number) => void): HTMLElement {
  return element('button', { class: 'link', type: 'button', onclick: () => go(event) }, describe(data, event));
}

/** What a screen reader says of a selection. */
export function spoken({ data, selected, mark }: View): string {
  if (selected === undefined) return '';
  const wrong = mark === undefined ? '' : `${nameOf(mark)} on CPU ${cpuOf(mark, data) ?? 'any'}: `;
  const changes = statesAt(data, selected)
    .flatMap(({ rows }) => rows)
    .filter(({ before, after }) => before?.text !== after?.text)
    .map(({ name, before, after }) => `${name} from ${before?.text ?? 'nothing'} to ${after?.text ?? 'nothing'}`);
  return `${wrong}${describe(data, selected)}. ${changes.join(', ') || 'Nothing changes'}`;
}
