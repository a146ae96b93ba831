/**
 * The fast reader against the reference: the same events and the same errors, for lines of every kind and in every
 * chunking. LINES sets how many mutated lines are read (default 40,000).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collectBytes, type Seen } from './collect.ts';
import { createRandom, mutatedText, seedLines } from './mutate.ts';

const LINES = Number(process.env.LINES ?? 40_000);
const BATCH = 1000;

async function assertSame(bytes: Buffer, chunkSize: number | undefined, context: string): Promise<readonly Seen[]> {
  const options = { maxLineBytes: 4096, ...(chunkSize !== undefined && { chunkSize }) };
  const fast = await collectBytes(bytes, { ...options, reader: 'fast' });
  const reference = await collectBytes(bytes, { ...options, reader: 'ndjson' });
  if (!isEqual(fast, reference)) {
    const index = reference.findIndex((item, at) => !isEqual(item, fast[at]));
    const line = reference[index]?.line ?? 0;
    const text = bytes.toString('latin1').split('\n')[line - 1];
    assert.deepEqual(fast[index], reference[index], `${context}: line ${line}: ${JSON.stringify(text)}`);
    assert.fail(`${context}: ${fast.length} entries instead of ${reference.length}`);
  }
  return reference;
}

/** Cheaper than deepEqual by far, and as strict for what entries are made of. */
function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

test(`fast and ndjson agree on ${LINES} mutated lines`, async () => {
  let events = 0;
  let errors = 0;
  for (let seed = 1; seed <= Math.ceil(LINES / BATCH); seed++) {
    const random = createRandom(seed * 0x9e3779b1);
    const bytes = mutatedText(seedLines(seed, 60), BATCH, random);
    const chunkSize = [undefined, 1 + random.below(200), 1 + random.below(20_000)][random.below(3)];
    for (const { event } of await assertSame(bytes, chunkSize, `seed ${seed}, by ${chunkSize}`)) {
      if (event) events++;
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

test('fast and ndjson agree at the edges of each type', async () => {
  const field = (name: string, values: readonly string[]): string[] =>
    values.map((value) => `{"event":"observe","cpu":0,"${name}":${value}}`);
  const edges = (name: string, event: string, values: readonly (number | string)[]): string[] =>
    values.map((value) => `{"event":"${event}","cpu":1,"vcpu":2,"vm":0,"value":"0x0","${name}":${value}}`);
  const times = ['0', '9', '4294967295', '4294967296', '9007199254740991', '9007199254740992', '18446744073709551615'];
  const lines = [
    ...edges('task', 'vcpu_load', ['999999999', '1000000000', '2147483647', '2147483648', '9007199254740991', '1e3']),
    ...times.flatMap((time) => edges('ts', 'vcpu_load', [time, `"${time}"`, `"0${time}"`, `"${time}`, `${time}"`])),
    ...edges('ts', 'vcpu_load', [
      '""',
      '"1',
      '"18446744073709551616"',
      '"99999999999999999999"',
      '"123456789012345678901"',
    ]),
    ...edges('sve_vl', 'vcpu_create', [0, 15, 16, 24, 240, 256, 272]),
    ...edges('count', 'lost', [0, 1, 999_999_999]),
    ...edges('ec', 'guest_exit', [
      '"0x0"',
      '"0x3f"',
      '"0x3F"',
      '"0x40"',
      '"0x003f"',
      '"0x0000000000000000f"',
      '"0x"',
      '"3f"',
    ]),
    ...field('mpidr', [
      '"0xffffffffffffffff"',
      '"0x0"',
      '"0x8000000000000000"',
      '"0x10000000000000000"',
      '"0xFFFFFFFF"',
    ]),
    ...field('last', [
      '"none"',
      '"none',
      '"task:0"',
      '"task:00"',
      '"task:"',
      '"vcpu:0/0"',
      '"vcpu:1/"',
      '"vcpu:999999999/1"',
    ]),
    ...field('last', ['"task:9007199254740991"', '"task:9007199254740992"', '"vcpu:1/2/3"', '"taskk1"', '"nonee"']),
    ...field('fp_owner', ['"free"', '"hos"', '"host"', '"hosts"', '"guest', '0']),
    ...field('tif_foreign', ['true', 'false', 'tru', 'fals', 'True', '1', 'null', 'truee']),
    ...edges('locked', 'guest_oslock', ['true', 'false', 0, 1, 2, '"1"']),
    ...edges('sm', 'guest_svcr', ['true', 0, 1, 2, '01']),
    ...edges('note', 'vcpu_load', ['""', '"a"', '"\\""', '"\u00e9"', '"\x7f"', '"\t"', '1', '"\u2028"']),
  ];
  const entries = await assertSame(Buffer.from(`${lines.join('\n')}\n`), undefined, 'edges');
  assert.equal(entries.length, lines.length);
});

test('a record does not keep what an earlier line said', async () => {
  const full =
    '{"event":"observe","cpu":3,"vm":1,"vcpu":2,"task":4,"ts":5,"inferred":true,"last":"vcpu:1/2","mpidr":"0x1","fp_owner":"host","debug_dirty":true}';
  const bare = '{"event":"observe","cpu":0}';
  const odd = '{ "event":"observe","cpu":0,"x":1}';
  const entries = await assertSame(
    Buffer.from([full, bare, full, odd, bare, full, '{"event":"new"}', bare, ''].join('\n')),
    undefined,
    'stale',
  );
  assert.deepEqual(entries[1]?.event, { event: 'observe', cpu: 0 });
  assert.equal(entries[4]?.unknownFields, undefined);
});
