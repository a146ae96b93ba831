/** Reads a report that was written earlier, as far as two reports are compared. */

import type { Report } from './report.ts';

/** The parts of a report in terms of which two of them are compared, and the model, which says what they are of. */
export type ComparableReport = Pick<
  Report,
  'model' | 'verdict' | 'transitions' | 'debug' | 'violations' | 'violation_counts' | 'cost'
>;

/** What is wrong with a value at `path`, or undefined. */
type Check = (value: unknown, path: string) => string | undefined;

const text: Check = (value, path) => (typeof value === 'string' ? undefined : `${path}: expected a string`);

const count: Check = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `${path}: expected an integer, 0 or more`;

const oneOf =
  (...values: readonly unknown[]): Check =>
  (value, path) =>
    values.includes(value) ? undefined : `${path}: expected ${values.join(' or ')}`;

const list =
  (item: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? first(value.map((element, index) => item(element, `${path}[${index}]`)))
      : `${path}: expected an array`;

const map =
  (item: Check): Check =>
  (value, path) =>
    isObject(value)
      ? first(Object.entries(value).map(([key, element]) => item(element, `${path}.${key}`)))
      : `${path}: expected an object`;

/** An object with at least these fields. */
const object =
  (fields: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, path) => {
    if (!isObject(value)) return `${path === '' ? 'the report' : path}: expected an object`;
    const at = (name: string) => (path === '' ? name : `${path}.${name}`);
    return first([
      ...Object.entries(fields).map(([name, check]) =>
        Object.hasOwn(value, name) ? check(value[name], at(name)) : `${at(name)}: missing`,
      ),
      ...Object.entries(optional).map(([name, check]) =>
        Object.hasOwn(value, name) ? check(value[name], at(name)) : undefined,
      ),
    ]);
  };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}

const counts = map(count);
const costs = map(object({ count }, { bytes: count }));

const REPORT = object({
  // Format 1 also lists the rules that were checked, which no comparison is about.
  format: oneOf(1, 2),
  model: object({ name: text, mode: text }),
  verdict: oneOf('pass', 'fail', 'inconclusive'),
  transitions: object({ total: count, by_edge: counts, by_cause: counts, by_cpu: map(counts) }),
  debug: object({ switches: count, by_edge: counts }),
  violations: list(
    object(
      {
        rule: text,
        severity: oneOf('error', 'warning', 'suspicious'),
        input: count,
        line: count,
        event: text,
        message: text,
        expected: list(text),
        state: map(text),
        source: text,
        followed: count,
      },
      { cpu: count, vm: count, vcpu: count },
    ),
  ),
  violation_counts: map(object({ total: count, listed: count, followed: count })),
  cost: object({
    total: costs,
    by_event: map(costs),
    by_cpu: map(costs),
    by_vcpu: map(costs),
    sysregs: map(object({ read: count, write: count })),
  }),
});

/** The report that `json` is the text of, or what is wrong with it, in words (unescaped). */
export function readReport(json: string): ComparableReport | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  return REPORT(value, '') ?? (value as ComparableReport);
}
