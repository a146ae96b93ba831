/** What the meta lines of all inputs say together of the machine. */

import type { InputError } from '../ingest/source.ts';
import { describeValue } from '../trace/describe.ts';
import type { EventRecord, Meta } from '../trace/event.ts';
import type { Wishes } from './settings.ts';

/** What inputs of one machine cannot differ in, and the wish that overrules them. */
const AGREED = [
  ['model', 'model'],
  ['mode', 'mode'],
  ['sve_vl', 'sveVl'],
  ['sme_vl', 'smeVl'],
] as const satisfies readonly (readonly [keyof Meta, keyof Wishes])[];

export interface Metas {
  /** An error where it contradicts one before it, and no option says which of them is right. */
  add(event: EventRecord): InputError | undefined;
  /** What they say together; undefined where there was none. */
  readonly meta: Meta | undefined;
}

export function createMetas(wishes: Wishes): Metas {
  let together: Meta | undefined;
  /** By field: the input that said it first. */
  const saidBy = new Map<keyof Meta, number>();
  return {
    add({ meta, input, line }) {
      if (meta === undefined) return undefined;
      for (const [field, wish] of AGREED) {
        const said = meta[field];
        if (said === undefined) continue;
        const before = together?.[field];
        if (before !== undefined && before !== said && wishes[wish] === undefined) {
          const expected = describeValue(before);
          return { input, line, field, expected, found: describeValue(said), saidBy: saidBy.get(field) as number };
        }
        if (before === undefined) saidBy.set(field, input);
      }
      together = together === undefined ? meta : bothOf(together, meta);
      return undefined;
    },
    get meta() {
      return together;
    },
  };
}

/** The first of each field; of the kinds of event those that both show, for what one of them hides is hidden. */
function bothOf(first: Meta, second: Meta): Meta {
  const records = sharedBy(first.records, second.records);
  const { records: _first, ...mine } = first;
  const { records: _second, ...other } = second;
  return { ...other, ...mine, ...(records !== undefined && { records }) };
}

function sharedBy(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  return a === undefined || b === undefined ? (a ?? b) : a.filter((kind) => b.includes(kind));
}
