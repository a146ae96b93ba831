/** The program as it is installed, built for a test file into a folder of its own. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../..');

/** What the build makes, at the folder that is returned; in a test it is gone after the tests of the file. */
export function buildProgram(): string {
  // Inside of the repository, where packages are found.
  const folder = mkdtempSync(join(ROOT, '.built-'));
  if (process.env.NODE_TEST_CONTEXT !== undefined) after(() => rmSync(folder, { recursive: true }));
  execFileSync(process.execPath, ['bin/build.js', folder], { cwd: ROOT });
  return folder;
}
