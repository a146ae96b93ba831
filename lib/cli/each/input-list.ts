/** The inputs of a run over many traces: arguments and lists of paths, and which of them are this process's. */

import { readFileSync, statSync } from 'node:fs';
import { chooseShard, largestFirst, type Sized, shardOf } from '../../fleet/shard.ts';
import { escapeText } from '../../text/escape.ts';
import { Failure, reasonOf } from '../exit.ts';
import type { Io } from '../terminal/io.ts';

export interface ListOptions {
  /** A file with a path a line; '-': stdin. */
  readonly inputs?: string;
  readonly shard?: string;
}

/** The paths of the arguments and of the list. Throws `Failure` where there are none. */
export function listedInputs(traces: readonly string[], { inputs: list }: ListOptions): readonly string[] {
  const paths = [...traces, ...(list === undefined ? [] : linesOf(list))];
  if (paths.length === 0) throw new Failure('no trace: name files, or a list of them with --inputs');
  if (paths.includes('-')) throw new Failure('--each writes a report for each file: stdin has no name');
  return paths;
}

/** A path is any line that is not empty; one that ends in a carriage return is not what anybody meant. */
function linesOf(list: string): readonly string[] {
  try {
    return readFileSync(list === '-' ? 0 : list, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '');
  } catch (error) {
    throw new Failure(`cannot read ${escapeText(list, 200)}: ${reasonOf(error)}`);
  }
}

/** Those of this process, the largest first; says on stderr which shard it is. Throws `Failure` for a shard there is not. */
export function inputsOfShard(paths: readonly string[], { shard }: ListOptions, io: Io): readonly Sized[] {
  const chosen = chooseShard(shard, io.env);
  if (chosen !== undefined && 'wrong' in chosen) throw new Failure(escapeText(chosen.wrong, 400));
  // What cannot be looked at is an input all the same: whoever reads it says why it cannot be.
  const sized = paths.map((path) => ({ path, size: statSync(path, { throwIfNoEntry: false })?.size ?? 0 }));
  if (chosen === undefined) return largestFirst(sized);
  const { index, count } = chosen.shard;
  const own = shardOf(sized, chosen.shard);
  io.stderr.write(`note: shard ${index} of ${count} (${chosen.from}): ${own.length} of ${paths.length} traces\n`);
  return own;
}
