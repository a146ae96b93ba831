import { readFileSync } from 'node:fs';

/** The version in package.json, which is two folders up in the sources and three in what is compiled. */
export function version(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;
    } catch {
      // Not there: try the next.
    }
  }
  return 'unknown';
}
