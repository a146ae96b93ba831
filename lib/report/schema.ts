/** The report as JSON Schema, for those who read it in other languages. Its fields are said in report.ts. */

import { ledgerOf } from './ledger-fields.ts';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const severity: Schema = { enum: ['error', 'warning', 'suspicious'] };
/** ns; a string above 2^53-1. */
const time: Schema = { oneOf: [count, { type: 'string', pattern: '^[0-9]+$' }] };

const list = (items: Schema): Schema => ({ type: 'array', items });
const map = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
/** An object with these fields, of which some may be absent, and no others. */
function object(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  const properties = { ...required, ...optional };
  return { type: 'object', properties, required: Object.keys(required), additionalProperties: false };
}

const place = { input: count, line: count };
const maybePlace = { ts: time, cpu: count, vm: count, vcpu: count };
const counts = map(count);
const costs = map(object({ count }, { bytes: count, least: count, most: count }));

const violation = object(
  {
    rule: text,
    severity,
    ...place,
    event: text,
    message: text,
    expected: list(text),
    state: map(text),
    source: text,
    cause: count,
    followed: count,
  },
  maybePlace,
);

const divergence = object(
  { ...place, event: text, field: text, observed: text, predicted: text, cause: count, recent: list(text) },
  maybePlace,
);

const prevention = object({ switch: text, value: text, models: list(text), source: text }, { commit: text });

const cause = object(
  {
    cause: count,
    kind: text,
    title: text,
    entity: text,
    severity,
    cpus: list(count),
    steps: list(object({ ...place, source: text, verb: text, text }, { ...maybePlace, event: text })),
    consequences: counts,
  },
  { prevented_by: list(prevention) },
);

const explanation = object(
  {
    ...place,
    field: text,
    switches: list(object({ switch: text, value: text, models: list(text), diverged: count })),
  },
  { cpu: count },
);

const observed = { checked: count, diverged: count, learned: count };

const hidden = object({ kind: text, places: count, checks: count, shown_by: text });

export function reportSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'worldswitch report, format 2',
    ...object(
      {
        format: { const: 2 },
        model: object({ name: text, mode: text }),
        inputs: list(object({ name: text, lines: count, events: count })),
        verdict: { enum: ['pass', 'fail', 'inconclusive'] },
        reasons: list(text),
        events: counts,
        transitions: object({ total: count, by_edge: counts, by_cause: counts, by_cpu: map(counts) }),
        debug: object({ switches: count, by_edge: counts }),
        causes: list(cause),
        violations: list(violation),
        violation_counts: map(object({ total: count, listed: count, followed: count })),
        cost: object(
          {
            total: costs,
            by_event: map(costs),
            by_cpu: map(costs),
            by_vcpu: map(costs),
            sysregs: map(object({ read: count, write: count })),
          },
          { doubts: list(object({ why: text, shown_by: text, primitives: list(text) })) },
        ),
        observations: object({ ...observed, by_field: map(object(observed)), diverging: list(divergence) }),
        coverage: object({ rules_fired: list(text), steps_hit: list(text) }),
        ledger: object(ledgerOf(count, counts), { skipped_lines: count }),
      },
      {
        partial: { const: true },
        records: object({ hides: list(hidden) }, { shows: list(text) }),
        span: object({ from: time, to: time }),
        filter: object({ options: map(text), events: count }),
        explanations: list(explanation),
      },
    ),
  };
}
