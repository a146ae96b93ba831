/** Which file of lib imports which, as text: what the architecture tests look at. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Rooms of lib, in the order of the way of the data: a file imports from its own room and from rooms before it. */
export const ROOMS = [
  'text',
  'trace',
  'models',
  'btf',
  'ingest',
  'import',
  'costs',
  'kernel',
  'check',
  'automaton',
  'report',
  'account',
  'replay',
  'timeline',
  'show',
  'tools',
  'fleet',
  'cli',
] as const;

const IMPORT = /(?:^|\n)(?:import|export)\s(?:[^'";]*?\sfrom\s)?'(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;

export interface Import {
  readonly from: string;
  readonly to: string;
  /** Only types: nothing of it is there at run time. */
  readonly typesOnly: boolean;
}

export function filesOfLib(): string[] {
  return readdirSync('lib', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('lib', name))
    .sort();
}

export function importsOf(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => ({
    from: file,
    to: normalize(join(dirname(file), match[1] ?? match[2] ?? '')),
    typesOnly: /^\n?(?:import|export) type\b/.test(match[0]),
  }));
}

/** The room of a file of lib; '' for `lib/index.ts`. */
export function roomOf(file: string): string {
  const [, room = '', ...rest] = file.split('/');
  return rest.length === 0 ? '' : room;
}
