/** Traces read into memory, and replayed as often as wanted. */

import { readFileSync } from 'node:fs';
import type { RuleCount } from '../../lib/check/checker.ts';
import type { Model } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import { startRun } from '../../lib/replay/run.ts';
import { settle } from '../../lib/replay/settings.ts';
import type { RunOptions } from '../../lib/replay/wiring.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord, type EventRecord } from '../../lib/trace/event.ts';

export interface Trace {
  readonly inputs: Report['inputs'];
  readonly events: readonly EventRecord[];
}

/** The kernel to emulate; where absent, that of the trace's `meta`. */
export interface Machine extends Pick<RunOptions, 'strict' | 'maxViolations' | 'reported' | 'reportedRule' | 'filter'> {
  readonly model?: Model;
  readonly mode?: Mode;
}

/** Throws at the first line that is not an event. How files are read, whatever is in them, is tested with the readers. */
export function readTraceFile(url: URL): Trace {
  const lines = readFileSync(url, 'utf8').trimEnd().split('\n');
  return traceFrom(
    lines.map((line) => JSON.parse(line)),
    url.pathname.replace(/.*\//, ''),
  );
}

/** A trace of the events, as the lines of a file would be. Throws where one is not an event of the format. */
export function traceFrom(lines: readonly object[], name = 'trace'): Trace {
  const events = lines.map((line, index) => {
    const event = createEventRecord();
    const error = decode(line, event);
    if (error !== undefined) throw new Error(`${name}:${index + 1}: ${error.field}: ${error.expected}`);
    event.line = index + 1;
    return event;
  });
  return { inputs: [{ name, lines: lines.length, events: lines.length }], events };
}

/** The report of the trace. Throws where `meta` names a model or mode that there is not. */
export function replay(trace: Trace, machine: Machine = {}): Report {
  return run(trace, machine).report;
}

/** The report, and what became of each rule. */
export function run(trace: Trace, machine: Machine = {}): { report: Report; checks: readonly RuleCount[] } {
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
  return { report: run.finish(trace.inputs), checks: run.checks() };
}
