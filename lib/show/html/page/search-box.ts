/** The field that is searched with. */

import { byId } from './dom.ts';
import { type Found, search } from './search.ts';
import type { View } from './view.ts';

/** Returns what searches for a text as if it were typed, and goes to what is found next. */
export function listenToSearch(view: View, goTo: (event: number) => void): (text: string) => void {
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
