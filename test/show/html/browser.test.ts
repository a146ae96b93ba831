/** The page in a browser: what it shows of a capture of a kernel with a bug, and that it neither fetches nor complains. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, launch } from '../../support/browser.ts';
import { run as command } from '../../support/cli.ts';
import { UPDATING } from '../../support/corpus.ts';
import { skipUnless } from '../../support/skip.ts';

const skip = skipUnless(CHROMIUM !== undefined, 'no Chromium');
const OPTIONS = { skip, timeout: 120_000 };

const TRACE = 'traces/real/6.12-seed-v1-nvhe.ndjson';
const SIZE = { width: 1280, height: 800 };
/** CSS pixels, as rows.ts has them: the names at the left, the axis at the top, the heading of the first CPU. */
const [GUTTER, AXIS, HEADING] = [148, 24, 22];

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-page-'));
let browser: Browser;
before(async () => {
  if (skip === false) browser = await launch();
});
after(async () => {
  if (skip === false) await browser.close();
  rmSync(folder, { recursive: true });
});

/** The page of a trace, when it is drawn. What it asks for and says is in the lists. */
async function open(
  trace: string,
  hash = '',
  colorScheme: 'light' | 'dark' = 'light',
): Promise<{ readonly page: Page; readonly requests: string[]; readonly said: string[] }> {
  const path = join(folder, `${trace.replace(/\W+/g, '-')}.html`);
  const { code, stderr } = await command(['view', trace, '-o', path, '--no-progress']);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const page = await browser.newPage({ viewport: SIZE, colorScheme });
  const [requests, said]: [string[], string[]] = [[], []];
  const url = pathToFileURL(path).href;
  page.on('request', (request) => request.url().split('#')[0] !== url && requests.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(`${url}${hash}`);
  await page.waitForSelector('html[data-ready]');
  return { page, requests, said };
}

const details = (page: Page): Promise<string> => page.locator('#details').innerText();

/** The address, once it has caught up with what is seen: it is written a moment later, on a busy machine much later. */
async function link(page: Page, isThere: (link: URLSearchParams) => boolean): Promise<URLSearchParams> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const found = new URLSearchParams(new URL(page.url()).hash.slice(1));
    if (isThere(found)) return found;
    await page.waitForTimeout(50);
  }
  throw new Error(`the address stays ${page.url()}`);
}

const fromOf = (found: URLSearchParams): number => Number(found.get('from') ?? 0);

async function violationOn(
  cpu: number,
): Promise<{ readonly line: number; readonly rule: string; readonly index: number }> {
  const { stdout } = await command(['replay', TRACE, '--format', 'json']);
  const { violations } = JSON.parse(stdout);
  const index = violations.findIndex((one: { cpu: number; rule: string }) => one.cpu === cpu && one.rule === 'FP-07');
  assert.ok(index >= 0);
  return { ...violations[index], index };
}

test(
  'a violation is found in the table, shown with its state and its kernel function, and linked',
  OPTIONS,
  async () => {
    const { page, requests, said } = await open(TRACE);
    assert.equal(await page.locator('#verdict').innerText(), 'fail');
    assert.match(await page.title(), /^6\.12-seed-v1-nvhe\.ndjson: fail$/);
    const { line, index } = await violationOn(0);
    await page.locator('#tab-marks').click();
    const row = page.locator(`[data-mark="${index}"]`);
    await row.locator('button').click();
    const text = await details(page);
    assert.match(text, /FP-07: error/);
    assert.match(text, /host FP registers of task \d+ overwritten before they were saved/);
    assert.match(text, /kvm_hyp_handle_fpsimd/);
    assert.match(text, new RegExp(`6\\.12-seed-v1-nvhe\\.ndjson:${line}\\b`));
    assert.match(text, /fp_owner \(kernel\)\s+host\s+host/);
    assert.match(text, /fp_owner\s+free\s+guest/);
    assert.match((await row.getAttribute('class')) ?? '', /selected/);
    await link(page, (found) => found.get('line') === String(line));
    assert.deepEqual({ requests, said }, { requests: [], said: [] });
    await page.close();
  },
);

test(
  'causes come first: their steps are links, and a violation names its cause and what led to it',
  OPTIONS,
  async () => {
    const { page } = await open(TRACE);
    const panel = page.locator('#panel-causes');
    assert.match(
      await panel.innerText(),
      /1\. kernel code writes kvm_host_data where hyp code reads __kvm_nvhe_kvm_host_data/,
    );
    assert.match(await panel.innerText(), /HD-01 43/);
    await panel.getByRole('button', { name: 'line 166' }).first().click();
    const text = await details(page);
    assert.match(text, /FP-07: error/);
    assert.match(text, /cause\s+1\. kernel code writes/);
    await page.locator('#details').getByRole('button', { name: 'guest_enter, CPU 0' }).click();
    assert.match(await details(page), /^guest_enter/);
    await link(page, (found) => found.get('line') === '32');
    await page.close();
  },
);

test('a click on the mark in the picture does the same', OPTIONS, async () => {
  const { line } = await violationOn(0);
  const { page, said } = await open(TRACE, `#line=${line}`);
  assert.match(await details(page), /FP-07/);
  await page.keyboard.press('Escape');
  assert.doesNotMatch(await details(page), /FP-07/);
  // A link shows its line in the middle.
  const middle = { x: GUTTER + (SIZE.width - GUTTER) / 2, y: AXIS + HEADING + 30 };
  await page.locator('#lanes').click({ position: middle });
  assert.match(await details(page), /FP-07/);
  assert.deepEqual(said, []);
  await page.close();
});

