/** The program as it is installed. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../..');

/** What the build makes, for a test file alone, at the folder that is returned; in a test it is gone after the tests of the file. */
export function buildProgram(): string {
  // Inside of the repository, where packages are found.
  const folder = mkdtempSync(join(ROOT, '.built-'));
  if (process.env.NODE_TEST_CONTEXT !== undefined) after(() => rmSync(folder, { recursive: true }));
  execFileSync(process.execPath, ['bin/build.js', folder], { cwd: ROOT });
  return folder;
}

/** When the newest of the files was written, in ms. */
function newest(...folders: readonly string[]): number {
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name)),
  );
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

let program: string | undefined;

/**
 * The file to run: of `dist`, where it is newer than the sources, as `npm test` makes it, else of a build. A process of it
 * starts in a tenth of the time that one of the sources takes. Nothing beside it may be changed.
 */
export function builtProgram(): string {
  const dist = join(ROOT, 'dist/bin/worldswitch.js');
  const isNew = (): boolean => (statSync(dist, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest('lib', 'bin');
  program ??= isNew() ? dist : join(buildProgram(), 'bin/worldswitch.js');
  return program;
}

/** Processes of what is built tell nothing of the sources: what they would write of themselves takes as long as to start them. */
export const UNTOLD = { NODE_V8_COVERAGE: '' };
