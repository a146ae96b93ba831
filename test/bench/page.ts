/**
 * How long the page of `worldswitch view` takes to open, and how smoothly it pans and zooms, for traces of three sizes in turn:
 * `npm run build && node --import tsx test/bench/page.ts [ROUNDS]`. It needs a Chromium, and a machine without other work.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { launch } from '../support/browser.ts';
import { generate } from './generate.ts';

const SIZES = [10_000, 100_000, 1_000_000];

/** Holds each key for a second, and gives the milliseconds from frame to frame. Runs in the page. */
const PAN = `(async () => {
  const times = [];
  for (const key of ['w', 'd', 's', 'a']) {
    window.dispatchEvent(new KeyboardEvent('keydown', { key }));
    let before = await new Promise(requestAnimationFrame);
    for (const end = before + 1000; before < end; ) {
      const now = await new Promise(requestAnimationFrame);
      times.push(now - before);
      before = now;
    }
    window.dispatchEvent(new KeyboardEvent('keyup', { key }));
  }
  return times;
})()`;

interface Measured {
  /** Seconds from the request to the first picture. */
  readonly open: number;
  /** Milliseconds from frame to frame. */
  readonly frames: readonly number[];
}

async function measure(browser: Browser, path: string): Promise<Measured> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  const begin = process.hrtime.bigint();
  await page.goto(pathToFileURL(path).href);
  await page.waitForSelector('html[data-ready]');
  const open = Number(process.hrtime.bigint() - begin) / 1e9;
  const frames: number[] = await page.evaluate(PAN);
  await page.close();
  return { open, frames };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'worldswitch-bench-page-'));
const browser = await launch();
try {
  const pages: string[] = [];
  for (const size of SIZES) {
    const [trace, page] = [join(folder, `${size}.ndjson`), join(folder, `${size}.html`)];
    generate(trace, size);
    execFileSync(process.execPath, ['dist/bin/worldswitch.js', 'view', trace, '-o', page]);
    pages.push(page);
  }
  const measured: Measured[][] = pages.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < pages.length; turn++) {
      const index = (turn + round) % pages.length;
      measured[index]?.push(await measure(browser, pages[index] as string));
    }
  }
  console.log('| events | page MB | opens in s | / first | frames at 55 a second or faster |\n|---|---|---|---|---|');
  for (const [index, size] of SIZES.entries()) {
    const own = measured[index] as Measured[];
    const ratios = own.map(({ open }, round) => open / (measured[0]?.[round]?.open as number));
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(2));
    const frames = own.flatMap((one) => one.frames);
    const inTime = frames.filter((time) => time <= 1000 / 55).length / frames.length;
    const seconds = quantile(
      own.map(({ open }) => open),
      0.5,
    ).toFixed(2);
    const megabytes = (statSync(pages[index] as string).size / 1e6).toFixed(1);
    console.log(
      `| ${size.toLocaleString('en')} | ${megabytes} | ${seconds} | ${middle} (${low} .. ${high}) | ${(100 * inTime).toFixed(0)} % |`,
    );
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
