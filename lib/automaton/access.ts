/**
 * Reads and writes fields by their numbers. The build puts what `bin/write-access.ts` makes of the same tables in the place of
 * this file.
 */

import { EAGER_NAMES, type Kind, SMALL } from './fields.ts';

type Fields = Record<string, unknown>;

/** `field`: an index of EAGER_NAMES. */
export function readField(field: number, of: object): unknown {
  return (of as Fields)[EAGER_NAMES[field] as string];
}

export function writeField(field: number, of: object, value: unknown): void {
  (of as Fields)[EAGER_NAMES[field] as string] = value;
}

/** The small values of an object, in the order of SMALL, into a list from its beginning. */
export function readSmall(kind: Kind, of: object, into: unknown[]): void {
  for (const [at, { name }] of SMALL[kind].entries()) into[at] = (of as Fields)[name];
}

export function writeSmall(kind: Kind, of: object, values: readonly unknown[]): void {
  for (const [at, { name }] of SMALL[kind].entries()) (of as Fields)[name] = values[at];
}
