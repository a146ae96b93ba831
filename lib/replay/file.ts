/** A file, or several that are merged by time, from its bytes to its report. */

import type { ImportOptions } from '../import/importer.ts';
import { type CaptureOptions, readCaptures } from '../import/read.ts';
import { formatInputError } from '../ingest/message.ts';
import type { InputError } from '../ingest/source.ts';
import type { Report } from '../report/report.ts';
import { createEventRecord } from '../trace/event.ts';
import { findingsOf } from './findings.ts';
import { leapIn, leapsAfterFor } from './leaping.ts';
import { createReplay, type ReplayOptions } from './replay.ts';
import { unknownName } from './unknown-name.ts';

export interface FileOptions
  extends ReplayOptions,
    Pick<CaptureOptions, 'maxLineBytes' | 'maxBytes' | 'maxRatio' | 'threads' | 'reader'> {
  /** Events of a capture not to look at, by the names that the capture has. */
  readonly ignore?: readonly string[];
}

/** A line or a file that cannot be read as a trace. `message` says where, and is safe to print. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly error: InputError;
  constructor(error: InputError, paths: readonly string[]) {
    super(formatInputError(error, paths));
    this.error = error;
  }
}

/**
 * The report of traces or captures (NDJSON, ftrace, trace-cmd report, perf script; plain, gzip or zstd; '-' is stdin). What
 * of a capture is not understood is in the ledger of the report. Throws `TraceError` at the first line that cannot be read,
 * and Error for a model or mode that there is not.
 */
export async function replayFile(path: string | readonly string[], options: FileOptions = {}): Promise<Report> {
  const paths = typeof path === 'string' ? [path] : path;
  const source = readCaptures(paths, { ...options, importing: importingOf(options) });
  const replay = createReplay({ leapsAfter: leapsAfterFor(source.inputs), ...options });
  const event = createEventRecord();
  for await (const batch of source.batches) {
    for (let index = 0; index < batch.length; index++) {
      index = leapIn(batch, index, batch.length, replay.leap);
      if (index === batch.length) break;
      const error = batch.read(index, event) ?? unknownName(event, options.strict ?? false) ?? replay.step(event);
      if (error !== undefined) throw new TraceError(error, paths);
    }
  }
  for (const capture of source.captures) if (capture !== undefined) replay.note(findingsOf(capture, true));
  return replay.finish(source.inputs);
}

/** How captures are imported that are replayed so. */
function importingOf({ model, mode, sveVl, ignore, defaults }: FileOptions): ImportOptions {
  return {
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    // 0 is how a caller says that there is no SVE; then no vCPU has a vector length.
    ...(sveVl !== undefined && sveVl > 0 && { sveVl }),
    ...(ignore !== undefined && { ignore }),
    ...(defaults !== undefined && { defaults }),
  };
}
