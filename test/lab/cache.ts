/** Where everything is kept that the laboratory fetches, builds and measures. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Cache {
  readonly folder: string;
}

/** --cache, WORLDSWITCH_LAB_CACHE, XDG_CACHE_HOME/worldswitch-lab or ~/.cache/worldswitch-lab. */
export function cacheFolder(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const given = option ?? environment.WORLDSWITCH_LAB_CACHE;
  if (given !== undefined && given !== '') return resolve(given);
  const base = environment.XDG_CACHE_HOME;
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'worldswitch-lab');
}

/** A folder is complete once it has this file, with what it was made from. */
export const DONE = '.done';

export function isDone(folder: string, from: string): boolean {
  const mark = join(folder, DONE);
  return existsSync(mark) && readFileSync(mark, 'utf8') === from;
}

export function markDone(folder: string, from: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, DONE), from);
}

export function say(message: string): void {
  process.stderr.write(`lab: ${message}\n`);
}
