/** Results as text for a terminal, and as Markdown. */

import type { Result } from './cell.ts';

/** One cell: what the replay said, and every primitive of which either side saw any. */
export function cellTable(result: Result): string {
  const seen = result.rows.filter(({ kernel, tool }) => kernel > 0 || tool > 0);
  const rows = seen.map(({ primitive, kernel, tool, where }) => [
    primitive,
    String(kernel),
    String(tool),
    tool === kernel ? 'equal' : signed(tool - kernel),
    tool === kernel ? '' : where.map(([name, count]) => `${name} ${count}`).join(', '),
  ]);
  return [
    `${result.release}, ${result.mode}, workload ${result.workload}: ${result.verdict} as ${result.model}`,
    `${result.checked} values held against the model, ${result.diverged} diverge; violations: ${violations(result)}`,
    ...result.reasons.map((reason) => `- ${reason}`),
    '',
    ...columns([['primitive', 'kernel', 'tool', '', 'where the kernel did it'], ...rows]),
    '',
    ...result.notes.map((note) => `  ${note}`),
  ].join('\n');
}

const violations = (result: Result): string =>
  Object.entries(result.violations)
    .map(([rule, count]) => `${rule} ${count}`)
    .join(', ') || 'none';

const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) =>
        column === 1 || column === 2 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
