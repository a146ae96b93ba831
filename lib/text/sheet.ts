/** Tables of numbers as text, Markdown and CSV: as wide as the page, the 72 columns of a mail, and one number a line. */

import { formatAmount } from './numbers.ts';
import { pageWidth } from './page.ts';
import type { Paint } from './paint.ts';
import { type Column, formatTable } from './table.ts';
import { show } from './wrap.ts';

export interface Sheet {
  readonly title: string;
  readonly head: readonly string[];
  /** Numbers, but for the first cell. */
  readonly rows: readonly (readonly [string, ...number[]])[];
}

/** Widest line of a mail. */
export const MAIL = 72;

/** As many tables as are needed for none to be wider than the page, with an empty line before each. */
export function sheetText({ head, rows }: Sheet, paint: Paint): readonly string[] {
  const digits = digitsOf(rows);
  const cells = rows.map(([name, ...amounts]) => [
    show(name),
    ...amounts.map((amount, at) => formatAmount(amount, digits[at])),
  ]);
  return partsOf(widthsOf([head, ...cells]), 2, pageWidth()).flatMap((columns) => {
    const table = formatTable(
      columns.map((at): Column => ({ title: head[at] ?? '', align: at === 0 ? 'left' : 'right' })),
      cells.map((row) => columns.map((at) => row[at] ?? '')),
    );
    return ['', paint.quiet(table.head), ...table.rows];
  });
}

/** Columns of one width, so that it can be read in a mail as it is; a table that is too wide for one is several. */
export function sheetMarkdown({ head, rows }: Sheet): readonly string[] {
  const digits = digitsOf(rows);
  const cells = [
    [...head],
    ...rows.map(([name, ...amounts]) => [
      show(name).replaceAll('|', '\\|'),
      ...amounts.map((amount, at) => amount.toFixed(digits[at])),
    ]),
  ];
  const widths = widthsOf(cells).map((width) => Math.max(3, width));
  return partsOf(widths, 3, MAIL - 4).map((columns) => {
    const line = (row: readonly string[]): string => `| ${columns.map((at) => cellOf(row, at, widths)).join(' | ')} |`;
    const rules = columns.map((at) =>
      at === 0 ? `:${'-'.repeat((widths[at] ?? 0) + 1)}` : `${'-'.repeat((widths[at] ?? 0) + 1)}:`,
    );
    const [first = [], ...others] = cells;
    return [line(first), `|${rules.join('|')}|`, ...others.map(line)].join('\n');
  });
}

/** RFC 4180, with a line feed: one table of all, long, so that it loads into anything. */
export function sheetsCsv(sheets: readonly Sheet[]): string {
  const rows = sheets.flatMap(({ title, head, rows }) =>
    rows.flatMap(([name, ...amounts]) =>
      amounts.map((amount, at) => [title, name, head[at + 1] ?? '', amount.toFixed(digitsOf(rows)[at])]),
    ),
  );
  return `${[['table', 'row', 'column', 'value'], ...rows].map((row) => row.map(csvCell).join(',')).join('\n')}\n`;
}

/** Digits behind the point, of each column of numbers: none, or two where one of its numbers is no integer. */
function digitsOf(rows: Sheet['rows']): readonly number[] {
  return (rows[0] ?? []).slice(1).map((_, at) => (rows.every((row) => Number.isInteger(row[at + 1])) ? 0 : 2));
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function widthsOf(cells: readonly (readonly string[])[]): readonly number[] {
  return (cells[0] ?? []).map((_title, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
}

/** Columns in as many tables as are needed for none to be wider than `most`; each begins with the first column. */
function partsOf(widths: readonly number[], gap: number, most: number): readonly (readonly number[])[] {
  const [first = 0] = widths;
  const parts: number[][] = [];
  let wide = most;
  for (let at = 1; at < widths.length; at++) {
    const width = (widths[at] ?? 0) + gap;
    if (wide + width > most) {
      parts.push([0]);
      wide = first;
    }
    parts.at(-1)?.push(at);
    wide += width;
  }
  return parts;
}

function cellOf(row: readonly string[], at: number, widths: readonly number[]): string {
  const [cell = '', width = 0] = [row[at], widths[at]];
  return at === 0 ? cell.padEnd(width) : cell.padStart(width);
}
