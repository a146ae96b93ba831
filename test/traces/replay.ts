/** Traces read into memory, and replayed as often as wanted. */

import { fileURLToPath } from 'node:url';
import type { Report } from '../../lib/account/report.ts';
import { type RunOptions, startRun } from '../../lib/account/run.ts';
import { settle } from '../../lib/account/settings.ts';
import { readTrace } from '../../lib/ingest/reader.ts';
import type { InputProgress } from '../../lib/ingest/source.ts';
import type { Mode, Model } from '../../lib/kernel/profiles.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord, type EventRecord } from '../../lib/trace/event.ts';

export interface Trace {
  readonly inputs: Report['inputs'];
  readonly events: readonly EventRecord[];
}

/** The kernel to emulate; where absent, that of the trace's `meta`. */
export interface Machine extends Pick<RunOptions, 'strict' | 'maxViolations' | 'reported' | 'reportedRule'> {
  readonly model?: Model;
  readonly mode?: Mode;
}

/** Throws at the first line that is not an event. */
export async function readTraceFile(url: URL): Promise<Trace> {
  const source = readTrace([fileURLToPath(url)]);
  const events: EventRecord[] = [];
  for await (const batch of source.batches) {
    for (let index = 0; index < batch.length; index++) {
      const event = createEventRecord();
      const error = batch.read(index, event);
      if (error !== undefined) throw new Error(`${url.pathname}:${error.line}: ${error.field}: ${error.expected}`);
      events.push(event);
    }
  }
  return { inputs: source.inputs.map(inputOf), events };
}

const inputOf = ({ name, lines, events }: InputProgress): Report['inputs'][number] => ({ name, lines, events });

/** A trace of the events, as the lines of a file would be. Throws where one is not an event of the format. */
export function traceFrom(lines: readonly object[]): Trace {
  const events = lines.map((line, index) => {
    const event = createEventRecord();
    const error = decode(line, event);
    if (error !== undefined) throw new Error(`line ${index + 1}: ${error.field}: ${error.expected}`);
    event.line = index + 1;
    return event;
  });
  return { inputs: [{ name: 'trace', lines: lines.length, events: lines.length }], events };
}

/** The report of the trace. Throws where `meta` names a model or mode that there is not. */
export function replay(trace: Trace, machine: Machine = {}): Report {
  const [first] = trace.events;
  if (first === undefined) throw new Error('a trace without events');
  const wishes = {
    ...(machine.model !== undefined && { model: machine.model.name }),
    ...(machine.mode !== undefined && { mode: machine.mode }),
  };
  const settings = settle(wishes, first.meta);
  if ('field' in settings) throw new Error(`${settings.field}: ${settings.found}`);
  const run = startRun(machine, { ...settings, model: machine.model ?? settings.model }, first);
  for (const event of trace.events) run.step(event);
  return run.finish(trace.inputs);
}
