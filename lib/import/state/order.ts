/**
 * A CPU's entries are in the order of time. A line that is the same as the one before it was printed twice; one that is older is out
 * of its place: it is not used, and what should be there is not known.
 */

import { type Line, NO_TIME, textOf } from '../columns/line.ts';
import { type Assembly, lose } from './assembly.ts';
import type { CpuState } from './cpu.ts';

export const OUT_OF_ORDER = 'lines out of order';

export type Part = Pick<Line, 'bytes' | 'start' | 'end'>;

/** Whether the line is to be used. `previous`: the last line that was. */
export function inOrder(assembly: Assembly, here: CpuState, previous: Readonly<Part>): boolean {
  const { seconds, nanoseconds, number } = assembly.line;
  if (seconds === NO_TIME) return true;
  const older = seconds < here.seconds || (seconds === here.seconds && nanoseconds < here.nanoseconds);
  if (older) {
    assembly.account.unused('line older than the one before it on its CPU', number, textOf(assembly.line));
    here.disordered = true;
    return false;
  }
  if (seconds === here.seconds && nanoseconds === here.nanoseconds && repeats(assembly.line, previous)) {
    assembly.account.unused('line printed twice', number, textOf(assembly.line));
    return false;
  }
  here.seconds = seconds;
  here.nanoseconds = nanoseconds;
  if (here.disordered) {
    here.disordered = false;
    lose(assembly, here, 1, OUT_OF_ORDER);
  }
  return true;
}

function repeats(line: Line, previous: Readonly<Part>): boolean {
  return line.bytes.compare(previous.bytes, previous.start, previous.end, line.start, line.end) === 0;
}
