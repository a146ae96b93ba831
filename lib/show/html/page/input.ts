/** Wheel, pointer and keys. */

import type { Mark } from '../../../timeline/timeline.ts';
import { AXIS, GUTTER } from './rows.ts';
import type { View } from './view.ts';

export interface Actions {
  /** CSS pixels from the corner of the canvas. */
  readonly selectAt: (x: number, y: number) => void;
  readonly step: (by: 1 | -1) => void;
  readonly stepMark: (by: 1 | -1) => void;
  readonly toggleAxis: () => void;
  readonly toggleTheme: () => void;
  readonly search: () => void;
  readonly help: () => void;
  readonly scroll: (by: number) => void;
  readonly clear: () => void;
}

/** A pointer that has moved less (CSS pixels) has clicked. */
const CLICK = 4;
/** Of what is seen, for a second of holding a key. */
const PAN_SPEED = 1.2;
const ZOOM_SPEED = 4;

export function listenToWheel(canvas: HTMLCanvasElement, view: View): void {
  const partOf = (x: number): number => Math.min(1, Math.max(0, (x - GUTTER) / (canvas.clientWidth - GUTTER)));
  canvas.addEventListener(
    'wheel',
    (event) => {
      // Over the names the lanes scroll, as any page.
      if (event.offsetX < GUTTER) return;
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : 1;
      const [x, y] = event.shiftKey ? [event.deltaX + event.deltaY, 0] : [event.deltaX, event.deltaY];
      if (Math.abs(x) > Math.abs(y)) view.pan((x * unit) / (canvas.clientWidth - GUTTER));
      else view.zoom(Math.exp((y * unit) / 400), partOf(event.offsetX));
    },
    { passive: false },
  );
}

export function listenToPointer(canvas: HTMLCanvasElement, view: View, actions: Actions): void {
  let last: { readonly x: number; readonly y: number } | undefined;
  let moved = 0;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    last = { x: event.offsetX, y: event.offsetY };
    moved = 0;
  });
  canvas.addEventListener('pointermove', (event) => {
    if (last === undefined) return;
    const [x, y] = [event.offsetX - last.x, event.offsetY - last.y];
    moved += Math.abs(x) + Math.abs(y);
    last = { x: event.offsetX, y: event.offsetY };
    if (moved < CLICK) return;
    canvas.classList.add('dragging');
    view.pan(-x / (canvas.clientWidth - GUTTER));
    actions.scroll(-y);
  });
  canvas.addEventListener('pointerup', (event) => {
    canvas.classList.remove('dragging');
    if (last !== undefined && moved < CLICK && event.offsetY > AXIS) actions.selectAt(event.offsetX, event.offsetY);
    last = undefined;
  });
  canvas.addEventListener('pointercancel', () => {
    last = undefined;
  });
}

/** Held down: by frame, so that it is as smooth as the screen. */
export function listenToKeys(view: View, actions: Actions): void {
  const held = new Set<string>();
  const once: Readonly<Record<string, () => void>> = {
    f: view.fit,
    0: view.fit,
    Home: () => view.show(0, view.to - view.from),
    End: () => view.show(view.axis.end - (view.to - view.from), view.axis.end),
    n: () => actions.stepMark(1),
    p: () => actions.stepMark(-1),
    ArrowRight: () => actions.step(1),
    ArrowLeft: () => actions.step(-1),
    ArrowDown: () => actions.scroll(40),
    ArrowUp: () => actions.scroll(-40),
    e: actions.toggleAxis,
    t: actions.toggleTheme,
    '/': actions.search,
    '?': actions.help,
    Escape: actions.clear,
  };
  let before = 0;
  const frame = (now: number): void => {
    if (held.size === 0) return;
    const seconds = Math.min(0.05, (now - before) / 1000);
    before = now;
    const direction = (more: string, less: string): number => Number(held.has(more)) - Number(held.has(less));
    const pan = direction('d', 'a');
    const zoom = direction('s', 'w');
    if (pan !== 0) view.pan(pan * PAN_SPEED * seconds);
    if (zoom !== 0) view.zoom(Math.exp(zoom * ZOOM_SPEED * seconds), 0.5);
    requestAnimationFrame(frame);
  };
  window.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ('wasd'.includes(key) && key.length === 1) {
      if (held.size === 0) {
        before = performance.now();
        requestAnimationFrame(frame);
      }
      held.add(key);
    } else if (Object.hasOwn(once, key) && !isControl(event.target, key)) {
      event.preventDefault();
      once[key]?.();
    }
  });
  window.addEventListener('keyup', (event) => held.delete(event.key.toLowerCase()));
  window.addEventListener('blur', () => held.clear());
}

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLInputElement;

/** Tabs move by arrow keys, as they do everywhere. */
function isControl(target: EventTarget | null, key: string): boolean {
  return key.startsWith('Arrow') && target instanceof HTMLElement && target.getAttribute('role') === 'tab';
}

/** The mark after or before the event, or after or before the mark. */
export function nextMark(view: View, by: 1 | -1): Mark | undefined {
  const { marks } = view.data;
  if (view.mark !== undefined) return marks[marks.indexOf(view.mark) + by];
  const at = view.selected ?? -1;
  return by === 1 ? marks.find((mark) => mark.at >= at) : marks.findLast((mark) => mark.at <= at);
}
