import { readFileSync } from 'node:fs';

/** What the build puts here. */
declare const VERSION: string | undefined;

/** The version in package.json. */
export function version(): string {
  if (typeof VERSION === 'string') return VERSION;
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
