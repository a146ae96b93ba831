/** A Chromium to look at pages with, where the machine has one. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

function find(): string | undefined {
  const named = process.env.CHROMIUM;
  if (named !== undefined) return named;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** The path of the program; undefined where there is none. CHROMIUM in the environment names another. */
export const CHROMIUM = find();

/** The sandbox of Chromium does not work for root, as whom containers run tests. */
export function launch(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }), args });
}
