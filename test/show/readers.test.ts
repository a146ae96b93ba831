/**
 * A capture of a kernel with a bug, in every format for other programs, read by programs of others: SARIF by its published
 * schema, JUnit, TAP and Chrome's format by libraries that read them, Perfetto's by its schema, CSV by DuckDB.
 */

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildModel } from '@tracerbench/trace-model';
import AjvDraft04 from 'ajv-draft-04';
import { Parser } from 'tap-parser';
import { parse as parseResults } from 'test-results-parser';
import type { Report } from '../../lib/report/report.ts';
import { CAPTURES, DATA } from '../support/captures.ts';
import { run } from '../support/cli.ts';
import { PERFETTO_TRACE } from '../support/perfetto-schema.ts';
import { skipUnless } from '../support/skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-readers-'));
after(() => rmSync(folder, { recursive: true }));

const KERNEL = ['--model', 'seed-v1', '--mode', 'nvhe'];
/** An excerpt, and where it is at hand the whole; named with what formats have to encode. */
const PATHS = [
  new URL('split-instances.ftrace', DATA),
  CAPTURES && new URL('raw/6.12-seed-v1-nvhe.ftrace.gz', CAPTURES),
];
const captures = PATHS.flatMap((url, at) => {
  if (url === undefined) return [];
  const path = join(folder, `a capture, ${at}%.ftrace${url.pathname.endsWith('.gz') ? '.gz' : ''}`);
  copyFileSync(fileURLToPath(url), path);
  return [path];
});

const written = async (...argv: string[]): Promise<string> => (await run([...argv, '--no-progress'])).stdout;
const replayed = (path: string, format: string): Promise<string> =>
  written('replay', path, ...KERNEL, '--format', format);
const reportOf = async (path: string): Promise<Report> => JSON.parse(await replayed(path, 'json'));

const schema = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'),
    'utf8',
  ),
);
const isUri = (text: string): boolean => URL.canParse(text);
const validate = new AjvDraft04.default({
  strict: false,
  // Its pattern of a language has a bracket that is not escaped.
  unicodeRegExp: false,
  formats: {
    uri: isUri,
    'uri-reference': (text: string) => URL.canParse(text, 'file:///checkout/'),
    'date-time': true,
  },
}).compile(schema);

/** Throws with what is wrong. */
function assertSarif(text: string) {
  const log = JSON.parse(text);
  const isValid: boolean = validate(log);
  assert.ok(isValid, JSON.stringify(validate.errors?.slice(0, 3)));
  return log;
}

test('the schema of SARIF is not content with anything', () => {
  assert.throws(() => assertSarif('{"version":"2.1.0"}'));
  assert.throws(() => assertSarif('{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}'));
});

