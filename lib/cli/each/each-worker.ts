/** The program of a process of `replay --each`: replays a trace at a time and writes its report. */

import { join } from 'node:path';
import { serve } from '../../fleet/serve.ts';
import { readReport } from '../../report/read.ts';
import type { Report } from '../../report/report.ts';
import { toJson } from '../../text/json.ts';
import { type Explained, explain } from '../exit.ts';
import { eventFilter, filterNames } from '../options/filters.ts';
import { type ReplayOptions, settingsOf } from '../options/replay-options.ts';
import { replayTraces } from '../replaying.ts';
import type { Io, Writable } from '../terminal/io.ts';
import { currentReport, reportPath, timeOf, writeReport } from './report-files.ts';

export interface EachSettings {
  /** Of the reports. */
  readonly folder: string;
  readonly options: ReplayOptions;
}

/** What of the report the run itself looks at. */
export type Summary = Pick<Report, 'verdict' | 'violation_counts' | 'events'>;

/** Of one trace. */
export type EachResult =
  /** `kept`: the report was there. `notes`: what there is to be said of the trace, in lines. */
  | { readonly summary: Summary; readonly kept: boolean; readonly notes: string }
  | { readonly failed: Explained; readonly notes: string };

serve(async (path: string, { folder, options }: EachSettings): Promise<EachResult> => {
  const file = join(folder, reportPath(path));
  const time = timeOf(path);
  const notes = createNotes();
  try {
    const kept = currentReport(file, time);
    const known = kept === undefined ? '' : readReport(kept);
    // A report that is damaged is missing.
    if (typeof known !== 'string') return { summary: summaryOf(known), kept: true, notes: '' };
    const report = await replayOne(path, options, notes.io);
    writeReport(file, `${toJson(report, 2)}\n`, time);
    return { summary: summaryOf(report), kept: false, notes: notes.text };
  } catch (error) {
    return { failed: explain(error), notes: notes.text };
  }
});

/** The report, in which the input is named as the list of inputs names it: that is what tells hosts apart. */
async function replayOne(path: string, options: ReplayOptions, io: Io): Promise<Report> {
  const [reported, filter] = [eventFilter(options), filterNames(options)];
  const machine = { ...settingsOf(options), ...(reported && { reported }), ...(filter && { filter }) };
  const replayed = await replayTraces([path], options, { machine, output: { ready: () => undefined }, io });
  if (replayed === undefined) throw new Error('an output that nobody closes');
  const { report } = replayed;
  return { ...report, inputs: report.inputs.map((input) => ({ ...input, name: path })) };
}

function summaryOf({ verdict, violation_counts, events }: Summary): Summary {
  return { verdict, violation_counts, events };
}

/** Takes what would go to stderr, in the order of time; the run prints it in the order of the traces. */
function createNotes(): { readonly text: string; readonly io: Io } {
  let text = '';
  const stream: Writable = {
    write(piece) {
      text += piece;
      return true;
    },
    on() {},
  };
  return {
    get text() {
      return text;
    },
    io: { stdin: { isTTY: true }, stdout: stream, stderr: stream, env: {} },
  };
}
