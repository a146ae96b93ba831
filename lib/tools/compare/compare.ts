/** One trace under several kernels: it is read once, and each event is fed to a replay of each kernel. */

import type { Findings } from '../../account/ledger.ts';
import type { InputError } from '../../ingest/source.ts';
import { createReplay } from '../../replay/replay.ts';
import type { Wishes } from '../../replay/settings.ts';
import type { RunOptions } from '../../replay/wiring.ts';
import type { Report } from '../../report/report.ts';
import type { EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { readTrapAsUse } from '../foreign.ts';
import { type Differences, differencesOf } from './differences.ts';

export interface Kernel {
  /** Names of `MODELS` and `MODES`, that go together. */
  readonly model: string;
  readonly mode: string;
}

export interface CompareOptions extends Pick<RunOptions, 'strict' | 'maxViolations'>, Pick<Wishes, 'sveVl' | 'smeVl'> {}

export interface Comparison {
  /** In the order of the kernels. */
  readonly runs: readonly Report[];
  readonly differences: Differences;
}

export interface Comparing {
  /** Feeds one event to all kernels; it may be changed. An error is that of a replay. */
  step(event: EventRecord): InputError | undefined;
  /** Takes into all ledgers what the reader of the trace found. */
  note(findings: Findings): void;
  finish(inputs: Report['inputs']): Comparison;
}

/**
 * `kernels`: at least one; the others are compared with the first. What a trace tells of the kernel that it was taken on is
 * not held against others: a trap that was seen there is read as use of the registers, of which each kernel decides
 * whether it traps, and values read inside that kernel are left out.
 */
export function createComparison(kernels: readonly Kernel[], options: CompareOptions = {}): Comparing {
  const replays = kernels.map((kernel) => createReplay({ ...options, ...kernel }));
  let readAsUse = 0;
  let leftOut = 0;
  return {
    step(event) {
      if (event.kind === KIND.observe) {
        leftOut += 1;
        return undefined;
      }
      if (readTrapAsUse(event)) readAsUse += 1;
      for (const replay of replays) {
        const error = replay.step(event);
        if (error !== undefined) return error;
      }
      return undefined;
    },
    note(findings) {
      for (const replay of replays) replay.note(findings);
    },
    finish(inputs) {
      const runs = replays.map((replay) => replay.finish(inputs));
      return { runs, differences: differencesOf(runs, { readAsUse, leftOut }) };
    },
  };
}
