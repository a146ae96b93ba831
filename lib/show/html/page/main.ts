/** The page: reads the data that stands in it, and puts the parts together. */

import type { Mark } from '../../../timeline/timeline.ts';
import { detailsOf, spoken } from './details.ts';
import { byId, element } from './dom.ts';
import { type Actions, listenToKeys, listenToPointer, listenToWheel, nextMark } from './input.ts';
import { closeUp, readLink, writeLink } from './link.ts';
import { createOverview } from './overview.ts';
import { createPainter } from './paint.ts';
import { type Palette, readPalette } from './palette.ts';
import { AXIS, createRows, GUTTER, type Rows } from './rows.ts';
import { type Found, search } from './search.ts';
import { causesOf, costTables, helpOf, legendOf, marksTable } from './tables.ts';
import { type Data, unpack } from './unpack.ts';
import { createView, eventAt, type View } from './view.ts';

async function start(): Promise<void> {
  const data = await unpack(byId('data').textContent ?? '');
  byId('data').remove();
  fillHeader(data);
  if (data.count === 0) {
    byId('message').textContent = 'The trace has no events.';
    return;
  }
  const view = createView(data);
  open(view);
  byId('message').remove();
}

function fillHeader({ report, count, left }: Data): void {
  const { verdict, model, inputs, reasons } = report;
  document.title = `${inputs[0]?.name ?? 'trace'}: ${verdict}`;
  byId('verdict').textContent = verdict;
  byId('verdict').className = verdict;
  byId('verdict').title = reasons.join('\n');
  byId('name').textContent = inputs.map(({ name }) => name).join(', ');
  const more = left.vcpus === 0 ? '' : `, ${left.vcpus.toLocaleString('en')} vCPUs not drawn`;
  byId('about').textContent = `${model.name}, ${model.mode}, ${count.toLocaleString('en')} events${more}`;
  byId('legend').append(...legendOf());
}

function open(view: View): void {
  const { data } = view;
  const canvas = byId<HTMLCanvasElement>('lanes');
  const scroller = byId('scroller');
  const painter = createPainter(canvas);
  const overview = createOverview(byId<HTMLCanvasElement>('overview'), view);
  let palette: Palette = readPalette(data.values);
  let rows: Rows = createRows(data, view.axis, palette);
  let asked = false;

  const layOut = (): void => {
    rows = createRows(data, view.axis, palette);
    byId('spacer').style.height = `${Math.max(0, rows.height + AXIS - canvas.clientHeight)}px`;
  };
  const paint = (): void => {
    asked = false;
    overview.paint(view, rows, palette);
    painter.paint(view, rows, palette, scroller.scrollTop);
  };
  const ask = (): void => {
    if (!asked) requestAnimationFrame(paint);
    asked = true;
  };
  let linking: ReturnType<typeof setTimeout> | undefined;
  const link = (): void => {
    clearTimeout(linking);
    linking = setTimeout(() => writeLink(view), 250);
  };
  const recolour = (): void => {
    palette = readPalette(data.values);
    layOut();
    paint();
  };

  const goTo = (event: number, mark?: Mark): void => {
    view.select(event, mark ?? data.marks.find(({ at }) => at === event));
    closeUp(view, event);
    scrollTo(event);
  };
  const scrollTo = (event: number): void => {
    const cpu = (data.cpus[event] as number) - 1;
    const row = rows.list.find(({ subject }) => subject.kind === 'cpu' && subject.cpu === cpu);
    if (row === undefined) return;
    const hidden = row.top < scroller.scrollTop || row.top + 120 > scroller.scrollTop + canvas.clientHeight;
    if (hidden) scroller.scrollTop = row.top - 20;
  };

  view.onChange((what) => {
    if (what === 'axis') {
      layOut();
      byId('axis').textContent = view.axis.name === 'time' ? 'Time' : 'Events';
    }
    if (what === 'selection') {
      byId('details').replaceChildren(...detailsOf(view, goTo));
      byId('details').scrollTop = 0;
      byId('spoken').textContent = spoken(view);
      for (const row of document.querySelectorAll<HTMLElement>('[data-mark]')) {
        row.classList.toggle('selected', view.mark !== undefined && data.marks[Number(row.dataset.mark)] === view.mark);
      }
    }
    link();
    ask();
  });

  const actions: Actions = {
    selectAt: (x, y) => {
      const event = pick(view, rows, { x, y: y + scroller.scrollTop - AXIS }, canvas.clientWidth);
      if (event === undefined) return;
      view.select(
        event,
        data.marks.find(({ at }) => at === event),
      );
    },
    step: (by) => {
      const event = neighbour(view, by);
      if (event === undefined) return;
      view.select(
        event,
        data.marks.find(({ at }) => at === event),
      );
      view.reveal(event);
    },
    stepMark: (by) => {
      const mark = nextMark(view, by);
      if (mark !== undefined) goTo(mark.at, mark);
    },
    toggleAxis: () => view.setAxis(view.axis.name === 'time' ? 'events' : 'time'),
    toggleTheme: () => {
      const { dataset } = document.documentElement;
      const now = dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
      dataset.theme = now === 'dark' ? 'light' : 'dark';
      recolour();
    },
    search: () => byId<HTMLInputElement>('search').focus(),
    help: () => choose('help'),
    scroll: (by) => {
      scroller.scrollTop += by;
    },
    clear: () => view.select(undefined),
  };
  listenToWheel(canvas, view);
  listenToPointer(canvas, view, actions);
  listenToKeys(view, actions);
  const find = listenToSearch(view, goTo);
  listenToButtons(view, actions);
  scroller.addEventListener('scroll', ask);
  window.addEventListener('resize', () => {
    layOut();
    ask();
  });
  window.addEventListener('hashchange', () => readLink(view));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour);
  matchMedia('print').addEventListener('change', recolour);

  byId('panel-marks').replaceChildren(...marksTable(data, (mark) => goTo(mark.at, mark)));
  byId('panel-causes').replaceChildren(...causesOf(data, goTo));
  byId('panel-costs').replaceChildren(...costTables(data, find));
  byId('panel-help').replaceChildren(...helpOf());
  byId('details').replaceChildren(...detailsOf(view, goTo));
  byId<HTMLButtonElement>('axis').disabled = data.times === undefined;
  byId('axis').textContent = view.axis.name === 'time' ? 'Time' : 'Events';
  byId('count').textContent = data.marks.length.toLocaleString('en');
  byId('cause-count').textContent = data.report.causes.length.toLocaleString('en');
  choose(data.report.causes.length > 0 || data.marks.length === 0 ? 'causes' : 'marks');
  layOut();
  readLink(view);
  paint();
  document.documentElement.dataset.ready = 'true';
}

