/** Evidence taken away from the text of a capture: kinds of lines, windows, blocks that a ring buffer lost. */

import type { Random } from './random.ts';

/** A capture taken apart. */
export interface Lines {
  /** Lines that are no entry, before the first entry. */
  readonly head: readonly string[];
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly text: string;
  /** Name of the event; '' where the line is no entry. */
  readonly kind: string;
  readonly cpu: number;
}

export interface Reduction {
  /** What was taken away. */
  readonly name: string;
  readonly text: string;
}

const ENTRY = /^\s*.+-\d+\s+\[(\d+)\]\s+\S+\s+[\d.]+: (\w+):/;

export function readLines(text: string): Lines {
  const all = text.split('\n').filter((line) => line !== '');
  const entries = all.map((line): Entry => {
    const match = ENTRY.exec(line);
    return { text: line, kind: match?.[2] ?? '', cpu: Number(match?.[1] ?? -1) };
  });
  const first = entries.findIndex(({ kind }) => kind !== '');
  return { head: all.slice(0, first), entries: entries.slice(first) };
}

export function kindsOf({ entries }: Lines): string[] {
  return [...new Set(entries.map(({ kind }) => kind))].filter((kind) => kind !== '').sort();
}

const textOf = ({ head }: Lines, entries: readonly Entry[]): string =>
  `${[...head, ...entries.map(({ text }) => text)].join('\n')}\n`;

export function whole(lines: Lines): Reduction {
  return { name: 'whole', text: textOf(lines, lines.entries) };
}

export function without(lines: Lines, kinds: readonly string[]): Reduction {
  const kept = lines.entries.filter(({ kind }) => !kinds.includes(kind));
  return { name: `without ${kinds.join(', ')}`, text: textOf(lines, kept) };
}

/** What `trace-cmd record -e kvm -e sched_switch` takes. */
export function tracepointsOnly(lines: Lines): Reduction {
  const isTracepoint = (kind: string) =>
    (kind.startsWith('kvm_') && kind !== 'kvm_hyp_handle_fpsimd') || kind === 'sched_switch';
  const kept = lines.entries.filter(({ kind }) => kind === '' || isTracepoint(kind));
  return { name: 'tracepoints only', text: textOf(lines, kept) };
}

/** Each kind stays with a probability of `share`. */
export function subset(lines: Lines, random: Random, share = 0.6): Reduction {
  const gone = kindsOf(lines).filter(() => random.below(1000) >= share * 1000);
  return { ...without(lines, gone), name: `subset without ${gone.join(', ')}` };
}

export function window(lines: Lines, from: number, to = lines.entries.length): Reduction {
  return { name: `window ${from}..${to}`, text: textOf(lines, lines.entries.slice(from, to)) };
}

/** Entries [from, to) replaced by what the kernel prints for them; of one CPU, or of all. */
export function lost(lines: Lines, from: number, to: number, cpu?: number): Reduction {
  const isLost = (entry: Entry, at: number) => at >= from && at < to && (cpu === undefined || entry.cpu === cpu);
  const counts = new Map<number, number>();
  const told = new Set<number>();
  const kept: Entry[] = [];
  for (const [at, entry] of lines.entries.entries()) {
    if (isLost(entry, at)) counts.set(entry.cpu, (counts.get(entry.cpu) ?? 0) + 1);
    else {
      const count = counts.get(entry.cpu);
      if (at >= to && count !== undefined && !told.has(entry.cpu)) {
        told.add(entry.cpu);
        kept.push({ text: `CPU:${entry.cpu} [LOST ${count} EVENTS]`, kind: '', cpu: entry.cpu });
      }
      kept.push(entry);
    }
  }
  // A loss up to the end is told of as well, as trace_pipe does once the CPU goes on.
  for (const [at, count] of counts) {
    if (!told.has(at)) kept.push({ text: `CPU:${at} [LOST ${count} EVENTS]`, kind: '', cpu: at });
  }
  return { name: `lost ${from}..${to}${cpu === undefined ? '' : ` of CPU ${cpu}`}`, text: textOf(lines, kept) };
}
