/** Where the emulator has the values from that were read otherwise inside a kernel: what the kernel should have done. */

import type { Machine } from '../../kernel/state/machine.ts';
import type { Cause, CauseStep, Report } from '../../report/report.ts';
import type { EventRecord } from '../../trace/event.ts';
import { VCPU_FIELDS } from '../state/fields.ts';
import { createHistory, fieldNamed, type HistoryOf } from '../state/history.ts';

/** Steps of a cause. */
const MOST = 8;

/** Bits, as traces have them. */
const WORDS: Readonly<Record<string, string>> = { '0': 'false', '1': 'true' };

interface Origin {
  readonly cause: number;
  readonly field: string;
  readonly predicted: string;
  readonly history: HistoryOf;
}

export interface Origins {
  take(machine: () => Machine | undefined, event: EventRecord, step: () => void): void;
  /** The values have all been read, or there are none. */
  readonly isOver: boolean;
  /** The causes with the step that each value is of, where one is known. */
  causes(): readonly Cause[];
}

/** Of each cause that began as a value that diverged. */
export function createOrigins({ causes, observations }: Report): Origins {
  const origins = causes.flatMap(({ cause, steps }): readonly Origin[] => {
    const first = observations.diverging.find((divergence) => divergence.cause === cause);
    const field = first && fieldNamed(first.field);
    if (first?.cpu === undefined || field === undefined || first.line !== steps[0]?.line) return [];
    const { input, line, cpu, vm = 0, vcpu, predicted } = first;
    const isOfVcpu = VCPU_FIELDS.some(({ name }) => name === field);
    const history = createHistory({ input, line }, field, isOfVcpu && vcpu !== undefined ? { vm, vcpu } : { cpu });
    return [{ cause, field: first.field, predicted, history }];
  });
  const stepOf = ({ field, predicted, history }: Origin): readonly CauseStep[] => {
    const write = history.result()?.writes.findLast(({ to }) => (WORDS[to] ?? to) === predicted || to === predicted);
    if (write === undefined) return [];
    const { by, from: _from, to: _to, ...place } = write;
    const value = `${field} = ${predicted}`;
    // A writer is a function, or what happened in words.
    return /^\w+$/.test(by)
      ? [{ ...place, source: by, verb: 'should have written', text: value }]
      : [{ ...place, source: '', verb: '', text: `${by}: ${value} from here on` }];
  };
  return {
    take(machine, event, step) {
      step();
      for (const { history } of origins) history.take(machine, event, () => {});
    },
    get isOver() {
      return origins.every(({ history }) => history.isOver);
    },
    causes() {
      const steps = new Map(origins.map((origin) => [origin.cause, stepOf(origin)]));
      return causes.map((cause) => ({
        ...cause,
        steps: [...(steps.get(cause.cause) ?? []), ...cause.steps].slice(0, MOST),
      }));
    },
  };
}
