/** A report held against the one that is expected: first what the two are of, then every value that is not the same. */

import { type Difference, diffReports } from './differences.ts';
import { readReport } from './read.ts';
import type { Report } from './report.ts';

export interface GoldenComparison {
  /** Why they may differ at all, in words (unescaped): they are of two kernels, two traces, two filters, two formats. */
  readonly why: readonly string[];
  /** Every value that is not the same; what inputs are called is ignored. */
  readonly differences: readonly Difference[];
}

/** What comparisons of two reports compare by place and rule; the rest is compared value by value. */
const COMPARED: ReadonlySet<string> = new Set([
  ...['verdict', 'violations', 'violation_counts', 'transitions', 'debug', 'cost'],
  // What they are of is said in words.
  ...['format', 'model', 'filter'],
]);

/** Undefined where the two are the same in all; a string, in words, where `text` is no report. */
export function compareWithGolden(text: string, report: Report): GoldenComparison | string | undefined {
  const golden = readReport(text);
  if (typeof golden === 'string') return golden;
  const plain: unknown = JSON.parse(JSON.stringify(report));
  if (JSON.stringify(golden) === JSON.stringify(plain)) return undefined;
  const why = whyOther(golden, plain as Report);
  const compared = diffReports(golden, report);
  // Of violations that are in both, those comparisons leave out what says nothing of the kernel, such as the time.
  const same = !compared.some(({ path }) => path[0] === 'violations');
  const violations = same ? diffValues(golden.violations, (plain as Report).violations, ['violations']) : [];
  const differences = [...compared, ...violations, ...diffValues(rest(golden), rest(plain as object), [])];
  return why.length + differences.length === 0 ? undefined : { why, differences };
}

/** What two reports are of where that is not the same: in words, unescaped. */
export function whyOther(before: object, after: object): readonly string[] {
  const [a, b] = [before as Partial<Report>, after as Partial<Report>];
  const why: string[] = [];
  const tell = (what: string, of: (report: Partial<Report>) => string): void => {
    if (of(a) !== of(b)) why.push(`other ${what}: ${of(a)} before, ${of(b)} now`);
  };
  tell('format', ({ format }) => `format ${format}`);
  tell('model', ({ model }) => `${model?.name} ${model?.mode}`);
  tell('filters', (report) => filterOf(report));
  tell('trace', ({ inputs }) => sizeOf(inputs));
  return why;
}

function filterOf(report: object): string {
  return 'filter' in report ? JSON.stringify(report.filter) : 'none';
}

function sizeOf(inputs: unknown): string {
  if (!Array.isArray(inputs)) return 'of unknown size';
  return inputs.map((input) => `${Object(input).lines} lines, ${Object(input).events} events`).join('; ');
}

function rest(report: object): object {
  const entries = Object.entries(report).filter(([key]) => !COMPARED.has(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'inputs' ? withoutNames(value) : value]));
}

function withoutNames(inputs: unknown): unknown {
  if (!Array.isArray(inputs)) return inputs;
  return inputs.map((input) => ({ ...Object(input), name: '' }));
}

/** Deepest that values are told apart by; what a file has below is one value. */
const LEVELS = 16;

/** Trees of any values, leaf by leaf; what one of them does not have is undefined there. */
function diffValues(before: unknown, after: unknown, path: readonly string[]): readonly Difference[] {
  const trees = [before, after].filter((value) => value !== undefined);
  const keys = new Set(trees.every(isTree) ? trees.flatMap((tree) => Object.keys(tree)) : []);
  if (keys.size > 0 && path.length < LEVELS) {
    return [...keys].flatMap((key) => diffValues(valueAt(before, key), valueAt(after, key), [...path, key]));
  }
  const [a, b] = [leafOf(before), leafOf(after)];
  return a === b ? [] : [{ path, before: a, after: b }];
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function valueAt(tree: unknown, key: string): unknown {
  return isTree(tree) && Object.hasOwn(tree, key) ? (tree as Record<string, unknown>)[key] : undefined;
}

function leafOf(value: unknown): string | number | undefined {
  if (value === undefined || typeof value === 'number' || typeof value === 'string') return value;
  return JSON.stringify(value);
}
