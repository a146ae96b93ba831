/** Captures read as traces: recognised by content, with the raw file's lines. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type CaptureOptions, type CaptureSource, readCaptures } from '../../lib/import/read.ts';
import type { InputError } from '../../lib/ingest/source.ts';
import { encode } from '../../lib/trace/encode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { DATA, importText } from '../support/captures.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const RAW = fileURLToPath(new URL('lazy-vhe.ftrace', DATA));
const OPTIONS = { model: 'v6.10', mode: 'vhe', sveVl: 64 };
const EVENT = '{"event":"vcpu_load","cpu":7,"vcpu":1,"ts":1}';

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Read {
  readonly events: { input: number; line: number; object: Record<string, unknown> }[];
  readonly errors: InputError[];
  readonly source: CaptureSource;
}

async function read(inputs: readonly string[], options: CaptureOptions = { importing: OPTIONS }): Promise<Read> {
  const source = readCaptures(inputs, options);
  const [events, errors]: [Read['events'], InputError[]] = [[], []];
  const record = createEventRecord();
  for await (const batch of source.batches) {
    for (let index = 0; index < batch.length; index++) {
      const error = batch.read(index, record);
      if (error === undefined) events.push({ input: record.input, line: record.line, object: encode(record) });
      else errors.push(error);
    }
  }
  return { events, errors, source };
}

describe('a capture read as a trace', () => {
  const imported = importText(readFileSync(RAW), OPTIONS);

  it('gives the events of its import, at the lines of the raw text', async () => {
    const { events, errors, source } = await read([RAW]);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      events.map(({ line }) => line),
      imported.lines,
    );
    assert.deepEqual(
      events.map(({ object }) => object.event),
      imported.events.map(({ event }) => event),
    );
    assert.deepEqual(source.captures[0]?.account, imported.account);
    assert.deepEqual([source.captures[0]?.model, source.captures[0]?.mode], ['v6.10', 'vhe']);
    const [progress] = source.inputs;
    assert.deepEqual(
      [progress?.name, progress?.lines, progress?.events],
      ['lazy-vhe.ftrace', 312, imported.events.length],
    );
  });

  it('whatever the chunks, compressed or not, from a file or a pipe', async () => {
    const expected = (await read([RAW])).events;
    const zipped = file('capture', gzipSync(readFileSync(RAW)));
    assert.deepEqual((await read([zipped])).events, expected);
    assert.deepEqual((await read([RAW], { importing: OPTIONS, chunkSize: 7 })).events, expected);
    const stdin = (async function* () {
      for (const byte of readFileSync(RAW).subarray(0, 3000)) yield Uint8Array.of(byte);
      yield readFileSync(RAW).subarray(3000);
    })();
    assert.deepEqual((await read(['-'], { importing: OPTIONS, stdin })).events, expected);
  });

  it('is read ahead, to say what it shows, but by no more than that', async () => {
    const text = readFileSync(RAW);
    const ahead = Math.ceil((17 * 1024 * 1024) / text.length);
    let more = 2 * ahead;
    const stdin = (async function* () {
      for (; more > 0; more--) yield text;
    })();
    const source = readCaptures(['-'], { importing: OPTIONS, stdin });
    for await (const batch of source.batches) {
      assert.ok(batch.length > 0 && more > ahead / 2);
      break;
    }
  });

  it('is merged with NDJSON by time', async () => {
    const ndjson = file('other.ndjson', `${EVENT}\n`);
    const { events, errors, source } = await read([RAW, ndjson]);
    assert.deepEqual(errors, []);
    assert.equal(events.length, imported.events.length + 1);
    // Its time is before that of the capture's first event; the meta line goes before all.
    assert.deepEqual(
      events.slice(0, 2).map(({ input, object }) => [input, object.event]),
      [
        [0, 'meta'],
        [1, 'vcpu_load'],
      ],
    );
    assert.equal(source.captures[1], undefined);
  });

  it('NDJSON stays NDJSON, with its errors; so does what nobody recognises', async () => {
    const good = await read([file('good.ndjson', `\n  ${EVENT}\n`)]);
    assert.deepEqual([good.events.length, good.errors, good.source.captures], [1, [], [undefined]]);
    const [error] = (await read([file('bad', 'no trace\n')])).errors;
    assert.deepEqual([error?.line, error?.field], [1, '']);
    assert.deepEqual((await read([file('empty', '')])).errors, []);
  });

  it('recordings of trace-cmd and perf are read; what is wrong with one is an error of the whole input', async () => {
    const recording = fileURLToPath(new URL('recordings/v6.trace.dat.gz', DATA));
    const { events, errors, source } = await read([recording]);
    assert.deepEqual(errors, []);
    assert.ok(events.length > 150);
    assert.equal(source.captures[0]?.account.records, 388);
    const [dat] = (await read([file('trace.dat', Buffer.from('\x17\x08\x44tracing6\0', 'latin1'))])).errors;
    assert.deepEqual([dat?.line, dat?.expected], [0, '1 more bytes of its beginning (trace.dat)']);
    const [perf] = (await read([file('perf.data', 'PERFILE2\0\0')])).errors;
    assert.deepEqual([perf?.line, perf?.expected], [0, '8 more bytes of the header of perf.data (perf.data)']);
  });

  it('what cannot be read to its end is an error, and has no account', async () => {
    const cut = file('cut.gz', gzipSync(readFileSync(RAW)).subarray(0, 2000));
    const { errors, source } = await read([cut]);
    assert.equal(errors.length, 1);
    assert.equal(source.captures[0], undefined);
  });
});
