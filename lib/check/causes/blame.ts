/**
 * Which earlier fault a violation comes of. A fault marks the state that it leaves wrong; a later violation that has read
 * such state, unchanged since, has the same cause. One that has read none is the first of a cause of its own, and so are all
 * that would have been first in the same way: one bug on four CPUs is one cause.
 */

import type { Cell, Part, Site } from './site.ts';

/** How many causes are told apart; beyond, what is new counts as of the last. */
const MOST = 1000;
/** State of a CPU that is left wrong is made good by the next load and put that are whole. */
const WINDOWS = 1;

export interface Blame {
  /** The cause of what is wrong at the site, in an event by `Machine.sequence`; by number from 0 in the order of their first violations. */
  of(site: Site, event: number): number;
}

interface Mark {
  readonly version: number;
  readonly cause: number;
}

export function createBlame(): Blame {
  const causes = new Map<string, number>();
  const marks = new WeakMap<object, Partial<Record<Part, Mark>>>();
  /** Of the event under way: part and CPU of what was wrong in it, and why. */
  let here = { event: -1, found: new Map<string, number>() };

  const marked = ({ of, part, version }: Cell): number | undefined => {
    const mark = marks.get(of)?.[part];
    if (mark === undefined) return undefined;
    const isEntity = 'auth' in of;
    return (isEntity ? mark.version === version : version - mark.version <= WINDOWS) ? mark.cause : undefined;
  };

  const founded = (key: string): number => {
    const known = causes.get(key);
    if (known !== undefined) return known;
    if (causes.size >= MOST) return MOST - 1;
    causes.set(key, causes.size);
    return causes.size - 1;
  };

  const reasonOf = ({ reads, parts, cpu, key }: Site): number => {
    for (const part of parts) {
      const now = here.found.get(`${part} ${cpu}`);
      if (now !== undefined) return now;
    }
    for (const cell of reads) {
      const cause = marked(cell);
      if (cause !== undefined) return cause;
    }
    return founded(key);
  };

  return {
    of(site, event) {
      if (here.event !== event) here = { event, found: new Map() };
      const cause = reasonOf(site);
      for (const { of, part, version } of site.leaves) {
        marks.set(of, { ...marks.get(of), [part]: { version, cause } });
        here.found.set(`${part} ${site.cpu}`, cause);
      }
      return cause;
    },
  };
}
