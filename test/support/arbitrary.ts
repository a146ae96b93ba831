/** Lines of the format for property tests, right and wrong ones, derived from the vocabulary table. */

import fc from 'fast-check';
import {
  COMMON_FIELDS,
  EVENTS,
  type EventRow,
  FIELDS,
  type FieldName,
  type FieldType,
} from '../../lib/trace/vocabulary.ts';

export type Line = Record<string, unknown>;

const MAX_ID = Number.MAX_SAFE_INTEGER;
const id = fc.oneof(fc.nat(5), fc.maxSafeNat(), fc.constant(MAX_ID));

/** Text with everything that JSON and terminals find difficult, but whole Unicode characters only. */
export const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

function hex(bits: number): fc.Arbitrary<string> {
  const digits = fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }).map((value) => value.toString(16));
  return fc
    .tuple(digits, fc.boolean(), fc.nat(15))
    .map(([text, upper, zeros]) => `0x${(upper ? text.toUpperCase() : text).padStart(zeros, '0')}`);
}

/** Values that the type accepts. */
export function rightValueOf(type: FieldType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'integer': {
      const { min, max, multipleOf = 1 } = type;
      return fc.maxSafeInteger().map((n) => {
        const steps = Math.floor((max - min) / multipleOf) + 1;
        return min + (Math.abs(n) % steps) * multipleOf;
      });
    }
    case 'boolean':
      return fc.boolean();
    case 'bit':
      return fc.constantFrom(0, 1);
    case 'flag':
      return fc.constantFrom(true, false, 0, 1);
    case 'timestamp':
      return fc.oneof(id, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String), fc.constant(String(2n ** 64n - 1n)));
    case 'hex':
      return hex(type.bits);
    case 'enum':
      return fc.constantFrom(...type.values);
    case 'entity':
      return fc.oneof(
        fc.constant('none'),
        id.map((pid) => `task:${pid}`),
        fc.tuple(id, id).map(([vm, vcpu]) => `vcpu:${vm}/${vcpu}`),
      );
    case 'string':
    case 'name':
      return text;
    case 'strings':
      return fc.array(text, { maxLength: 4 });
  }
}

const HUGE = 2 ** 53;
const NEVER: readonly unknown[] = [null, {}, [0], [null], { toString: 1 }, -1, 0.5, -0, HUGE, -HUGE, 1e300, ''];

/** Values that no reader may accept for a field of the type. */
export function wrongValuesOf(type: FieldType): readonly unknown[] {
  switch (type.kind) {
    case 'integer':
      return [...NEVER, type.min - 1, type.max + 1, '0', '1', true, false, type.multipleOf ? type.min + 1 : 'x'];
    case 'boolean':
      return [...NEVER, 0, 1, 'true', 'false'];
    case 'bit':
      return [...NEVER, 2, true, false, '0', '1'];
    case 'flag':
      return [...NEVER, 2, '0', '1', 'true'];
    case 'timestamp':
      return [...NEVER, '00', '01', '-1', '1.0', '1e3', '0x1', ' 1', '1\n', String(2n ** 64n), '9'.repeat(40), true];
    case 'hex':
      return [
        ...[...NEVER, 0, 1, '0x', '0', '10', '0X1', '0xg', '0x ', ' 0x1', '0x1\n', '-0x1', '0x-1', '0x1.0'],
        ...[
          `0x${'0'.repeat(17)}`,
          `0x${'f'.repeat(17)}`,
          ...(type.bits < 64 ? [`0x${(2 ** type.bits).toString(16)}`] : []),
        ],
      ];
    case 'enum':
      return [...NEVER, 0, 1, true, ` ${type.values[0]}`, type.values[0]?.toUpperCase(), 'constructor', '__proto__'];
    case 'entity':
      return [
        ...[
          ...NEVER,
          0,
          'None',
          'none ',
          'task',
          'task:',
          'task:-1',
          'task:01',
          'task:1/2',
          'vcpu:1',
          'vcpu:1/',
          'vcpu:/1',
        ],
        ...['vcpu:1/2/3', 'vcpu:1/2\n', `task:${HUGE}`, `vcpu:0/${HUGE}`, `task:${'9'.repeat(30)}`],
      ];
    case 'string':
    case 'name':
      return [null, 0, 1, true, {}, [], ['x']];
    case 'strings':
      return [null, '', 'x', 0, {}, [1], ['x', null], [['x']]];
  }
}

/** Every field that an event may have, each once. */
export function fieldsOf(row: EventRow): FieldName[] {
  return [...new Set<FieldName>([...row.required, ...row.optional, ...COMMON_FIELDS])];
}

export const rows: readonly EventRow[] = EVENTS;

/** A right line of the event, with its keys in any order. */
export function lineOf(row: EventRow): fc.Arbitrary<Line> {
  const fields: Record<string, fc.Arbitrary<unknown>> = { event: fc.constant(row.name) };
  for (const name of fieldsOf(row)) fields[name] = rightValueOf(FIELDS[name].type);
  return fc.record(fields, { requiredKeys: ['event', ...row.required] }).chain((line: Line) => {
    const entries = Object.entries(line);
    return fc.shuffledSubarray(entries, { minLength: entries.length }).map((shuffled) => Object.fromEntries(shuffled));
  });
}

/** A right line of any event. */
export const line: fc.Arbitrary<Line> = fc.constantFrom(...rows).chain(lineOf);

/** A line of some event whose fields may each be missing, wrong or right. */
export const anyLine: fc.Arbitrary<Line> = fc.constantFrom(...rows).chain((row) => {
  const fields = Object.fromEntries(
    fieldsOf(row).map((name) => {
      const { type } = FIELDS[name];
      return [name, fc.oneof({ weight: 20, arbitrary: rightValueOf(type) }, fc.constantFrom(...wrongValuesOf(type)))];
    }),
  );
  return fc.record({ event: fc.constant(row.name), ...fields }, { requiredKeys: ['event'] }) as fc.Arbitrary<Line>;
});

/** The shortest right line of an event: its required fields only. */
export function smallestLineOf(row: EventRow): Line {
  const [line] = fc.sample(
    fc.record(Object.fromEntries(row.required.map((name) => [name, rightValueOf(FIELDS[name].type)]))),
    {
      numRuns: 1,
      seed: 1,
    },
  );
  return { event: row.name, ...line };
}