test('the wheel and the keys zoom and pan, F shows all again', OPTIONS, async () => {
  const { page } = await open(TRACE);
  await page.mouse.move(700, 250);
  await page.mouse.wheel(0, -800);
  const zoomed = await link(page, (found) => fromOf(found) > 0 && Number(found.get('to')) > fromOf(found));
  await page.keyboard.down('d');
  await page.waitForTimeout(200);
  await page.keyboard.up('d');
  await link(page, (found) => fromOf(found) > fromOf(zoomed));
  await page.keyboard.press('Home');
  await link(page, (found) => found.get('from') === '0');
  await page.mouse.move(900, 250);
  await page.mouse.down();
  await page.mouse.move(600, 250, { steps: 5 });
  await page.mouse.up();
  await link(page, (found) => fromOf(found) > 0);
  await page.keyboard.press('f');
  await link(page, (found) => !found.has('from'));
  await page.close();
});

test('costs lead to where they arise', OPTIONS, async () => {
  const { page, said } = await open(TRACE);
  await page.locator('#tab-costs').click();
  const costs = page.locator('#panel-costs');
  assert.match(await costs.innerText(), /fpsimd_save\s+\d+\s+[\d,]+/);
  await costs.getByRole('button', { name: 'guest_fp_trap' }).click();
  assert.match(await page.locator('#found').innerText(), /^1 of \d+: guest_fp_trap$/);
  const first = await details(page);
  await costs.getByRole('button', { name: 'guest_fp_trap' }).click();
  assert.match(await page.locator('#found').innerText(), /^2 of /);
  assert.notEqual(await details(page), first);
  await costs.getByRole('button', { name: 'vcpu 0/1' }).click();
  assert.match(await details(page), /loaded\s+\S+\s+vcpu:0\/1/);
  assert.deepEqual(said, []);
  await page.close();
});

test('all of it can be used without a pointer', OPTIONS, async () => {
  const { page } = await open(TRACE);
  await page.keyboard.press('n');
  const first = await details(page);
  assert.match(first, /HD-01/);
  await page.keyboard.press('n');
  assert.notEqual(await details(page), first);
  assert.match((await page.locator('#spoken').textContent()) ?? '', /HD-0\d on CPU \d: \w+, CPU \d, .*:\d+\./);
  const place = await link(page, (found) => Number(found.get('line')) > 32);
  await page.keyboard.press('ArrowRight');
  await link(page, (found) => Number(found.get('line')) > Number(place.get('line')));
  await page.keyboard.press('/');
  await page.keyboard.type('vcpu 0/1');
  await page.keyboard.press('Enter');
  assert.match(await page.locator('#found').innerText(), /^1 of \d+: where vcpu:0\/1 is loaded$/);
  assert.match(await details(page), /loaded\s+\S+\s+vcpu:0\/1/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  assert.ok(await page.locator('#panel-help').isVisible());
  await page.keyboard.press('e');
  await link(page, (found) => found.get('axis') === 'events');
  await page.close();
});

/** Runs in the page, whose types the tests do not have. */
const LOOK = `(() => {
  const canvas = document.querySelector('#lanes');
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  let light = 0;
  for (let at = 0; at < data.length; at += 4) {
    colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
    light += data[at + 1];
  }
  return { colours: colours.size, light: light / (data.length / 4) };
})()`;

/** How many colours the lanes have, and how light they are, 0 to 255. */
const look = (page: Page): Promise<{ readonly colours: number; readonly light: number }> => page.evaluate(LOOK);

test(
  'it is light or dark as the system is, and as the button says; the pictures of README are such',
  OPTIONS,
  async () => {
    const { line } = await violationOn(0);
    for (const scheme of ['light', 'dark'] as const) {
      const { page, said } = await open(TRACE, `#line=${line}`, scheme);
      const { colours, light } = await look(page);
      assert.ok(colours > 20, `${colours} colours`);
      assert.ok(scheme === 'light' ? light > 170 : light < 85, `${scheme}: ${light}`);
      if (UPDATING) writeFileSync(new URL(`${scheme}.png`, import.meta.url), await page.screenshot());
      await page.locator('#theme').click();
      const other = await look(page);
      assert.ok(scheme === 'light' ? other.light < 85 : other.light > 170);
      assert.deepEqual(said, []);
      await page.close();
    }
  },
);

test('in print it is light, and all tables are there', OPTIONS, async () => {
  const { page } = await open(TRACE, '', 'dark');
  await page.emulateMedia({ media: 'print' });
  await page.locator('#panel-costs').waitFor();
  assert.ok(await page.locator('#panel-costs').isVisible());
  assert.ok(!(await page.locator('#search').isVisible()));
  assert.ok((await look(page)).light > 170);
  const pdf = await page.pdf();
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  await page.close();
});

test('a name that wants to be HTML is text, and a trace without events says so', OPTIONS, async () => {
  const evil = join(folder, 'evil.ndjson');
  const name = '<img src=x onerror=alert(1)>';
  writeFileSync(evil, `{"event":"vcpu_load","cpu":0,"vcpu":0}\n${JSON.stringify({ event: name })}\n`);
  const { page, requests, said } = await open(evil);
  await page.keyboard.press('End');
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual({ requests, said }, { requests: [], said: [] });
  await page.close();
  const empty = join(folder, 'empty.ndjson');
  writeFileSync(empty, '');
  const path = join(folder, 'empty.html');
  await command(['view', empty, '-o', path]);
  const blank = await browser.newPage();
  await blank.goto(pathToFileURL(path).href);
  await blank.getByText('The trace has no events.').waitFor();
  await blank.close();
});
