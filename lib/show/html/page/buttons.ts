/** Buttons and tabs. */

import { byId } from './dom.ts';
import type { Actions } from './input.ts';
import type { View } from './view.ts';

const PANELS = ['causes', 'marks', 'costs', 'help'] as const;

/** Shows that panel. */
export function choose(name: (typeof PANELS)[number]): void {
  for (const panel of PANELS) {
    byId(`tab-${panel}`).setAttribute('aria-selected', String(panel === name));
    byId(`tab-${panel}`).tabIndex = panel === name ? 0 : -1;
    byId(`panel-${panel}`).hidden = panel !== name;
  }
}

export function listenToButtons(view: View, actions: Actions): void {
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
