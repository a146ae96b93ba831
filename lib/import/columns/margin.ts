/**
 * `trace-cmd report` of several files prints before each line of which of them it is, right-aligned (print_handle_file,
 * tracecmd/trace-read.c):
 *
 *       trace.dat:           <idle>-0     [000]     1.000100: sched_switch: ...
 *     trace-guest.dat:       <idle>-0     [001]     1.000300: sched_switch: ...
 *
 * The files of a host and its guests are of different kernels, and one of them is what a replay is about.
 */

import { find } from './bytes.ts';
import { type Line, skipSpaces } from './line.ts';

const COLON = 0x3a;
const SPACE = 0x20;

/** Where the line goes on behind `name: `; its start where it does not begin so. */
export function marginOf({ bytes, start, end }: Line): number {
  const name = skipSpaces(bytes, start);
  const colon = find(bytes, COLON, name, end);
  return colon > name && bytes[colon + 1] === SPACE ? colon + 2 : start;
}

/** The name before a margin that ends at `end`; '' where there is none. */
export function marginName({ bytes, start }: Line, end: number): string {
  return bytes.toString('latin1', start, Math.max(start, end - 2)).trimStart();
}

export interface Files {
  /** Whether the line, whose margin is known, is of another file than that which is read. */
  isOther(line: Line): boolean;
}

/** `wanted`: the name of the file to read, as it is printed; where absent, that of the first line which has one. */
export function createFiles(wanted?: string): Files {
  let read = wanted;
  /** Lines without a name came first: the names are of instances in the same file. */
  let isOneFile = false;
  return {
    isOther(line) {
      if (line.margin === line.start) {
        if (read === undefined) isOneFile = true;
        return false;
      }
      if (isOneFile) return false;
      const name = marginName(line, line.margin);
      read ??= name;
      return name !== read;
    },
  };
}
