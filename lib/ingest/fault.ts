/** What can be wrong with a line or an input as a whole, before it is known which input and which line. */

import type { DecodeError } from '../trace/decode.ts';

export interface Fault extends DecodeError {
  /** Where a limit was passed: the option of the command line that lifts it. */
  readonly option?: string;
}

export function fault(expected: string, found: string, field = ''): Fault {
  return { field, expected, found };
}

export function limitFault(expected: string, found: string, option: string): Fault {
  return { ...fault(expected, found), option };
}