for (const path of captures) {
  const name = path.endsWith('.gz') ? 'a whole capture' : 'an excerpt of a capture';

  test(`${name}: SARIF is valid, and has each violation with its line`, async () => {
    const { violations, observations } = await reportOf(path);
    const [{ results, tool }] = assertSarif(await replayed(path, 'sarif')).runs;
    const told = results.map(
      (result: {
        ruleId: string;
        locations: [{ physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }];
      }) => {
        const [{ physicalLocation }] = result.locations;
        assert.equal(decodeURIComponent(new URL(physicalLocation.artifactLocation.uri, 'file:///').pathname), path);
        return `${result.ruleId} ${physicalLocation.region.startLine}`;
      },
    );
    const expected = [
      ...violations.map(({ rule, line }) => `${rule} ${line}`),
      ...observations.diverging.map(({ line }) => `diverged ${line}`),
    ];
    assert.ok(expected.length >= 3);
    assert.deepEqual(
      told.filter((line: string) => !line.startsWith('diverge')),
      expected.filter((line) => !line.startsWith('diverge')),
    );
    assert.ok(
      tool.driver.rules.every(
        ({ help, fullDescription }: { help: unknown; fullDescription?: unknown }) =>
          help !== undefined || fullDescription !== undefined,
      ),
    );
  });

  test(`${name}: JUnit is a failed case, with all that is wrong`, async () => {
    const file = join(folder, 'junit.xml');
    writeFileSync(file, await replayed(path, 'junit'));
    const result = parseResults({ type: 'junit', files: [file] });
    assert.deepEqual([result.total, result.failed, result.errors, result.status], [1, 1, 0, 'FAIL']);
    const [suite] = result.suites;
    assert.equal(suite?.name, path);
    const { violations } = await reportOf(path);
    for (const { message } of violations.slice(0, 3))
      assert.ok(suite?.cases[0]?.stack_trace.includes(message), message);
  });

  test(`${name}: TAP of a check is one test that is not ok`, async () => {
    const own = mkdtempSync(join(folder, 'check-'));
    writeFileSync(join(own, '.worldswitch.json'), JSON.stringify({ model: 'seed-v1', mode: 'nvhe' }));
    writeFileSync(join(own, 'capture.ndjson'), await written('import', 'ftrace', path, ...KERNEL));
    const { stdout } = await run(['check', own, '--format', 'tap']);
    const events = Parser.parse(stdout);
    const [kind, of] = events.find(([type]) => type === 'assert') ?? assert.fail(stdout);
    assert.deepEqual([kind, of.ok, of.id], ['assert', false, 1]);
    assert.match(of.name, /capture\.ndjson/);
    const [, final] = events.find(([type]) => type === 'complete') ?? assert.fail(stdout);
    assert.deepEqual([final.ok, final.count, final.fail, final.plan.end], [false, 1, 1, 1]);
    for (const format of ['sarif', 'junit'] as const) {
      const { stdout } = await run(['check', own, '--format', format]);
      if (format === 'sarif') assert.ok(assertSarif(stdout).runs[0].results.length > 0);
      else {
        const file = join(folder, 'check.xml');
        writeFileSync(file, stdout);
        assert.equal(parseResults({ type: 'junit', files: [file] }).failed, 1);
      }
    }
  });

  test(`${name}: annotations for GitHub name the file and the line`, async () => {
    const { violations } = await reportOf(path);
    const lines = (await replayed(path, 'github')).trimEnd().split('\n');
    const escaped = path.replaceAll('%', '%25').replaceAll(',', '%2C').replaceAll(':', '%3A');
    for (const { line } of violations.slice(0, 5)) {
      assert.ok(
        lines.some((one) => one.startsWith(`::error file=${escaped},line=${line},`)),
        `${line}`,
      );
    }
  });

  test(`${name}: Chrome's format has processes, threads, and every transition and violation`, async () => {
    const { transitions, violations } = await reportOf(path);
    const model = buildModel(JSON.parse(await written('export', 'chrome', path, ...KERNEL)));
    const names = model.processes.map(({ name }) => name);
    assert.ok(names.includes('CPU 0') && names.some((each) => each?.startsWith('vCPU ')), names.join());
    const events = model.processes.flatMap(({ threads }) => threads.flatMap(({ events }) => events));
    const ofCategory = (wanted: string) => events.filter((event) => event.hasCategory(wanted));
    assert.equal(ofCategory('transition').length, transitions.total);
    assert.equal(ofCategory('violation').length, violations.length);
    assert.ok(model.start >= 0 && model.end > model.start);
  });

  test(`${name}: Perfetto's format has the same`, async () => {
    const { transitions, violations } = await reportOf(path);
    const file = join(folder, 'x.pftrace');
    await written('export', 'perfetto', path, ...KERNEL, '-o', file);
    const { packet } = PERFETTO_TRACE.toObject(PERFETTO_TRACE.decode(readFileSync(file)), {
      longs: String,
      enums: String,
    });
    const categories = new Map<string, string>();
    const count = new Map<string, number>();
    for (const { interned_data: interned, track_event: event } of packet) {
      for (const { iid, name } of interned?.event_categories ?? []) categories.set(iid, name);
      if (event?.type !== 'TYPE_INSTANT') continue;
      for (const iid of event.category_iids ?? [])
        count.set(categories.get(iid) ?? '', (count.get(categories.get(iid) ?? '') ?? 0) + 1);
    }
    assert.deepEqual([count.get('transition'), count.get('violation')], [transitions.total, violations.length]);
  });

  const duckDb = import('@duckdb/node-api').catch(() => undefined);
  test(`${name}: CSV of costs is a table of numbers`, {
    skip: skipUnless((await duckDb) !== undefined, 'DuckDB has no build for this machine'),
  }, async () => {
    const file = join(folder, 'costs.csv');
    writeFileSync(file, await written('costs', path, ...KERNEL, '--every', '10ms', '--format', 'csv'));
    const { DuckDBInstance } = (await duckDb) ?? assert.fail();
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const query = `SELECT "column", value FROM read_csv('${file}') WHERE "table" = 'per entry' AND row = 'bytes'`;
    const rows = (await connection.runAndReadAll(query)).getRows();
    const { distributions } = JSON.parse(await written('costs', path, ...KERNEL, '--format', 'json'));
    const { count: _, ...expected } = distributions.bytes;
    assert.deepEqual(Object.fromEntries(rows.map(([column, value]) => [column, Number(value)])), expected);
    connection.closeSync();
  });
}
