/** Two reports compared in terms of kernel, verdict, violations, transitions and costs. What the inputs are called is ignored. */

import type { ComparableReport } from './read.ts';
import type { Violation } from './report.ts';

/** One value that is not the same. `undefined`: the report has no such thing. */
export interface Difference {
  /** Where in the report: "transitions", "by_edge", "host>guest". Of a violation: "violations", rule, place, field. */
  readonly path: readonly string[];
  readonly before: string | number | undefined;
  readonly after: string | number | undefined;
}

/** The parts that are compared, in the order of what matters most. */
export const SECTIONS = ['model', 'verdict', 'violations', 'transitions', 'debug', 'cost'] as const;

/** Empty where the two agree. In the order of `SECTIONS`; of counts, those of the first report before the new ones. */
export function diffReports(before: ComparableReport, after: ComparableReport): readonly Difference[] {
  return [
    ...diffWords(['model', 'name'], before.model.name, after.model.name),
    ...diffWords(['model', 'mode'], before.model.mode, after.model.mode),
    ...diffWords(['verdict'], before.verdict, after.verdict),
    ...diffCounts(['violations'], before.violation_counts, after.violation_counts),
    ...diffViolations(before.violations, after.violations),
    ...diffCounts(['transitions'], before.transitions, after.transitions),
    ...diffCounts(['debug'], before.debug, after.debug),
    ...diffCounts(['cost'], before.cost, after.cost),
  ];
}

function diffWords(path: readonly string[], before: string, after: string): readonly Difference[] {
  return before === after ? [] : [{ path, before, after }];
}

/** Trees of counts compared leaf by leaf; a leaf that one of them lacks is 0 there. */
function diffCounts(path: readonly string[], before: object, after: object): readonly Difference[] {
  const left = flatten(before);
  const right = flatten(after);
  const keys = new Set([...left.keys(), ...right.keys()]);
  return [...keys].flatMap((key) => {
    const [a, b] = [left.get(key)?.count ?? 0, right.get(key)?.count ?? 0];
    if (a === b) return [];
    return [{ path: [...path, ...((left.get(key) ?? right.get(key))?.path ?? [])], before: a, after: b }];
  });
}

interface Leaf {
  readonly path: readonly string[];
  readonly count: number;
}

/** Levels of the deepest tree of counts in a report: vCPU, primitive, bytes. What a file has below is not of a report. */
const LEVELS = 4;

/** The leaves by their path. Keys may hold any character, so a path is identified by its JSON. */
function flatten(tree: object, path: readonly string[] = [], into = new Map<string, Leaf>()): Map<string, Leaf> {
  for (const [key, value] of Object.entries(tree)) {
    const here = [...path, key];
    if (typeof value === 'number') into.set(JSON.stringify(here), { path: here, count: value });
    else if (typeof value === 'object' && value !== null && here.length < LEVELS) flatten(value, here, into);
  }
  return into;
}

/** Violations matched by rule and place; those that are in both are compared field by field. */
function diffViolations(before: readonly Violation[], after: readonly Violation[]): readonly Difference[] {
  const left = byPlace(before);
  const right = byPlace(after);
  const keys = new Set([...left.keys(), ...right.keys()]);
  return [...keys].flatMap((key): readonly Difference[] => {
    const [a, b] = [left.get(key), right.get(key)];
    const path = ['violations', ...pathOf((a ?? b) as Violation)];
    if (a === undefined || b === undefined) return [{ path, before: a?.message, after: b?.message }];
    return FIELDS.map((field) => ({
      path: [...path, field],
      before: fieldOf(a, field),
      after: fieldOf(b, field),
    })).filter((difference) => difference.before !== difference.after);
  });
}

const FIELDS = ['severity', 'message', 'expected', 'state', 'source', 'followed'] as const;

function fieldOf(violation: Violation, field: (typeof FIELDS)[number]): string | number {
  const value = violation[field];
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

/** By rule, place, and which of those with the same rule and place it is. */
function byPlace(violations: readonly Violation[]): ReadonlyMap<string, Violation> {
  const result = new Map<string, Violation>();
  const seen = new Map<string, number>();
  for (const violation of violations) {
    const path = JSON.stringify(pathOf(violation));
    const index = seen.get(path) ?? 0;
    seen.set(path, index + 1);
    result.set(`${path} ${index}`, violation);
  }
  return result;
}

/** The rule, and "line 5, guest_fp_trap, cpu 0, vcpu 1/0". */
function pathOf({ rule, input, line, event, cpu, vm, vcpu }: Violation): readonly string[] {
  const place = [input === 0 ? `line ${line}` : `input ${input} line ${line}`, event];
  if (cpu !== undefined) place.push(`cpu ${cpu}`);
  if (vcpu !== undefined) place.push(`vcpu ${vm ?? 0}/${vcpu}`);
  return [rule, place.join(', ')];
}
