/** The events of a replay as columns, and their times on one axis that never goes back. */

import { ABSENT, type EventRecord } from '../trace/event.ts';
import { Column, TimeColumn } from './column.ts';
import type { EventColumns } from './timeline.ts';

const HIGH = 2 ** 32;

export interface EventLog {
  readonly length: number;
  push(event: EventRecord): void;
  /** Whether that event stands in that line. */
  isAt(index: number, input: number, line: number): boolean;
  /** ns, of the first time that the trace tells; '' where it tells none. */
  base(): string;
  finish(): EventColumns;
}

export function createEventLog(): EventLog {
  const times = new TimeColumn();
  const [inputs, lines, kinds, cpus, inferred] = [1, 2, 3, 4, 5].map(() => new Column()) as [
    Column,
    Column,
    Column,
    Column,
    Column,
  ];
  let base: { readonly high: number; readonly low: number } | undefined;
  let now = 0;
  return {
    get length() {
      return lines.length;
    },
    push(event) {
      const { tsHigh, tsLow } = event;
      if (tsHigh !== ABSENT) {
        base ??= { high: tsHigh, low: tsLow };
        // An event without a time is at that of the one before it, and so is one whose time has gone back.
        now = Math.max(now, (tsHigh - base.high) * HIGH + (tsLow - base.low));
      }
      times.push(now);
      inputs.push(event.input);
      lines.push(event.line);
      kinds.push(event.kind);
      cpus.push(event.cpu === ABSENT ? 0 : event.cpu + 1);
      inferred.push(event.inferred === 1 ? 1 : 0);
    },
    isAt: (index, input, line) => lines.at(index) === line && inputs.at(index) === input,
    base: () => (base === undefined ? '' : String((BigInt(base.high) << 32n) + BigInt(base.low))),
    finish: () => ({
      times: base === undefined ? new Float64Array(0) : times.finish(),
      inputs: inputs.finish(),
      lines: lines.finish(),
      kinds: kinds.finish(),
      cpus: cpus.finish(),
      inferred: inferred.finish(),
    }),
  };
}
