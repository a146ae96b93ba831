/** Traces through the machine: what `replay` does between its options and its report, for every command that replays. */

import { type Capture, readCaptures } from '../import/read.ts';
import { findingsOf } from '../replay/findings.ts';
import { leapsAfterFor } from '../replay/leaping.ts';
import { createReplay, type ReplayOptions as MachineOptions } from '../replay/replay.ts';
import { unknownName } from '../replay/unknown-name.ts';
import type { Report } from '../report/report.ts';
import { createBadLines } from './bad-lines.ts';
import { readingOf } from './captures.ts';
import { createSettingsFinder } from './check/settings-file.ts';
import { type EventLoop, eachEvent } from './event-loop.ts';
import { type ReplayOptions, wantsProgress } from './options/replay-options.ts';
import type { Io } from './terminal/io.ts';
import type { Interruption } from './terminal/signals.ts';

interface Surroundings {
  readonly machine: MachineOptions;
  /** Who reads what the replay says while it goes on. */
  readonly output: EventLoop['output'];
  readonly interruption?: Interruption;
  readonly io: Io;
}

export interface Replayed {
  readonly report: Report;
  /** By input; undefined for NDJSON. */
  readonly captures: readonly (Capture | undefined)[];
}

/** Undefined where nobody reads the output any more. Throws `Failure` for what cannot be read. */
export async function replayTraces(
  inputs: readonly string[],
  options: ReplayOptions,
  { machine: settings, output, interruption, io }: Surroundings,
): Promise<Replayed | undefined> {
  const { skip: _, ...defaults } = createSettingsFinder()(inputs[0] ?? '-');
  const reading = readingOf(options);
  const source = readCaptures(inputs, { ...reading, importing: { ...reading.importing, defaults } });
  const machine = createReplay({
    ...settings,
    leapsAfter: options.cache ? leapsAfterFor(source.inputs) : Number.POSITIVE_INFINITY,
    defaults,
  });
  const bad = createBadLines(options.keepGoing, inputs, source.inputs, (line) => io.stderr.write(line));
  const ingest: EventLoop = {
    source,
    visit(event) {
      const unknown = unknownName(event, options.strict);
      if (unknown === undefined) bad.end(machine.step(event));
      else bad.take(unknown);
    },
    leap: machine.leap,
    fault: bad.take,
    output,
    progress: wantsProgress(options, io),
    ...(interruption !== undefined && { interruption }),
  };
  await eachEvent(ingest, io);
  if (output.closed === true) return undefined;
  for (const capture of source.captures) if (capture !== undefined) machine.note(findingsOf(capture, true));
  bad.finish();
  const signal = interruption?.signal;
  interruption?.release();
  const partial = signal === undefined ? bad.partial : `ended by ${signal}`;
  const shortcomings = { skippedLines: bad.skippedLines, ...(partial !== undefined && { partial }) };
  return { report: machine.finish(source.inputs, shortcomings), captures: source.captures };
}
