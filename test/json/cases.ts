/**
 * The cases of JSONTestSuite, by name (y_: JSON, n_: not JSON, i_: left to the implementation). In cases.json one is its
 * text, or its bytes in hex where it is not UTF-8, or pieces with how often each comes where it is long.
 */

import { readFileSync } from 'node:fs';

type Written = string | { readonly hex: string } | { readonly repeated: readonly (readonly [string, number])[] };

export interface Case {
  readonly name: string;
  readonly bytes: Buffer;
}

function bytesOf(written: Written): Buffer {
  if (typeof written === 'string') return Buffer.from(written);
  if ('hex' in written) return Buffer.from(written.hex, 'hex');
  return Buffer.from(written.repeated.map(([text, times]) => text.repeat(times)).join(''));
}

const FILE = new URL('cases.json', import.meta.url);
const written: Readonly<Record<string, Written>> = JSON.parse(readFileSync(FILE, 'utf8'));

export const CASES: readonly Case[] = Object.entries(written).map(([name, value]) => ({ name, bytes: bytesOf(value) }));
