/** Captures of correct kernels with part of their evidence taken away: none of it may be called an error. */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { createTextImport } from '../../lib/import/text.ts';
import { findingsOf } from '../../lib/replay/findings.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { CAPTURES } from './captures.ts';
import type { Random } from './random.ts';
import {
  kindsOf,
  type Lines,
  lost,
  type Reduction,
  readLines,
  subset,
  tracepointsOnly,
  whole,
  window,
  without,
} from './reduce.ts';

export interface Capture {
  readonly name: string;
  readonly model: string;
  readonly mode: string;
  readonly text: string;
}

/** Part of a capture's name -> the model that is right for it. */
const RIGHT: readonly (readonly [string, string])[] = [
  ['seed-v1', 'seed-v1'],
  ['6.12-lazy', 'v6.10'],
  ['6.12', 'v6.12-stable'],
  ['6.1-', 'v6.1-stable'],
  ['6.16', 'v6.16'],
  ['6.18', 'v6.16'],
  ['7.0', 'v7.0-stable'],
  ['7.2', 'v7.2'],
  ['7.', 'v7.3'],
];
/** Not of a correct kernel, or of a machine that was not. */
const BROKEN = ['6.12-seed-v1-nvhe', 'tcg-race'];

function captureOf(folder: URL, file: string): Capture[] {
  const name = file.replace('.ftrace.gz', '');
  const mode = /-(vhe|nvhe|hvhe|pkvm|nested)(?:-|$)/.exec(name)?.[1] ?? '';
  const model = RIGHT.find(([part]) => name.includes(part))?.[1];
  if (model === undefined || mode === '' || BROKEN.some((part) => name.includes(part))) return [];
  const text = gunzipSync(readFileSync(new URL(file, folder))).toString('latin1');
  return [{ name, model, mode: mode === 'nested' ? 'vhe' : mode, text }];
}

/** The captures of correct kernels under the shared folder; none where it is not there. */
export function capturesAtHand(wanted = (_name: string): boolean => true): Capture[] {
  if (CAPTURES === undefined) return [];
  return ['raw/', 'own/'].flatMap((name) => {
    const folder = new URL(name, CAPTURES);
    return readdirSync(folder)
      .filter((file) => file.endsWith('.ftrace.gz') && wanted(file))
      .sort()
      .flatMap((file) => captureOf(folder, file));
  });
}

/** The report of the text of a capture, as `worldswitch replay` gives it. */
export function replayText(text: string, model: string, mode: string): Report {
  const events: TraceEvent[] = [];
  const lines: number[] = [];
  const importer = createTextImport({ model, mode }, (event, line) => {
    events.push(event);
    lines.push(line);
  });
  importer.push(Buffer.from(text, 'latin1'));
  const account = importer.finish();
  const replay = createReplay({ model, mode });
  const record = createEventRecord();
  for (const [index, event] of events.entries()) {
    const error = decode(event, record);
    if (error !== undefined) throw new Error(`${JSON.stringify(event)}: ${error.field}: ${error.expected}`);
    record.line = lines[index] as number;
    replay.step(record);
  }
  replay.note(findingsOf({ account, model, mode }, true));
  return replay.finish([{ name: 'capture', lines: account.lines, events: events.length }]);
}

/** What of the report says that the kernel is wrong. */
export function alarmsOf(report: Report): string[] {
  const errors = report.violations.filter(({ severity }) => severity === 'error');
  const divergences = report.observations.diverging.map(
    ({ line, field, observed, predicted }) => `line ${line}: ${field} = ${observed}, predicted ${predicted}`,
  );
  return [...errors.map(({ line, rule, message }) => `line ${line}: ${rule} ${message}`), ...divergences];
}

export interface Amount {
  readonly subsets: number;
  readonly windows: number;
  readonly losses: number;
  readonly pairs: number;
}

/** Several at once: a window, kinds left out, and losses that may be short and close together. */
export function combinationOf(lines: Lines, random: Random): Reduction {
  const names: string[] = [];
  let left = lines;
  const take = ({ name, text }: Reduction): void => {
    const next = readLines(text);
    if (next.entries.length === 0) return;
    names.push(name);
    left = next;
  };
  if (!random.once(4)) {
    const from = random.below(Math.max(1, left.entries.length - 300));
    take(window(left, from, from + 300 + random.below(1200)));
  }
  const kinds = kindsOf(lines);
  const ways = [
    () => tracepointsOnly(left),
    () => subset(left, random, 0.3 + random.below(60) / 100),
    () => without(left, [random.pick(kinds), random.pick(kinds), random.pick(kinds)]),
    () => left,
  ];
  const reduced = random.pick(ways)();
  if ('text' in reduced) take(reduced);
  let at = random.below(left.entries.length);
  for (let losses = random.below(4); losses > 0; losses--) {
    const length = 1 + random.below(random.pick([3, 10, 60, 300]));
    take(lost(left, at, at + length, random.once(3) ? undefined : random.below(2)));
    at = random.once(2) ? at + random.below(20) : random.below(left.entries.length);
  }
  return { name: names.join('; '), text: whole(left).text };
}

/** Each kind alone, tracepoints only, pairs, random subsets, windows, losses. */
export function reductionsOf(lines: Lines, random: Random, amount: Amount): Reduction[] {
  const kinds = kindsOf(lines);
  const size = lines.entries.length;
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  return [
    whole(lines),
    tracepointsOnly(lines),
    ...kinds.map((kind) => without(lines, [kind])),
    ...times(amount.pairs, () => without(lines, [random.pick(kinds), random.pick(kinds)])),
    ...times(amount.subsets, () => subset(lines, random, 0.3 + random.below(60) / 100)),
    ...times(amount.windows, () => {
      const from = random.below(Math.max(1, size - 100));
      return random.once(2) ? window(lines, from) : window(lines, from, from + 400);
    }),
    ...times(amount.losses, () => {
      const from = random.below(size);
      const to = from + 20 + random.below(780);
      return random.once(2) ? lost(lines, from, to) : lost(lines, from, to, random.below(2));
    }),
  ];
}
