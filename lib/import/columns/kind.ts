/** What a line is about: the event that its columns name, or the function. */

import { createNameFinder, EVENT_NAMES, FUNCTIONS, WHAT } from '../payload/event-names.ts';
import { find, startsWith } from './bytes.ts';
import { type Line, nameOf } from './line.ts';

const findEvent = createNameFinder(EVENT_NAMES);
const findFunction = createNameFinder(FUNCTIONS);
const FUNCTION = Buffer.from('function:');
const SPACE = 0x20;

/** trace-cmd's `function:             callee <-- caller`. */
function functionOfTraceCmd(line: Line): number {
  const space = find(line.bytes, SPACE, line.body, line.end);
  line.isFunction = true;
  line.nameStart = line.body;
  line.nameEnd = space < 0 ? line.end : space;
  return findFunction(line.bytes, line.nameStart, line.nameEnd);
}

/** `ignore`: names of events to leave out, as they are printed, or `hyp_fp_trap`. */
export function createKindFinder(ignore: readonly string[]): (line: Line) => number {
  const ignored = new Set(ignore);
  return (line) => {
    const { bytes, nameStart, nameEnd } = line;
    const what = line.isFunction ? findFunction(bytes, nameStart, nameEnd) : findEvent(bytes, nameStart, nameEnd);
    if (ignored.size > 0 && ignored.has(nameOf(line))) return WHAT.inGuest;
    if (what === WHAT.unknown && startsWith(bytes, FUNCTION, nameStart)) return functionOfTraceCmd(line);
    if (what === WHAT.fpTrap && !line.isFunction && ignored.has('hyp_fp_trap')) return WHAT.inGuest;
    return what;
  };
}
