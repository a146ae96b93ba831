import type { Cost, Report } from '../../report/report.ts';
import { formatCount } from '../../text/numbers.ts';
import { atMost, pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { labelled, show, wrap } from '../../text/wrap.ts';

const LONGEST = 300;
const MOST_REGISTERS = 8;
const MOST_PRIMITIVES = 12;
/** What the machine does; the other primitives are sequences of these. */
const BASIC: readonly string[] = ['sysreg_read', 'sysreg_write', 'isb', 'dsb', 'hvc', 'smstop'];

/** Bytes of all that was saved and loaded; nothing where the trace costs nothing. */
export function costInBrief({ cost }: Report, paint: Paint): readonly string[] {
  const costs = Object.values(cost.total);
  if (!costs.some(isThere)) return [];
  const bytes = costs.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  return labelled(0, 6, 'Cost', `${formatCount(bytes)} bytes of register state moved`, paint.heading);
}

const isThere = ({ count, least }: Cost): boolean => count > 0 || least !== undefined;

/** What the switching cost: primitives, those that move most bytes first, and beside them the busiest registers. */
export function costSection(report: Report, paint: Paint): readonly string[] {
  const primitives = primitiveTable(report);
  if (primitives === undefined) return [];
  const registers = registerTable(report);
  const left = [primitives.head, ...primitives.rows];
  const right = [registers.head, ...registers.rows];
  const width = Math.max(...left.map((line) => line.length));
  const isBeside = width + Math.max(...right.map((line) => line.length)) + 6 <= pageWidth();
  const lines = isBeside
    ? Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
        `  ${(left[index] ?? '').padEnd(width)}    ${right[index] ?? ''}`.trimEnd(),
      )
    : [...left, '', ...right].map((line) => `  ${line}`.trimEnd());
  const [head = '', ...rows] = lines;
  return [...costInBrief(report, paint), paint.quiet(head), ...rows, ...doubtLines(report, paint)];
}

/** "1,953", or "60..1,953" where the trace does not tell everything; ".." where there is no end. */
function intervalOf({ count, least, most }: Cost): string {
  if (least === undefined) return formatCount(count);
  return `${formatCount(least)}..${most === undefined ? '' : formatCount(most)}`;
}

const MOST_DOUBTS = 6;

/** Why there are intervals, and what would settle them. */
function doubtLines({ cost: { doubts = [] } }: Report, paint: Paint): readonly string[] {
  return doubts
    .slice(0, atMost(MOST_DOUBTS))
    .flatMap(({ why, shown_by }) => [
      ...wrap(`${show(why, LONGEST)}.`, pageWidth() - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`),
      ...wrap(`Shown by ${show(shown_by, LONGEST)}.`, pageWidth() - 4).map((line) => paint.quiet(`    ${line}`)),
    ]);
}

type Table = ReturnType<typeof formatTable>;

function primitiveTable(report: Report): Table | undefined {
  const costs = Object.entries(report.cost.total)
    .filter(([, cost]) => isThere(cost))
    .sort(
      ([a, x], [b, y]) =>
        (y.bytes ?? 0) - (x.bytes ?? 0) ||
        Number(BASIC.includes(b)) - Number(BASIC.includes(a)) ||
        y.count - x.count ||
        (a < b ? -1 : 1),
    );
  if (costs.length === 0) return undefined;
  const rest = costs.slice(atMost(MOST_PRIMITIVES));
  const others = rest.reduce((total, [, cost]) => total + cost.count, 0);
  return formatTable(
    [left('primitive'), right('count'), right('bytes')],
    [
      ...costs
        .slice(0, atMost(MOST_PRIMITIVES))
        .map(([name, cost]) => [show(name), intervalOf(cost), cost.bytes === undefined ? '' : formatCount(cost.bytes)]),
      ...(rest.length === 0 ? [] : [[`${formatCount(rest.length)} others`, formatCount(others), '']]),
    ],
  );
}

function registerTable(report: Report): Table {
  const registers = Object.entries(report.cost.sysregs).sort(
    ([a, x], [b, y]) => y.read + y.write - x.read - x.write || (a < b ? -1 : 1),
  );
  if (registers.length === 0) return { head: '', rows: [] };
  const shown = registers.slice(0, atMost(MOST_REGISTERS));
  const rest = registers.slice(atMost(MOST_REGISTERS));
  const sum = (of: (count: { read: number; write: number }) => number) =>
    formatCount(rest.reduce((total, [, count]) => total + of(count), 0));
  return formatTable(
    [left('register'), right('read'), right('written')],
    [
      ...shown.map(([name, { read, write }]) => [show(name), formatCount(read), formatCount(write)]),
      ...(rest.length === 0
        ? []
        : [[`${formatCount(rest.length)} others`, sum(({ read }) => read), sum(({ write }) => write)]]),
    ],
  );
}
