/** `costs`: its sums are those of the report, whatever they are counted for, and every format has the same numbers. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Report } from '../../lib/report/report.ts';
import type { CostsReport } from '../../lib/tools/costs/costs.ts';
import { MEASURE_NAMES, type Measure } from '../../lib/tools/costs/measures.ts';
import { UNITS } from '../../lib/tools/costs/units.ts';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-costs-'));
after(() => rmSync(folder, { recursive: true }));

const TRACES = [
  'traces/real/6.12-lazy-nvhe.ndjson',
  'traces/real/7.3-pkvm.ndjson',
  'traces/golden/ten-runs-with-fp.ndjson',
];
const costs = async (...argv: string[]): Promise<CostsReport> =>
  JSON.parse((await run(['costs', ...argv, '--format', 'json'])).stdout);

/** What the report has of each measure. */
function amountsOf({ cost: { total } }: Report): Record<Measure, number> {
  const count = (...names: string[]) => names.reduce((sum, name) => sum + (total[name]?.count ?? 0), 0);
  return {
    bytes: Object.values(total).reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    saves: count('fpsimd_save', 'sve_save', 'za_save', 'fpmr_save'),
    loads: count('fpsimd_load', 'sve_load', 'za_load', 'fpmr_load'),
    debug: count('debug_save', 'debug_restore'),
    sysregs: count('sysreg_read', 'sysreg_write'),
    barriers: count('isb', 'dsb'),
    calls: count('hvc'),
    // The guest is entered once for each of them, and once for each entry.
    traps: Number.NaN,
    exits: Number.NaN,
  };
}

for (const trace of TRACES) {
  test(`what is of units and what is of none is all that ${trace} costs`, async () => {
    const report: Report = JSON.parse((await run(['replay', trace, '--format', 'json'])).stdout);
    const expected = amountsOf(report);
    for (const per of Object.keys(UNITS)) {
      if (per === 'second' && !trace.includes('real')) continue;
      const { distributions, outside } = await costs(trace, '--per', per);
      for (const name of MEASURE_NAMES) {
        const sum = (distributions[name]?.total ?? 0) + (outside[name] ?? 0);
        if (!Number.isNaN(expected[name])) assert.equal(sum, expected[name], `${name} per ${per}`);
      }
    }
  });
}

test('an entry is from one entry to the next, and is told by how it ended', async () => {
  const { units, by_exit: byExit = [], distributions, histogram } = await costs(TRACES[0] as string);
  const { events }: Report = JSON.parse((await run(['replay', TRACES[0] as string, '--format', 'json'])).stdout);
  assert.equal(units, events.guest_enter);
  assert.equal(
    byExit.reduce((sum, { entries }) => sum + entries, 0),
    units,
  );
  assert.equal(
    histogram.reduce((sum, bucket) => sum + bucket.units, 0),
    units,
  );
  assert.equal(distributions.exits?.total, events.guest_exit);
  assert.ok(byExit.some(({ exit }) => exit === '0x24 DABT_LOW'));
});

test('a series adds up to the whole, and begins with the first cost', async () => {
  const { series = [], distributions, outside, every_ns: every } = await costs(TRACES[0] as string, '--every', '10ms');
  assert.equal(every, 10_000_000);
  assert.equal(series[0]?.from, 0);
  const sum = series.reduce((total, span) => total + (span.bytes ?? 0), 0);
  assert.equal(sum, (distributions.bytes?.total ?? 0) + (outside.bytes ?? 0));
  assert.ok(series.every(({ from }, at) => at === 0 || from > (series[at - 1]?.from ?? 0)));
});

test('seconds in which nothing happens are counted', async () => {
  const path = join(folder, 'idle.ndjson');
  const line = (event: string, seconds: number) =>
    JSON.stringify({ event, cpu: 0, ts: seconds * 1e9, ...(event === 'vcpu_load' && { vcpu: 0, task: 1 }) });
  writeFileSync(
    path,
    `${[line('vcpu_load', 5), line('guest_enter', 5), line('guest_exit', 14), line('vcpu_put', 14)].join('\n')}\n`,
  );
  const { units, distributions } = await costs(path, '--per', 'second');
  assert.equal(units, 10);
  assert.equal(distributions.sysregs?.median, 0);
});

test('filters leave the replay as it is', async () => {
  const [all, zero, one] = [
    await costs(TRACES[0] as string, '--per', 'cpu'),
    await costs(TRACES[0] as string, '--per', 'cpu', '--cpu', '0'),
    await costs(TRACES[0] as string, '--per', 'cpu', '--cpu', '1'),
  ];
  assert.equal(
    (zero.distributions.bytes?.total ?? 0) + (one.distributions.bytes?.total ?? 0),
    all.distributions.bytes?.total,
  );
});

test('Markdown fits into a mail, and it, CSV and text have the numbers of JSON', async () => {
  const argv = [TRACES[0] as string, '--every', '50ms'];
  const json = await costs(...argv);
  const [markdown, csv, text] = (await Promise.all(
    ['markdown', 'csv', 'text'].map(async (format) => (await run(['costs', ...argv, '--format', format])).stdout),
  )) as [string, string, string];
  for (const line of markdown.split('\n')) assert.ok(line.length <= 72, line);
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  const cells = new Map(
    csv
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => [line.split(',').slice(0, 3).join(' '), line.split(',')[3]]),
  );
  for (const [name, { p99, total }] of Object.entries(json.distributions)) {
    assert.equal(cells.get(`per entry ${name} p99`), String(p99));
    assert.match(markdown, new RegExp(`^\\| ${name} .*\\| +${p99} \\|.*\\| +${total} \\|$`, 'm'));
  }
  for (const { exit, entries } of json.by_exit ?? []) {
    assert.equal(cells.get(`median by exit ${exit} entries`), String(entries));
    assert.match(markdown, new RegExp(`^\\| ${exit} +\\| +${entries} \\|`, 'm'));
  }
});

test('where there is nothing to count it says so', async () => {
  const path = join(folder, 'none.ndjson');
  writeFileSync(path, '{"event":"task_switch","cpu":0,"next":1}\n');
  const { code, stderr } = await run(['costs', path]);
  assert.equal(code, 2);
  assert.match(stderr, /error: no guest is entered/);
  assert.match(
    (await run(['costs', TRACES[0] as string, '--every', '0'])).stderr,
    /--every 0: expected a time above 0/,
  );
});
