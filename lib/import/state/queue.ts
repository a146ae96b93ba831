/**
 * Events on their way out. Some cannot be told at once: why a guest exit happened is printed after it, whether a put was the
 * scheduler's shows in what follows. Such an event keeps its place, and everything behind it waits. Bounded: where more than
 * LIMIT events wait, the oldest goes out as it is.
 */

import type { EventName, FP_TYPES, LEFT_OUT } from '../../trace/vocabulary.ts';

/** An event of trace format 1 as a plain object; keys in the order in which they are written. */
export interface TraceEvent {
  event: EventName;
  ts?: number | string;
  cpu?: number;
  vm?: number;
  vcpu?: number;
  task?: number;
  next?: number;
  reuses?: number;
  ec?: string;
  reason?: string;
  sve?: boolean;
  sve_vl?: number;
  sme_vl?: number;
  singlestep?: boolean;
  use_hw?: boolean;
  softirq?: boolean;
  isa?: 'sve' | 'sme';
  fp_type?: (typeof FP_TYPES)[number];
  sm?: number;
  za?: number;
  fp_owner?: string;
  fp_owner_kernel?: string;
  fp_owner_hyp?: string;
  last?: string;
  tif_foreign?: boolean;
  debug_dirty?: boolean;
  debug_owner?: string;
  locked?: boolean;
  count?: number;
  about?: (typeof LEFT_OUT)[number];
  what?: string;
  inferred?: boolean;
  maybe?: boolean;
  note?: string;
  format?: 1;
  model?: string;
  mode?: string;
  cpus?: number;
  brps?: number;
  wrps?: number;
  records?: readonly string[];
  features?: readonly string[];
  source?: string;
}

export type Emit = (event: TraceEvent, rawLine: number) => void;

export interface Entry {
  /** Undefined: nothing happened here after all. */
  event: TraceEvent | undefined;
  readonly rawLine: number;
  waiting: boolean;
}

export interface Queue {
  push(event: TraceEvent, rawLine: number): void;
  /** An event that is not complete, or that may turn out not to have happened (undefined); to be settled later. */
  hold(event: TraceEvent | undefined, rawLine: number): Entry;
  settle(entry: Entry): void;
  /** Everything goes out, complete or not. */
  flush(): void;
  /** Entries that went out incomplete because too many waited. */
  readonly forced: number;
}

/** Far more than the events between a guest exit and its kvm_exit on any number of CPUs. */
const LIMIT = 65_536;

export function createQueue(emit: Emit): Queue {
  let entries: Entry[] = [];
  let head = 0;
  let forced = 0;

  function drain(): void {
    while (head < entries.length) {
      const entry = entries[head];
      if (entry === undefined || entry.waiting) break;
      head++;
      if (entry.event !== undefined) emit(entry.event, entry.rawLine);
    }
    if (head === entries.length) {
      entries = [];
      head = 0;
    } else if (head > 1024 && head * 2 > entries.length) {
      entries = entries.slice(head);
      head = 0;
    }
  }

  function append(event: TraceEvent | undefined, rawLine: number, waiting: boolean): Entry {
    const entry = { event, rawLine, waiting };
    entries.push(entry);
    if (entries.length - head > LIMIT) {
      const oldest = entries[head];
      if (oldest !== undefined) oldest.waiting = false;
      forced++;
      drain();
    }
    return entry;
  }

  return {
    push(event, rawLine) {
      if (head === entries.length) emit(event, rawLine);
      else append(event, rawLine, false);
    },
    hold: (event, rawLine) => append(event, rawLine, true),
    settle(entry) {
      entry.waiting = false;
      if (entries[head] === entry) drain();
    },
    flush() {
      for (const entry of entries) entry.waiting = false;
      drain();
    },
    get forced() {
      return forced;
    },
  };
}
