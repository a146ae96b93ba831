/** Replays traces for a picture: what `view` and `export` have in common. */

import { readCaptures } from '../import/read.ts';
import type { InputError } from '../ingest/source.ts';
import { findingsOf } from '../replay/findings.ts';
import { createReplay } from '../replay/replay.ts';
import { createRecorder } from '../timeline/recorder.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type CaptureCommandOptions, readingOf, tellPresumed, tellUnused } from './captures.ts';
import type { Context } from './context.ts';
import { eachEvent } from './event-loop.ts';
import { Failure, InputFailure } from './exit.ts';
import { eventFilter, type FilterOptions } from './options/filters.ts';
import { checkKernel } from './options/replay-options.ts';

/** As commander delivers them. */
export interface RecordOptions extends CaptureCommandOptions, Pick<FilterOptions, 'cpu' | 'from' | 'to'> {
  /** Bytes; 0: none. */
  readonly smeVl?: number;
  /** Most events of the picture. */
  readonly maxEvents: number;
  readonly progress: boolean;
}

/** More than this, and a page takes long to open. */
export const MOST_EVENTS = 5_000_000;

/** Throws `Failure` where a trace cannot be read, and where it has more events than a picture is to have. */
export async function record(inputs: readonly string[], options: RecordOptions, context: Context): Promise<Timeline> {
  const { io, stdout } = context;
  const { model, mode, sveVl, smeVl, maxEvents } = options;
  checkKernel(model, mode);
  const reported = eventFilter(options);
  const source = readCaptures(inputs, readingOf(options));
  const recorder = createRecorder();
  const replay = createReplay({
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    ...(sveVl !== undefined && { sveVl }),
    ...(smeVl !== undefined && { smeVl }),
    ...(reported !== undefined && { reported }),
    ...recorder.listeners,
  });
  const refuse = (error: InputError): never => {
    throw new InputFailure(error, inputs);
  };
  const visit = (event: Parameters<typeof replay.step>[0]): void => {
    const error = replay.step(event);
    if (error !== undefined) refuse(error);
    if (recorder.length > maxEvents) {
      throw new Failure(
        `more than ${maxEvents} events: --cpu, --from and --to cut a part out, --max-events allows more`,
      );
    }
  };
  await eachEvent({ source, visit, fault: refuse, output: stdout, progress: options.progress }, io);
  for (const capture of source.captures) if (capture !== undefined) replay.note(findingsOf(capture, true));
  const report = replay.finish(source.inputs);
  tellUnused(source.captures, inputs, io);
  tellPresumed(source.captures, inputs, report.model, io);
  return recorder.finish(report);
}
