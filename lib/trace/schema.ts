/** The vocabulary as a JSON Schema of one line, for editors, validators and writers in other languages. */

import { COMMON_FIELDS, EVENTS, type EventRow, FIELDS, type FieldName, type FieldType } from './vocabulary.ts';

type Schema = Record<string, unknown>;

/** A regular expression for the canonical decimals from 0 to `max`. */
function decimalPattern(max: bigint): string {
  const digits = max.toString();
  const last = digits.length - 1;
  const parts = [`0`, `[1-9][0-9]{0,${last - 1}}`, digits];
  for (let at = 0; at <= last; at++) {
    const lowest = at === 0 ? 1 : 0;
    const below = Number(digits[at]) - 1;
    if (below >= lowest) parts.push(`${digits.slice(0, at)}[${lowest}-${below}][0-9]{${last - at}}`);
  }
  return `(?:${parts.join('|')})`;
}

const ID_PATTERN = decimalPattern(BigInt(Number.MAX_SAFE_INTEGER));

/** "0x" and up to 16 digits, of which only the last `bits` bits may be set. */
function hexPattern(bits: number): string {
  if (bits % 4 === 0) return `^0x0{0,${16 - bits / 4}}[0-9a-fA-F]{1,${bits / 4}}$`;
  const digits = Math.floor(bits / 4);
  return `^0x(?:0{0,${16 - digits}}[0-9a-fA-F]{1,${digits}}|0{0,${15 - digits}}[0-${2 ** (bits % 4) - 1}][0-9a-fA-F]{${digits}})$`;
}

function schemaOf(type: FieldType): Schema {
  switch (type.kind) {
    case 'integer': {
      const { min, max, multipleOf } = type;
      return { type: 'integer', minimum: min, maximum: max, ...(multipleOf === undefined ? {} : { multipleOf }) };
    }
    case 'boolean':
      return { type: 'boolean' };
    case 'bit':
      return { enum: [0, 1] };
    case 'flag':
      return { enum: [true, false, 0, 1] };
    case 'timestamp':
      return {
        anyOf: [
          { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
          { type: 'string', pattern: `^${decimalPattern(2n ** 64n - 1n)}$` },
        ],
      };
    case 'hex':
      return { type: 'string', pattern: hexPattern(type.bits) };
    case 'enum':
      return { enum: [...type.values] };
    case 'entity':
      return { type: 'string', pattern: `^(?:none|task:${ID_PATTERN}|vcpu:${ID_PATTERN}/${ID_PATTERN})$` };
    case 'string':
    case 'name':
      return { type: 'string' };
    case 'strings':
      return { type: 'array', items: { type: 'string' } };
  }
}

function ruleOf(row: EventRow): Schema {
  const names = new Set<FieldName>([...row.required, ...row.optional, ...COMMON_FIELDS]);
  return {
    if: { properties: { event: { const: row.name } }, required: ['event'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nothing awaits this object.
    then: {
      description: row.doc,
      required: [...row.required],
      properties: Object.fromEntries([...names].map((name) => [name, { $ref: `#/$defs/${name}` }])),
    },
  };
}

/**
 * A JSON Schema (2020-12) of one line of trace format 1. It accepts what the decoder accepts, with three things that
 * a schema cannot say: `meta` only as the first line, no duplicate keys, and integers written with digits only
 * (to a schema 1.0, 1e0 and -0 are integers).
 */
export function jsonSchema(): Schema {
  const fields = Object.entries(FIELDS) as [FieldName, (typeof FIELDS)[FieldName]][];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'worldswitch trace format 1: one line',
    type: 'object',
    required: ['event'],
    properties: {
      event: {
        type: 'string',
        description: 'name of the event; other names are accepted and counted as unknown',
        examples: EVENTS.map((row) => row.name),
      },
    },
    allOf: EVENTS.map(ruleOf),
    $defs: Object.fromEntries(fields.map(([name, { type, doc }]) => [name, { description: doc, ...schemaOf(type) }])),
  };
}
