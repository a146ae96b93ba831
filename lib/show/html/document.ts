/**
 * The page: one file that opens anywhere. Its script and its style are in it and known by their hashes; nothing else may run,
 * and nothing may be fetched. What comes from a trace is only in the data, which is base64, and is put in as text.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Timeline } from '../../timeline/timeline.ts';
import { pack } from './pack.ts';

/** Beside the program, and where the sources are run, where the build has put it. */
const PLACES = ['./', '../../../dist/bin/'];

function asset(name: string): string {
  for (const place of PLACES) {
    try {
      return readFileSync(new URL(`${place}${name}`, import.meta.url), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} is missing: the program is not complete (npm run build makes it)`);
}

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export function createPage(timeline: Timeline): string {
  const [script, style] = [asset('page.js'), asset('page-style.css')];
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>worldswitch</title>
<style>${style}</style>
</head>
${BODY}
<script type="text/plain" id="data">${pack(timeline)}</script>
<script>${script}</script>
</html>
`;
}

const BODY = `<body>
<header class="bar">
<span id="verdict"></span>
<h1 id="name">worldswitch</h1>
<span id="about" class="quiet"></span>
<div class="tools">
<span id="found" class="quiet" role="status"></span>
<input id="search" type="search" placeholder="FP-07, vcpu 0/1, line 300" aria-label="Search for a rule, a vCPU, a task, an event or a line">
<button id="previous" type="button" aria-label="The mark before" title="The mark before (P)">&#9666;</button>
<button id="next" type="button" aria-label="The next mark" title="The next mark (N)">&#9656;</button>
<button id="axis" type="button" title="What the axis tells: time, or the number of the event (E)">Time</button>
<button id="fit" type="button" title="All of the trace (F)">Fit</button>
<button id="theme" type="button" aria-label="Light or dark" title="Light or dark (T)">&#9681;</button>
</div>
</header>
<div class="legend" id="legend" aria-hidden="true"></div>
<main>
<canvas id="overview" aria-hidden="true"></canvas>
<div id="scroller">
<canvas id="lanes" tabindex="0" role="img" aria-label="Timeline: a lane for each part of the state of each CPU and vCPU. The arrow keys go from event to event, N and P from mark to mark."></canvas>
<div id="spacer"></div>
</div>
</main>
<aside>
<section id="details" aria-label="The selected event"></section>
<section class="panels">
<div role="tablist" aria-label="Tables">
<button id="tab-causes" type="button" role="tab" aria-controls="panel-causes" aria-selected="true">Causes <span id="cause-count"></span></button>
<button id="tab-marks" type="button" role="tab" aria-controls="panel-marks" aria-selected="false" tabindex="-1">Findings <span id="count"></span></button>
<button id="tab-costs" type="button" role="tab" aria-controls="panel-costs" aria-selected="false" tabindex="-1">Costs</button>
<button id="tab-help" type="button" role="tab" aria-controls="panel-help" aria-selected="false" tabindex="-1">Keys</button>
</div>
<div id="panel-causes" role="tabpanel" aria-labelledby="tab-causes"></div>
<div id="panel-marks" role="tabpanel" aria-labelledby="tab-marks" hidden></div>
<div id="panel-costs" role="tabpanel" aria-labelledby="tab-costs" hidden></div>
<div id="panel-help" role="tabpanel" aria-labelledby="tab-help" hidden></div>
</section>
</aside>
<div id="spoken" class="sr" aria-live="polite"></div>
<div id="message" role="status"><noscript>This page draws with JavaScript, which is off.</noscript></div>
</body>`;
