/** A comparison of kernels for people: one screen of 80 columns that says what they do differently and what that costs. */

import { countOf, formatCount } from '../../text/numbers.ts';
import { atMost, pageWidth } from '../../text/page.ts';
import { type Paint, verdictColour } from '../../text/paint.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { show, wrap } from '../../text/wrap.ts';
import { costTables, nameOf, percentOf, signed } from './change-tables.ts';
import type { Comparison } from './compare.ts';
import type { RunDifference } from './differences.ts';

/** Violations that are shown; more are in the JSON. */
const MOST_VIOLATIONS = 8;
const INDENT = 2;

/** The whole text, with a line feed at its end. */
export function formatComparison(comparison: Comparison, paint: Paint): string {
  const sections = [
    [title(comparison, paint)],
    kernelTable(comparison.differences.runs, paint),
    ...costTables(comparison, paint),
    violationLines(comparison, paint),
    noteLines(comparison),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function title({ runs }: Comparison, paint: Paint): string {
  const inputs = runs[0]?.inputs ?? [];
  const events = inputs.reduce((sum, input) => sum + input.events, 0);
  const [first] = inputs;
  const name = first === undefined ? '' : `${show(first.name, 40)}${inputs.length > 1 ? ', ...' : ''}: `;
  return paint.heading(`${name}${countOf(events, 'event')} under ${countOf(runs.length, 'kernel')}`);
}

/** A line for each kernel: what became of the trace, and what it moved beside the first. */
function kernelTable(runs: readonly RunDifference[], paint: Paint): readonly string[] {
  const { head, rows } = formatTable(
    [left('kernel'), left('verdict'), ...['violations', 'transitions', 'bytes', 'difference', ''].map(right)],
    runs.map((run, index) => [
      nameOf(run),
      run.verdict,
      formatCount(run.violations.value),
      formatCount(run.transitions.value),
      formatCount(run.bytes.value),
      ...(index === 0 ? [] : [run.bytes.difference === 0 ? '0' : signed(run.bytes.difference), percentOf(run.bytes)]),
    ]),
  );
  // The verdict is coloured in place: its column is as wide as it is.
  return [
    paint.quiet(head),
    ...rows.map((row, index) => {
      const run = runs[index] as RunDifference;
      const at = row.indexOf(run.verdict, nameOf(run).length);
      const after = at + run.verdict.length;
      return row.slice(0, at) + verdictColour(paint, run.verdict)(run.verdict) + row.slice(after);
    }),
  ];
}

/** Violations that not all kernels have, under the kernels that have them. */
function violationLines({ runs, differences }: Comparison, paint: Paint): readonly string[] {
  const { violations } = differences;
  if (violations.length === 0) return [];
  const shown = violations.slice(0, atMost(MOST_VIOLATIONS));
  const lines = [paint.heading(`${countOf(violations.length, 'violation')} that not all of them have`)];
  let heading = '';
  for (const violation of shown) {
    const names = violation.runs.map((index) => nameOf(differences.runs[index] as RunDifference)).join(', ');
    const under = violation.runs.length === 1 ? `only ${names}` : names;
    if (under !== heading) lines.push(...wrap(under, pageWidth() - INDENT).map((line) => paint.name(`  ${line}`)));
    heading = under;
    const input = (runs[0]?.inputs.length ?? 0) > 1 ? `input ${violation.input} ` : '';
    const place = `${show(violation.rule, 40)} ${input}line ${violation.line}, ${show(violation.event, 40)}`;
    const text = `${place}: ${show(violation.message, 200)}`;
    lines.push(...wrap(text, pageWidth() - 6).map((line, index) => `${' '.repeat(index === 0 ? 4 : 6)}${line}`));
  }
  const more = violations.length - shown.length;
  if (more > 0) lines.push(`  ${formatCount(more)} more; --all lists those that the reports have.`);
  return lines;
}

function noteLines({ differences }: Comparison): readonly string[] {
  const { guest_fp_trap_read_as_use: traps, observe_left_out: observed } = differences;
  return [
    ...(traps === 0
      ? []
      : [
          `${countOf(traps, 'guest FP trap')} of the trace: read as use of FP, of which each kernel decides whether it traps.`,
        ]),
    ...(observed === 0 ? [] : [`${countOf(observed, 'observation')} of the traced kernel: left out.`]),
  ].flatMap((text) => wrap(text, pageWidth()));
}
