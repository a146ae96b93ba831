import { readFileSync } from 'node:fs';

/** What the build puts here. */
declare const VERSION: string | undefined;
declare const COMMIT: string | undefined;

/** The version in package.json. */
export function version(): string {
  if (typeof VERSION === 'string') return VERSION;
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/** The version on a line of its own, for programs; then what a report of a bug should name. */
export function versionText(): string {
  const commit = typeof COMMIT === 'string' && COMMIT !== '' ? COMMIT : 'not known';
  return [
    version(),
    `commit   ${commit}`,
    'formats  trace 1, report 2',
    `node     ${process.version} ${process.platform}-${process.arch}`,
    '',
  ].join('\n');
}