/** The event at that place: of the CPU of the lane, where it is a lane of a CPU. */
function pick(
  view: View,
  rows: Rows,
  at: { readonly x: number; readonly y: number },
  width: number,
): number | undefined {
  const { data, axis } = view;
  if (at.x < GUTTER) return undefined;
  const position = view.from + ((at.x - GUTTER) / (width - GUTTER)) * (view.to - view.from);
  const subject = rows.list.findLast(({ top }) => top <= at.y)?.subject;
  const near = data.marks.find((mark) => {
    const x = GUTTER + (((axis.positions[mark.at] as number) - view.from) / (view.to - view.from)) * (width - GUTTER);
    return Math.abs(x - at.x) < 6 && (subject?.kind !== 'cpu' || (data.cpus[mark.at] as number) === subject.cpu + 1);
  });
  if (near !== undefined) return near.at;
  let event = eventAt(axis, position);
  if (subject?.kind !== 'cpu') return event;
  const last = event;
  while (event >= 0 && data.cpus[event] !== subject.cpu + 1) event -= 1;
  return event >= 0 ? event : last;
}

/** The next event of the same CPU; the first that is seen where none is selected. */
function neighbour({ data, axis, from, selected }: View, by: 1 | -1): number | undefined {
  if (selected === undefined) return eventAt(axis, from);
  const cpu = data.cpus[selected];
  for (let event = selected + by; event >= 0 && event < data.count; event += by) {
    if (cpu === 0 || data.cpus[event] === cpu) return event;
  }
  return undefined;
}

/** Returns what searches for a text as if it were typed, and goes to what is found next. */
function listenToSearch(view: View, goTo: (event: number) => void): (text: string) => void {
  const input = byId<HTMLInputElement>('search');
  const told = byId('found');
  let found: Found | undefined;
  let index = -1;
  const look = (): void => {
    found = search(view.data, input.value);
    index = -1;
    const count = found?.events.length ?? 0;
    told.textContent = input.value === '' ? '' : count === 0 ? 'nothing' : `${count.toLocaleString('en')}`;
  };
  const step = (by: 1 | -1): void => {
    if (found === undefined || found.events.length === 0) return;
    const { length } = found.events;
    index = (index + by + length) % length;
    told.textContent = `${(index + 1).toLocaleString('en')} of ${length.toLocaleString('en')}: ${found.what}`;
    goTo(found.events[index] as number);
  };
  input.addEventListener('input', look);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') input.blur();
    if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
  });
  return (text) => {
    // The same again goes on to the next.
    if (input.value !== text) {
      input.value = text;
      look();
    }
    step(1);
  };
}

const PANELS = ['causes', 'marks', 'costs', 'help'] as const;

function choose(name: (typeof PANELS)[number]): void {
  for (const panel of PANELS) {
    byId(`tab-${panel}`).setAttribute('aria-selected', String(panel === name));
    byId(`tab-${panel}`).tabIndex = panel === name ? 0 : -1;
    byId(`panel-${panel}`).hidden = panel !== name;
  }
}

function listenToButtons(view: View, actions: Actions): void {
  byId('fit').addEventListener('click', view.fit);
  byId('axis').addEventListener('click', actions.toggleAxis);
  byId('theme').addEventListener('click', actions.toggleTheme);
  byId('previous').addEventListener('click', () => actions.stepMark(-1));
  byId('next').addEventListener('click', () => actions.stepMark(1));
  for (const [index, panel] of PANELS.entries()) {
    const tab = byId(`tab-${panel}`);
    tab.addEventListener('click', () => choose(panel));
    tab.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by === undefined) return;
      const next = PANELS[(index + by + PANELS.length) % PANELS.length] as (typeof PANELS)[number];
      choose(next);
      byId(`tab-${next}`).focus();
    });
  }
}

start().catch((error: unknown) => {
  byId('message').replaceChildren(element('b', {}, 'This page cannot be shown: '), String(error));
});
