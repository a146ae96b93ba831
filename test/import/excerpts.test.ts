import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { ImportOptions } from '../../lib/import/importer.ts';
import { DATA, faultOf, importText, only } from '../support/captures.ts';

/** Beginnings of captures, each with what must come of it (NAME.ndjson, read against the raw text). */
const EXCERPTS: Readonly<Record<string, ImportOptions>> = {
  'lazy-vhe': { model: 'v6.10', mode: 'vhe', sveVl: 64 },
  'owner-in-vcpu': { model: 'v6.1-stable', mode: 'vhe', sveVl: 64 },
  'owner-debug': { model: 'v7.1', mode: 'nvhe', sveVl: 64 },
  'neon-in-softirq': { model: 'v6.10', mode: 'vhe', sveVl: 64 },
  'split-instances': { model: 'seed-v1', mode: 'nvhe', sveVl: 64 },
};

const textOf = (name: string): string => readFileSync(new URL(name, DATA), 'utf8');

describe('excerpts of captures', () => {
  for (const [name, options] of Object.entries(EXCERPTS)) {
    it(`${name}: events, each of the vocabulary, and every line accounted for`, () => {
      const text = textOf(`${name}.ftrace`);
      const { events, lines, account } = importText(text, options);
      const expected = textOf(`${name}.ndjson`).trimEnd().split('\n');
      assert.deepEqual(
        events.map((event) => JSON.stringify(event)),
        expected,
      );
      assert.deepEqual(
        events.map(faultOf).filter((fault) => fault !== undefined),
        [],
      );
      const comments = text.split('\n').filter((line) => line.startsWith('#')).length;
      assert.equal(account.records + comments, account.lines);
      assert.deepEqual(account.unused, []);
      assert.equal(account.lost, 0);
      assert.ok(
        lines.every((line, index) => line >= (lines[index - 1] ?? 1)),
        'raw lines in order',
      );
    });
  }

  it('names the raw line of an event', () => {
    const text = textOf('lazy-vhe.ftrace').split('\n');
    const { events, lines } = importText(text.join('\n'), EXCERPTS['lazy-vhe']);
    const first = events.findIndex((event) => event.event === 'vcpu_load');
    assert.match(text[(lines[first] ?? 0) - 1] ?? '', /: vcpu_load: /);
  });

  it('takes lines that end in CR LF', () => {
    const text = textOf('lazy-vhe.ftrace');
    const options = EXCERPTS['lazy-vhe'] ?? {};
    assert.deepEqual(importText(text.replaceAll('\n', '\r\n'), options).events, importText(text, options).events);
  });

  it('gives the owner that a vCPU keeps with the vCPU, and the two of a split kernel apart', () => {
    const inVcpu = only(importText(textOf('owner-in-vcpu.ftrace'), EXCERPTS['owner-in-vcpu']).events, 'observe');
    assert.ok(inVcpu.some((event) => event.fp_owner === 'guest'));
    assert.ok(inVcpu.every((event) => event.fp_owner === undefined || event.vcpu !== undefined));
    const split = only(importText(textOf('split-instances.ftrace'), EXCERPTS['split-instances']).events, 'observe');
    assert.ok(split.some((event) => event.fp_owner_hyp === 'free' && event.fp_owner_kernel === 'host'));
    assert.ok(split.every((event) => event.fp_owner === undefined));
  });

  it("reports the kernel's private copy of protected KVM as such", () => {
    const { events } = importText(textOf('owner-debug.ftrace'), { model: 'v7.1', mode: 'pkvm' });
    const observed = only(events, 'observe');
    assert.ok(observed.some((event) => event.fp_owner_kernel !== undefined));
    assert.ok(observed.every((event) => event.fp_owner === undefined));
  });
});
