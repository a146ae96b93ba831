import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProgress } from '../../lib/cli/terminal/progress.ts';

const input = (events: number, bytes: number, size: number | undefined) => ({
  name: 'x',
  lines: events,
  events,
  bytes,
  size,
});

test('share, bytes, events, speed, and the time left', () => {
  assert.equal(
    formatProgress([input(1_000_000, 50e6, 100e6), input(500_000, 25e6, 100e6)], 3),
    ' 37%  75 MB  1,500,000 events  500,000 events/s  5 s left',
  );
});

test('no share and no time left where a size is not known', () => {
  assert.equal(formatProgress([input(1000, 1e6, undefined), input(0, 0, 5)], 1), '1 MB  1,000 events  1,000 events/s');
});

test('nothing read, nothing to read, and a file that grew meanwhile', () => {
  assert.equal(formatProgress([], 0), '0 MB  0 events  0 events/s');
  assert.equal(formatProgress([input(0, 0, 100)], 1), '  0%  0 MB  0 events  0 events/s');
  assert.match(formatProgress([input(1, 200, 100)], 1), /^100%.* 0 s left$/);
});
