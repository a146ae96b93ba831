/** The same trace gives the same bytes, however it is read, and wherever. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCaptures } from '../../lib/import/read.ts';
import { formatInputError } from '../../lib/ingest/message.ts';
import type { ReadOptions } from '../../lib/ingest/reader.ts';
import { findingsOf } from '../../lib/replay/findings.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import { FORMAT_NAMES, reporterOf } from '../../lib/show/formats.ts';
import { PLAIN } from '../../lib/text/paint.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { runProcess } from '../support/cli.ts';
import { skip } from '../support/threads.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const TRACES = new URL('../../traces/', import.meta.url);
const CAPTURES = new URL('../import/data/', import.meta.url);

/** Everything that a run says: errors, and the report in every format. */
async function outputOf(path: string, options: ReadOptions): Promise<string> {
  let output = '';
  const sink = { write: (text: string) => (output += text) };
  const create = await Promise.all(FORMAT_NAMES.map(reporterOf));
  const reporters = create.map((createReporter) => createReporter(sink, { paint: PLAIN }));
  const source = readCaptures([path], options);
  const replay = createReplay({
    onTransition: (transition) => reporters.forEach((reporter) => void reporter.transition?.(transition)),
    onViolation: (violation) => reporters.forEach((reporter) => void reporter.violation?.(violation)),
  });
  const event = createEventRecord();
  let skippedLines = 0;
  for await (const batch of source.batches) {
    for (let index = 0; index < batch.length; index++) {
      const error = batch.read(index, event);
      if (error === undefined) assert.equal(replay.step(event), undefined);
      else {
        skippedLines++;
        output += `${formatInputError(error, ['trace'])}\n`;
      }
    }
  }
  for (const capture of source.captures) if (capture !== undefined) replay.note(findingsOf(capture, true));
  const [input] = source.inputs;
  const { lines = 0, events = 0 } = input ?? {};
  const report = replay.finish([{ name: 'trace', lines, events }], { skippedLines });
  for (const reporter of reporters) reporter.report(report);
  return output;
}

const BAD_LINES = [
  'x',
  '{}',
  '\u00e9',
  '{"event":"new","x":[1,{"a":2}]}',
  '{"event":"cpu_on","cpu":4096}',
  '',
  ' ',
  '\u{1f600}',
];

/** A trace with bad lines and strange ones among the others. */
function mixed(text: string): string {
  return text
    .split('\n')
    .flatMap((line, index) =>
      index % 7 === 3 ? [line, BAD_LINES[((index / 7) % BAD_LINES.length) | 0] ?? ''] : [line],
    )
    .join('\n');
}

/** The first lines of a file: to read it a byte at a time takes long. */
function read(url: URL): string {
  return readFileSync(url, 'utf8').split('\n').slice(0, 30).join('\n').concat('\n');
}

const INPUTS: readonly (readonly [name: string, text: string])[] = [
  ['golden', read(new URL('golden/one-of-everything.ndjson', TRACES))],
  ['real', read(new URL('real/6.12-seed-v1-nvhe.ndjson', TRACES))],
  ['mixed', mixed(read(new URL('real/6.12-lazy-vhe.ndjson', TRACES)))],
  ['capture', read(new URL('owner-debug.ftrace', CAPTURES))],
];

const CHUNK_SIZES = [1, 2, 7, 61, 1000, 4096, 16 * 1024 * 1024];

for (const [name, text] of INPUTS) {
  describe(`${name}: the same bytes`, () => {
    const path = join(folder, name);
    writeFileSync(path, text);
    const expected = outputOf(path, {});

    for (const reader of ['fast', 'ndjson'] as const) {
      test(`with reader ${reader}, for every size of chunks`, async () => {
        for (const chunkSize of CHUNK_SIZES) {
          assert.equal(await outputOf(path, { reader, chunkSize }), await expected, `by ${chunkSize}`);
        }
      });
    }

    test('on one thread and on two', { skip }, async () => {
      for (const chunkSize of [61, 16 * 1024 * 1024]) {
        assert.equal(await outputOf(path, { threads: 2, chunkSize }), await expected, `by ${chunkSize}`);
      }
    });

    test('with CR LF, without the last line feed, with a byte order mark, and compressed', async () => {
      const crlf = text.replaceAll('\n', '\r\n');
      const variants = [crlf, text.replace(/\n$/, ''), crlf.replace(/\r\n$/, ''), `\ufeff${text}`, gzipSync(text)];
      for (const [index, variant] of variants.entries()) {
        const other = join(folder, `${name}-${index}`);
        writeFileSync(other, variant);
        for (const chunkSize of [1, 1000]) {
          assert.equal(await outputOf(other, { chunkSize }), await expected, `variant ${index} by ${chunkSize}`);
        }
      }
    });
  });
}

test('in every time zone and language', async () => {
  const path = join(folder, 'mixed');
  const outputs: string[] = [];
  for (const env of [
    { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' },
    { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' },
    { TZ: '', LANG: 'ar_EG.UTF-8', LC_ALL: 'ar_EG.UTF-8' },
  ]) {
    const json = join(folder, 'report.json');
    rmSync(json, { force: true });
    const argv = ['replay', '--keep-going', path, '--out', `json:${json}`];
    const { code, stdout, stderr } = await runProcess(argv, '', { env: { ...process.env, ...env } });
    outputs.push(`${code}${stdout}${stderr}${readFileSync(json, 'utf8')}`);
  }
  assert.ok((outputs[0] ?? '').length > 2000);
  assert.equal(new Set(outputs).size, 1);
});
