/** The page: reads the data that stands in it, and puts the parts together. */

import type { Mark } from '../../../timeline/timeline.ts';
import { choose, listenToButtons } from './buttons.ts';
import { detailsOf, spoken } from './details.ts';
import { byId, element } from './dom.ts';
import { type Actions, listenToKeys, listenToPointer, listenToWheel, nextMark } from './input.ts';
import { closeUp, readLink, writeLink } from './link.ts';
import { createOverview } from './overview.ts';
import { createPainter } from './paint.ts';
import { type Palette, readPalette } from './palette.ts';
import { neighbour, pick } from './pick.ts';
import { AXIS, createRows, type Rows } from './rows.ts';
import { listenToSearch } from './search-box.ts';
import { causesOf, costTables, helpOf, legendOf, marksTable } from './tables.ts';
import { type Data, unpack } from './unpack.ts';
import { createView, type View } from './view.ts';

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

start().catch((error: unknown) => {
  byId('message').replaceChildren(element('b', {}, 'This page cannot be shown: '), String(error));
});
