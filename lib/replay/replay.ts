/** A replay, one event at a time. The machine is made at the first event, since a meta line says which. */

import type { Findings } from '../account/ledger.ts';
import type { InputError } from '../ingest/source.ts';
import type { Machine } from '../kernel/state/machine.ts';
import type { Report } from '../report/report.ts';
import { createEventRecord, type EventRecord } from '../trace/event.ts';
import { KIND } from '../trace/vocabulary.ts';
import type { Leap } from './leaping.ts';
import { createMetas } from './metas.ts';
import { type Run, type Shortcomings, startRun } from './run.ts';
import { settle, type Wishes } from './settings.ts';
import type { RunOptions } from './wiring.ts';

export interface ReplayOptions extends RunOptions, Wishes {
  /** Most tasks and vCPUs that a trace may name, together; default 1,000,000. */
  readonly maxEntities?: number;
}

const DEFAULT_MAX_ENTITIES = 1_000_000;

export interface Replay {
  /**
   * Replays one event. An error where it is a meta line that names a model or mode there is not, and where the trace has
   * named too many tasks and vCPUs: then the replay cannot go on.
   */
  step(event: EventRecord): InputError | undefined;
  /** Replays records that do what others did before; the first that does not is to be replayed by `step`. */
  readonly leap: Leap;
  /** To look at between two events, and not to be changed; undefined before the first. */
  readonly machine: Machine | undefined;
  /** Takes into the ledger what the reader of the trace found. */
  note(findings: Findings): void;
  /** The report. `inputs`: what was read; the names go into it as they are. */
  finish(inputs: Report['inputs'], shortcomings?: Shortcomings): Report;
}

/** `options.model` and `options.mode` must be names of `MODELS` and `MODES`. */
export function createReplay(options: ReplayOptions): Replay {
  const { maxEntities = DEFAULT_MAX_ENTITIES } = options;
  let run: Run | undefined;
  const metas = createMetas(options);
  /** Those of the inputs that begin with one come before any other event. */
  const waiting: EventRecord[] = [];
  const start = (event: EventRecord): Run | InputError => {
    const settings = settle(options, metas.meta);
    if ('field' in settings) return { input: event.input, line: event.line, ...settings };
    const started = startRun(options, settings, event);
    for (const meta of waiting.splice(0)) started.step(meta);
    return started;
  };
  // A trace without events is replayed on the machine that was asked for.
  const begun = (): Run => {
    const started = run ?? start(waiting[0] ?? createEventRecord());
    if ('field' in started) throw new Error(`${started.field} ${started.found}`);
    run = started;
    return started;
  };
  return {
    step(event) {
      if (event.kind === KIND.meta) {
        const contradiction = metas.add(event);
        if (contradiction !== undefined) return contradiction;
        if (run === undefined) {
          // An error in it is told where it stands.
          const settings = settle(options, metas.meta);
          if ('field' in settings) return { input: event.input, line: event.line, ...settings };
          waiting.push({ ...event });
          return undefined;
        }
      }
      if (run === undefined) {
        const started = start(event);
        if ('field' in started) return started;
        run = started;
      }
      const entities = run.step(event);
      return entities > maxEntities ? tooMany(event, maxEntities) : undefined;
    },
    leap: (scanned, from, to) => run?.leap(scanned, from, to) ?? from,
    get machine() {
      return run?.machine;
    },
    note: (findings) => begun().note(findings),
    finish: (inputs, shortcomings) => begun().finish(inputs, shortcomings),
  };
}

function tooMany({ input, line }: EventRecord, most: number): InputError {
  const expected = `at most ${most} tasks and vCPUs in a trace`;
  return { input, line, field: '', expected, found: 'another one', option: 'replay --max-entities' };
}
