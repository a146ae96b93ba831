/** What trace.dat of either version comes to: the entries of all buffers, by time. */

import { MAX_CPU } from '../../trace/vocabulary.ts';
import { byTime, type Stream } from './by-time.ts';
import { Malformed } from './cursor.ts';
import type { Inflate } from './inflate.ts';
import { type CpuData, pagesOf } from './pages.ts';
import type { Recording } from './recording.ts';
import { createPageReader, type Recorded } from './ring-buffer.ts';
import type { Storage } from './storage.ts';
import type { Options } from './trace-dat-options.ts';
import type { Descriptions, Machine } from './tracing-data.ts';

/** A buffer of the kernel: the top one, or that of an instance. */
export interface TraceBuffer {
  readonly clock: string | undefined;
  readonly pageSize: number;
  readonly cpus: readonly CpuData[];
}

/** Clocks that do not count nanoseconds (trace_clocks, kernel/trace/trace.c). */
const COUNTERS = new Set(['counter', 'x86-tsc', 'ppc-tb']);

/** Throws `Malformed` for a number of CPUs that no kernel has. */
export function checkCpus(cpus: number): void {
  if (cpus > MAX_CPU + 1) throw new Malformed(`at most ${MAX_CPU + 1} CPUs`, String(cpus));
}

const LEAST_PAGE = 64;
const MOST_PAGE = 16 * 1024 * 1024;

/** `inflate`: undefined where nothing is compressed. Throws `Malformed`. */
export function recordingOf(
  storage: Storage,
  machine: Machine,
  descriptions: Descriptions,
  options: Options,
  buffers: readonly TraceBuffer[],
  inflate: Inflate | undefined,
): Recording {
  const clock = buffers.find((buffer) => buffer.clock)?.clock ?? options.clock ?? 'local';
  for (const { clock: own = clock, pageSize } of buffers) {
    if (own !== clock) throw new Malformed(`instances with one clock (${clock})`, `one with ${own}`);
    if (pageSize < LEAST_PAGE || pageSize > MOST_PAGE) throw new Malformed('a page size', `${pageSize} bytes`);
  }
  const streams = (): Stream[] =>
    buffers.flatMap(({ cpus, pageSize }) =>
      cpus
        .filter(({ size }) => size > 0)
        .map((data) => streamOf(storage, machine, data, pageSize, options.offset, inflate)),
    );
  return {
    source: `trace-cmd ${machine.version}`,
    release: options.release,
    machine: options.machine,
    clock,
    inNanoseconds: !COUNTERS.has(clock),
    cpus: options.cpus ?? buffers[0]?.cpus.length ?? 0,
    bigEndian: machine.bigEndian,
    longSize: machine.longSize,
    descriptions,
    entries: () => byTime(streams()),
  };
}

function streamOf(
  storage: Storage,
  machine: Machine,
  data: CpuData,
  pageSize: number,
  offset: bigint,
  inflate: Inflate | undefined,
): Stream {
  if (data.cpu > MAX_CPU) throw new Malformed(`a CPU from 0 to ${MAX_CPU}`, String(data.cpu));
  const entry: Recorded = { cpu: data.cpu, time: 0n, lost: 0, bytes: Buffer.alloc(0), start: 0, end: 0 };
  const pages = pagesOf(storage, machine, data, pageSize, inflate);
  const reader = createPageReader(pages, { ...machine, pageSize }, entry);
  return {
    entry,
    next() {
      if (!reader.next()) return false;
      entry.time += offset;
      return true;
    },
  };
}
