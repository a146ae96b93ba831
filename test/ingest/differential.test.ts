/**
 * The fast reader against the reference: the same events and the same errors, for lines of every kind and in every
 * chunking. LINES sets how many mutated lines are read (default 20,000).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTrace } from '../../lib/ingest/reader.ts';
import { createEventRecord, type EventRecord } from '../../lib/trace/event.ts';
import { COMMON_FIELDS, FIELDS, type FieldName, type FieldType } from '../../lib/trace/vocabulary.ts';
import { fieldsOf, rows, wrongValuesOf } from '../support/arbitrary.ts';
import {
  createRandom,
  lineOfMembers,
  mutatedText,
  plainMembers,
  plainValue,
  seedLines,
} from '../support/mutate-lines.ts';

const LINES = Number(process.env.LINES ?? 20_000);
const BATCH = 1000;
/** Batches made from the same right lines. */
const REUSE = 4;

/** Everything that is meaningful in a record, and its line; or the error. As text, to be compared and shown. */
async function readAll(bytes: Buffer, reader: 'fast' | 'ndjson', chunkSize: number | undefined): Promise<string[]> {
  async function* stdin(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  const options = { reader, stdin: stdin(), maxLineBytes: 4096, ...(chunkSize !== undefined && { chunkSize }) };
  const record = createEventRecord();
  const entries: string[] = [];
  for await (const batch of readTrace(['-'], options).batches) {
    for (let index = 0; index < batch.length; index++) {
      entries.push(JSON.stringify(batch.read(index, record) ?? meaningOf(record)));
    }
  }
  return entries;
}

function meaningOf(record: EventRecord): unknown[] {
  const { kind, input, line, tsHigh, tsLow, last, lastId, lastVcpu, meta, unknownEvent, unknownFields } = record;
  const row = rows[kind];
  const fields = (row === undefined ? COMMON_FIELDS : fieldsOf(row)).filter((name) => name in record);
  const values = fields.map((name) => String(record[name as keyof EventRecord]));
  const entity = row?.optional.includes('last') ? [last, lastId, lastVcpu] : [];
  return [line, kind, input, tsHigh, tsLow, ...values, ...entity, meta, unknownEvent, unknownFields];
}

/** Returns the entries, as text. */
async function assertSame(bytes: Buffer, chunkSize: number | undefined, context: string): Promise<readonly string[]> {
  const fast = await readAll(bytes, 'fast', chunkSize);
  const reference = await readAll(bytes, 'ndjson', chunkSize);
  const index = reference.findIndex((entry, at) => entry !== fast[at]);
  if (index >= 0) {
    const line = Number(/(?<="line":|^\[)\d+/.exec(reference[index] as string));
    const text = JSON.stringify(bytes.toString('latin1').split('\n')[line - 1]);
    assert.equal(fast[index], reference[index], `${context}: entry ${index}, about ${text}`);
  }
  assert.equal(fast.length, reference.length, context);
  return reference;
}

test(`fast and ndjson agree on ${LINES} mutated lines`, async () => {
  let events = 0;
  let errors = 0;
  let seeds: Buffer[] = [];
  for (let seed = 1; seed <= Math.ceil(LINES / BATCH); seed++) {
    const random = createRandom(seed * 0x9e3779b1);
    if (seed % REUSE === 1) seeds = seedLines(seed, 100);
    const bytes = mutatedText(seeds, BATCH, random);
    const chunkSize = [undefined, 1 + random.below(200), 1 + random.below(20_000)][random.below(3)];
    for (const entry of await assertSame(bytes, chunkSize, `seed ${seed}, by ${chunkSize}`)) {
      if (entry.startsWith('[')) events++;
      else errors++;
    }
  }
  // Neither all right nor all wrong: else nothing was compared.
  assert.ok(events > LINES / 5, `${events} events`);
  assert.ok(errors > LINES / 5, `${errors} errors`);
});

test('fast and ndjson agree on every chunking of a text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1 }), fc.integer({ min: 1, max: 300 }), async (seed, chunkSize) => {
      const random = createRandom(seed);
      await assertSame(mutatedText(seedLines(seed, 5), 8, random), chunkSize, `seed ${seed}, by ${chunkSize}`);
    }),
    { numRuns: 150 },
  );
});

