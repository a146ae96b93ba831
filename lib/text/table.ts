/** Columns of text. */

export interface Column {
  readonly title: string;
  /** Numbers are aligned to the right. */
  readonly align: 'left' | 'right';
  /** Columns between this one and the one before it; 2 by default. */
  readonly gap?: number;
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });

/** The head and the rows as lines of equal columns, without trailing spaces. Cells must be escaped already. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): { readonly head: string; readonly rows: readonly string[] } {
  const widths = columns.map((column, index) =>
    rows.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), column.title.length),
  );
  const format = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        const width = widths[index] ?? 0;
        const gap = ' '.repeat(index === 0 ? 0 : (column.gap ?? 2));
        return gap + (column.align === 'right' ? cell.padStart(width) : cell.padEnd(width));
      })
      .join('')
      .trimEnd();
  return { head: format(columns.map((column) => column.title)), rows: rows.map(format) };
}
