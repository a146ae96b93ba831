/** Events in any order, with any fields: no sequence of legal lines stops a replay, in any model and mode. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODELS } from '../../lib/models/models.ts';
import { COMMON_FIELDS, EVENTS, type EventRow, FIELDS, type FieldName } from '../../lib/trace/vocabulary.ts';
import { createRandom } from '../literal/walk-state.ts';
import { replay, traceFrom } from '../support/replay.ts';

const SEEDS = 12;
const LENGTH = 250;
const VECTOR_LENGTHS = [16, 32, 64, 256];

type Random = (below: number) => number;

/** A legal value, of few: so that events meet. */
function legalValue(name: FieldName, random: Random): unknown {
  const { type } = FIELDS[name];
  switch (type.kind) {
    case 'integer':
      return name.endsWith('_vl')
        ? VECTOR_LENGTHS[random(4)]
        : name === 'format'
          ? 1
          : random(3) + (name === 'count' ? 1 : 0);
    case 'boolean':
      return random(2) === 0;
    case 'bit':
    case 'flag':
      return random(2);
    case 'hex':
      return name === 'ec' ? ['0x7', '0x19', '0x1d', '0x18'][random(4)] : `0x${random(4).toString(16)}`;
    case 'enum':
      return type.values[random(type.values.length)];
    case 'entity':
      return ['none', `task:${random(3)}`, `vcpu:0/${random(2)}`][random(3)];
    case 'timestamp':
      return random(1000);
    default:
      return 'x';
  }
}

const rows: readonly EventRow[] = EVENTS.filter(({ name }) => name !== 'meta');

function eventOf(random: Random): object {
  const row = rows[random(rows.length)] as EventRow;
  const optional = [...row.optional, ...COMMON_FIELDS].filter(() => random(2) === 0);
  const fields = new Set<FieldName>([...row.required, ...optional]);
  return { event: row.name, ...Object.fromEntries([...fields].map((name) => [name, legalValue(name, random)])) };
}

const META = { event: 'meta', format: 1, sve_vl: 64, sme_vl: 32, features: ['fpmr', 'fgt', 'spe', 'trbe', 'brbe'] };

for (const model of MODELS) {
  test(`${model.name} goes on, whatever comes`, () => {
    for (const mode of model.modes) {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = createRandom(seed);
        const events = Array.from({ length: LENGTH }, () => eventOf(random));
        const where = `${mode}, seed ${seed}`;
        assert.doesNotThrow(() => replay(traceFrom([META, ...events]), { model, mode, strict: seed % 2 === 0 }), where);
      }
    }
  });
}