/** Texts at, and just beyond, what the type accepts. */
const EDGES: Partial<Record<FieldType['kind'], readonly string[]>> = {
  integer: ['999999999', '1000000000', '2147483647', '2147483648', '9007199254740991', '01', '1e3', '-0', '10 '],
  timestamp: [
    ...['0', '9', '4294967295', '4294967296', '999999999999999', '1000000000000000', '9007199254740991'],
    ...['9007199254740992', '"18446744073709551615"', '"18446744073709551616"', '"9999999999999999"', '"0"', '"00"'],
    ...['"18446744069414584320"', '"9223372036854775808"', '"100000000000000000000"', '"1', '1"', '"007"', '007'],
    ...[`"${'1'.repeat(400)}"`, '"184467440737095516150"', '"1\\u0030"', '12345678x', '"12345678 "'],
  ],
  hex: ['"0x0"', '"0x3f"', '"0x3F"', '"0x40"', '"0x00000000000003f"', '"0xFFFFFFFFFFFFFFFF"', '"0x8000000000000000"'],
  entity: ['"none"', '"none', '"nonee"', '"taskk1"', '"task:999999999"', '"vcpu:0/1"', '"vcpu:0/1', '"vcpu:01/1"'],
  boolean: ['tru', 'fals', 'truee', 'falsee', 'True', '"true"'],
  string: ['""', '"\\""', '"\\n"', '"\\x"', '"\\ud800"', '"\t"', '"\u00e9"', '"\u007f"', '"\u2028"', '"a', 'a"'],
};

test('fast and ndjson agree at the edges of every field of every event', async () => {
  const random = createRandom(1);
  const lines = rows.flatMap((row) =>
    fieldsOf(row).flatMap((name) => {
      const type: FieldType = FIELDS[name].type;
      const wrong = wrongValuesOf(type).map((value) => JSON.stringify(value));
      const steps = type.kind === 'integer' ? [type.min - 1, type.min, type.min + 1, type.max, type.max + 1] : [];
      return [...wrong, ...steps.map(String), ...(EDGES[type.kind] ?? [])].map((value) =>
        lineOfMembers(plainMembers(row, random).set(name, value)),
      );
    }),
  );
  const entries = await assertSame(Buffer.from(`${lines.join('\n')}\n`), undefined, 'edges');
  assert.equal(entries.length, lines.length);
});

test('fast and ndjson agree on every field in every event', async () => {
  const random = createRandom(2);
  const names = Object.keys(FIELDS) as FieldName[];
  const lines = rows.flatMap((row) => [
    `{"event":"${row.name}"}`,
    ...names.map((name) => {
      const members = plainMembers(row, random);
      return lineOfMembers(members.delete(name) ? members : members.set(name, plainValue(FIELDS[name].type, random)));
    }),
  ]);
  await assertSame(Buffer.from(`${lines.join('\r\n')}\r\n`), undefined, 'fields');
});

test('a record does not keep what an earlier line said', async () => {
  const meta = '{"event":"meta","format":1,"cpus":2}';
  const full =
    '{"event":"observe","cpu":3,"vm":1,"vcpu":2,"task":4,"ts":5,"inferred":true,"last":"vcpu:1/2","mpidr":"0x1","fp_owner":"host","debug_dirty":true}';
  const bare = '{"event":"observe","cpu":0}';
  const odd = '{ "event":"observe","cpu":0,"x":1}';
  const lines = [meta, bare, full, bare, full, odd, bare, full, '{"event":"new"}', bare];
  const entries = await assertSame(Buffer.from(lines.join('\n')), undefined, 'stale');
  const withoutLine = lines.flatMap((line, index) => (line === bare ? [entries[index]?.replace(/\d+/, '')] : []));
  assert.deepEqual(new Set(withoutLine).size, 1);
});
