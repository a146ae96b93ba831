/** Lines of a capture that are out of order, and times that are wrong: what can be put right is, the rest costs what is wrong. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DATA, importText, only } from '../support/captures.ts';
import { createRandom } from '../support/random.ts';

const OPTIONS = { model: 'v6.10', mode: 'vhe', sveVl: 64 };
const LINES = readFileSync(new URL('lazy-vhe.ftrace', DATA), 'utf8').trimEnd().split('\n');
const whole = importText(LINES.join('\n'), OPTIONS);

const ENTRY = /^(.{16}-\d+ +\[(\d+)\] \S+ +)(\d+\.\d+)(: .*)$/;
interface Entry {
  readonly cpu: string;
  readonly time: number;
}
const entryOf = (line = ''): Entry | undefined => {
  const [, , cpu, time] = ENTRY.exec(line) ?? [];
  return cpu === undefined ? undefined : { cpu, time: Number(time) };
};
const ENTRIES = LINES.flatMap((line, at) => (entryOf(line) === undefined ? [] : [at]));
const dated = (line: string, time: string): string => line.replace(ENTRY, `$1${time}$4`);

/** How much of the times that whole lines have is in the events of `text`. */
function timesOf(text: string) {
  const { events, account } = importText(text, OPTIONS);
  return { account, lost: only(events, 'lost'), times: new Set(events.map(({ ts }) => ts)) };
}

test('one time that is too late costs one line, wherever it is', () => {
  const random = createRandom(1);
  for (let times = 0; times < 60; times++) {
    // Up to those at the end, behind which too little comes to tell.
    const at = ENTRIES[20 + random.below(ENTRIES.length - 80)] as number;
    const late = random.pick(['9999.000001', '999999999.999999', `${(entryOf(LINES[at]) as Entry).time + 0.5}`]);
    const { account, lost } = timesOf(LINES.map((line, n) => (n === at ? dated(line, late) : line)).join('\n'));
    const unused = account.unused.map(({ what, count, firstLine }) => [what, count, firstLine]);
    if (late.length > 8) assert.deepEqual(unused, [['line whose time is later than those after it', 1, at + 1]]);
    assert.ok(lost.reduce((sum, { count = 0 }) => sum + count, 0) <= 1, `line ${at + 1}, ${late}`);
    assert.ok(account.records >= whole.account.records - 1);
  }
});

test('one time that is too early costs one line', () => {
  const random = createRandom(2);
  for (let times = 0; times < 40; times++) {
    // Not among the first, before which too little comes to tell.
    const at = ENTRIES[250 + random.below(ENTRIES.length - 270)] as number;
    const { account } = timesOf(LINES.map((line, n) => (n === at ? dated(line, '0.000001') : line)).join('\n'));
    assert.deepEqual(
      account.unused.map(({ what, count }) => [what, count]),
      [['line older than the one before it on its CPU', 1]],
    );
  }
});

test('lines of one CPU that have changed places are imported as if they had not', () => {
  const random = createRandom(3);
  let tried = 0;
  for (let times = 0; times < 200; times++) {
    const from = 5 + random.below(ENTRIES.length - 40);
    const line = LINES[ENTRIES[from] as number] as string;
    const mine = entryOf(line) as Entry;
    // Behind lines of its own CPU only: among those of others its place is not told by its time.
    let to = from + 1;
    while (entryOf(LINES[ENTRIES[to] as number])?.cpu === mine.cpu && to - from < 12) to++;
    const between = ENTRIES.slice(from + 1, to).map((at) => (entryOf(LINES[at]) as Entry).time);
    if (between.length === 0 || between.some((time) => time <= mine.time)) continue;
    tried++;
    const parts = LINES.filter((_, at) => at !== ENTRIES[from]);
    parts.splice(ENTRIES[to - 1] as number, 0, line);
    const { events, account } = importText(parts.join('\n'), OPTIONS);
    assert.deepEqual(events, whole.events, `line ${(ENTRIES[from] as number) + 1}, ${between.length} further on`);
    assert.deepEqual(account.unused, []);
    assert.ok(Object.keys(account.assumptions).some((what) => what.startsWith('lines were out of order')));
  }
  assert.ok(tried > 20, `only ${tried}`);
});

test('two captures one behind the other, of which the second is older: what is before the seam is all there', () => {
  const first = LINES.slice(0, ENTRIES[300]);
  const older = ENTRIES.slice(0, 200).map((at) => dated(LINES[at] as string, `1.${String(at).padStart(6, '0')}`));
  const { account } = timesOf([...first, ...older].join('\n'));
  const alone = timesOf(first.join('\n'));
  assert.equal(account.records, alone.account.records);
  assert.equal(account.unused[0]?.count, older.length);
});
