import type { Report } from '../../report/report.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import { pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { type Column, formatTable, left, right } from '../../text/table.ts';
import { labelled, show } from '../../text/wrap.ts';

/** Columns a CPU takes at most ("cpu 4095", and seven digits with their comma), its gap included. */
const CPU_COLUMN = 11;
/** What the edge, the total and the column of the other CPUs take. */
const FIXED_COLUMNS = 46;
const mostCpus = (): number => Math.max(Math.floor((pageWidth() - FIXED_COLUMNS) / CPU_COLUMN), 0) + 1;

/** Transitions of fp_owner, by the steps that made them; nothing where there are none. */
export function ownershipInBrief({ transitions }: Report, paint: Paint): readonly string[] {
  const { total, by_cause } = transitions;
  return total === 0 ? [] : headed('FP owner', countOf(total, 'transition'), by_cause, paint);
}

/** Edges of fp_owner by CPU, the steps that made them, and the switches of the debug registers. */
export function ownershipSection(report: Report, paint: Paint): readonly string[] {
  const { transitions, debug } = report;
  const lines: string[] = [];
  if (transitions.total > 0) {
    const { head, rows } = edgeTable(report);
    lines.push(...ownershipInBrief(report, paint), paint.quiet(`  ${head}`), ...rows.map((row) => `  ${row}`));
  }
  if (debug.switches > 0 || Object.keys(debug.by_edge).length > 0) {
    const title = `${formatCount(debug.switches)} ${debug.switches === 1 ? 'switch' : 'switches'}`;
    if (lines.length > 0) lines.push('');
    lines.push(...headed('Debug registers', title, debug.by_edge, paint));
  }
  return lines;
}

function edgeTable(report: Report): { readonly head: string; readonly rows: readonly string[] } {
  const { by_edge, by_cpu } = report.transitions;
  const { shown, others } = chooseCpus(by_cpu);
  const columns: readonly Column[] = [
    left('edge'),
    right('total'),
    ...shown.map((cpu): Column => ({ title: `cpu ${show(cpu)}`, align: 'right' })),
    ...(others.length === 0 ? [] : [{ title: `${formatCount(others.length)} others`, align: 'right' } as const]),
  ];
  const rows = byCount(by_edge).map(([edge, total]) => [
    show(edge),
    formatCount(total),
    ...shown.map((cpu) => formatCount(by_cpu[cpu]?.[edge] ?? 0)),
    ...(others.length === 0 ? [] : [formatCount(others.reduce((sum, cpu) => sum + (by_cpu[cpu]?.[edge] ?? 0), 0))]),
  ]);
  return formatTable(columns, rows);
}

/** The CPUs that fit, the busiest where not all do, in the order of their numbers. */
function chooseCpus(byCpu: Report['transitions']['by_cpu']): { readonly shown: string[]; readonly others: string[] } {
  const busy = Object.entries(byCpu)
    .map(([cpu, edges]) => ({ cpu, total: Object.values(edges).reduce((sum, count) => sum + count, 0) }))
    .sort((a, b) => b.total - a.total || Number(a.cpu) - Number(b.cpu))
    .map(({ cpu }) => cpu);
  // One more than fits beside a column of others is never needed: that column would stand for a single CPU.
  const most = mostCpus();
  const kept = busy.length <= most + 1 ? busy.length : most;
  return { shown: busy.slice(0, kept).sort((a, b) => Number(a) - Number(b)), others: busy.slice(kept) };
}

/** "FP owner  236 transitions: load 117, fp_trap 103", wrapped. */
function headed(
  heading: string,
  title: string,
  counts: Readonly<Record<string, number>>,
  paint: Paint,
): readonly string[] {
  const entries = byCount(counts).filter(([, count]) => count > 0);
  const list = entries.map(([name, count]) => `${show(name)} ${formatCount(count)}`).join(', ');
  return labelled(0, heading.length + 2, heading, list === '' ? title : `${title}: ${list}`, paint.heading);
}

/** Largest first, equal ones by name. */
export function byCount(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
