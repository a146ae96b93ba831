/** The inputs of a run over many traces: arguments and lists of paths, and which of them are this process's. */

import { chooseShard, largestFirst, type Sized, shardOf } from '../../fleet/shard.ts';
import { type Fault, limitFault } from '../../ingest/fault.ts';
import { createLineSplitter } from '../../ingest/lines.ts';
import { openBytes, sizeOf } from '../../ingest/open/open.ts';
import { escapeText } from '../../text/escape.ts';
import { Failure, InputFailure } from '../exit.ts';
import type { Io } from '../terminal/io.ts';

export interface ListOptions {
  /** A file with a path a line; '-': stdin. */
  readonly inputs?: string;
  readonly shard?: string;
  /** Most paths of arguments and list together. */
  readonly maxInputs?: number;
}

/** More than hosts of a fleet have in a day; each takes a hundred bytes of memory. */
export const DEFAULT_MAX_INPUTS = 1_000_000;
/** PATH_MAX of Linux. */
const LONGEST_PATH = 4096;

/** Traces that are replayed each by itself: the arguments and the list. Throws `Failure`. */
export async function listedInputs(traces: readonly string[], options: ListOptions): Promise<readonly string[]> {
  const paths = await listedPaths(traces, options);
  if (paths.includes('-')) throw new Failure('--each writes a report for each file: stdin has no name');
  return paths;
}

/** The paths of the arguments and of the list. Throws `Failure` where there are none, and where there are too many. */
export async function listedPaths(given: readonly string[], options: ListOptions): Promise<readonly string[]> {
  const { inputs: list, maxInputs = DEFAULT_MAX_INPUTS } = options;
  const paths = [...given];
  if (list !== undefined) {
    for await (const path of linesOf(list)) {
      paths.push(path);
      if (paths.length > maxInputs) refuse(list, 0, limitFault(`at most ${maxInputs} paths`, 'more', '--max-inputs'));
    }
  }
  if (paths.length === 0) throw new Failure('no trace: name files, or a list of them with --inputs');
  return paths;
}

/** A path is any line that is not empty; one that ends in a carriage return is not what anybody meant. */
async function* linesOf(list: string): AsyncGenerator<string> {
  const splitter = createLineSplitter(LONGEST_PATH);
  let line = 0;
  function* take(blocks: ReturnType<typeof splitter.push>): Generator<string> {
    for (const { bytes, faults } of blocks) {
      for (const [index, text] of Buffer.from(bytes).toString().split('\n').slice(0, -1).entries()) {
        line++;
        const fault = faults.get(index);
        if (fault !== undefined) {
          // The limit is that of the system.
          const { option: _, ...rest } = fault;
          refuse(list, line, rest);
        }
        const path = text.replace(/\r$/, '');
        if (path !== '') yield path;
      }
    }
  }
  for await (const chunk of openBytes(list)) {
    if (!(chunk instanceof Uint8Array)) refuse(list, 0, chunk);
    yield* take(splitter.push(chunk));
  }
  yield* take(splitter.end());
}

function refuse(list: string, line: number, fault: Fault): never {
  throw new InputFailure({ ...fault, input: 0, line }, [list]);
}

/** Those of this process, the largest first; says on stderr which shard it is. Throws `Failure` for a shard there is not. */
export function inputsOfShard(paths: readonly string[], { shard }: ListOptions, io: Io): readonly Sized[] {
  const chosen = chooseShard(shard, io.env);
  if (chosen !== undefined && 'wrong' in chosen) throw new Failure(escapeText(chosen.wrong, 400));
  // What cannot be looked at is an input all the same: whoever reads it says why it cannot be.
  const sized = paths.map((path) => ({ path, size: sizeOf(path) ?? 0 }));
  if (chosen === undefined) return largestFirst(sized);
  const { index, count } = chosen.shard;
  const own = shardOf(sized, chosen.shard);
  io.stderr.write(`note: shard ${index} of ${count} (${chosen.from}): ${own.length} of ${paths.length} traces\n`);
  return own;
}
