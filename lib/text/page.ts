/** The page that text is laid out for: how wide it is, and whether lists are cut. One at a time, as a process has one terminal. */

export interface Page {
  /** Columns of the terminal; without it, 80. */
  readonly columns?: number | undefined;
  /** Lists are printed to their ends. */
  readonly all?: boolean | undefined;
}

/** Text that goes nowhere in particular, mails among it. */
const ORDINARY = 80;
const NARROWEST = 40;
const WIDEST = 200;

let page: Page = {};

export function setPage(next: Page): void {
  page = next;
}

/** Columns, from 40 to 200. */
export function pageWidth(): number {
  return Math.min(Math.max(page.columns ?? ORDINARY, NARROWEST), WIDEST);
}

/** How many of a list to print. */
export function atMost(count: number): number {
  return page.all === true ? Number.POSITIVE_INFINITY : count;
}

/** What `make` makes for that page. */
export function onPage<T>(next: Page, make: () => T): T {
  const before = page;
  page = next;
  try {
    return make();
  } finally {
    page = before;
  }
}
