/** The literal model against running kernels: what probes read there is what the model says. Needs the captures beside the project. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { createLiteral, type Literal, type TraceEvent } from './literal.ts';

const DIRECTORY = new URL('../../../shared/captures/ndjson/', import.meta.url);

interface Observed extends TraceEvent {
  readonly model?: string;
  readonly mode?: string;
  readonly cpus?: number;
  readonly sve_vl?: number;
  readonly fp_owner?: string;
  readonly fp_owner_hyp?: string;
  readonly fp_owner_kernel?: string;
  readonly last?: string;
  readonly tif_foreign?: boolean;
  readonly debug_dirty?: boolean;
}

function diverging(literal: Literal, seen: Observed): string[] {
  const cpu = seen.cpu ?? 0;
  const v = literal.loaded(cpu);
  const debug = v === 'none' ? undefined : literal.debug(v.slice(5));
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['fp_owner', seen.fp_owner, literal.owner(cpu)],
    ['fp_owner_hyp', seen.fp_owner_hyp, literal.owner(cpu)],
    ['fp_owner_kernel', seen.fp_owner_kernel, literal.ownerKernel(cpu)],
    ['last', seen.last, literal.last(cpu)],
    ['tif_foreign', seen.tif_foreign, literal.tif(literal.current(cpu), cpu)],
    ['debug_dirty', seen.debug_dirty, debug !== undefined && 'debug_dirty' in debug ? debug.debug_dirty : undefined],
  ];
  return pairs
    .filter(([, real, mine]) => real !== undefined && mine !== undefined && real !== mine)
    .map(([what]) => what);
}

// There the host holds ZA, which changes what load does and which no event tells.
const skipped = /6\.12-lazy-vhe/;
const present = existsSync(DIRECTORY);
const names = present ? readdirSync(DIRECTORY).filter((name) => !skipped.test(name)) : ['captures of running kernels'];
const skip = skipUnless(present, 'no captures beside the project');

for (const name of names) {
  test(`${name}: every observation agrees`, { skip }, () => {
    const [meta, ...events] = readFileSync(new URL(name, DIRECTORY), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Observed);
    assert.ok(meta?.model !== undefined && meta.mode !== undefined && meta.cpus !== undefined);
    const sve = meta.sve_vl === undefined ? {} : { sveVl: meta.sve_vl };
    const literal = createLiteral(meta.model, meta.mode, { cpus: meta.cpus, ...sve });
    let observed = 0;
    events.forEach((event, index) => {
      literal.step(event);
      if (event.event !== 'observe') return;
      observed++;
      assert.deepEqual(diverging(literal, event), [], `line ${index + 2}: ${JSON.stringify(event)}`);
    });
    assert.ok(observed > 500);
    const { lost } = literal.incidents();
    // What the guests and the host threads of that run saw with their own eyes.
    assert.equal(lost > 0, name.includes('seed-v1-nvhe'));
  });
}
