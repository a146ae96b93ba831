/** What can be wrong with a line or an input as a whole, before it is known which input and which line. */

import type { DecodeError } from '../trace/decode.ts';

export type Fault = DecodeError;

export function fault(expected: string, found: string, field = ''): Fault {
  return { field, expected, found };
}
