/** Which kernel a trace is of: by what was read, else by evidence; and what cannot be told apart is said. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { WHAT } from '../../lib/import/payload/event-names.ts';
import { createTimes, loadOverRun, noteTime } from '../../lib/import/timing.ts';
import { MODELS } from '../../lib/models/models.ts';
import { PLAIN } from '../../lib/text/paint.ts';
import type { Identification } from '../../lib/tools/identify/identify.ts';
import { formatIdentification } from '../../lib/tools/identify/text.ts';
import { createWindows } from '../../lib/tools/identify/windows.ts';
import { identifyCapture, identifyEvents } from '../support/identify.ts';

const KERNELS = MODELS.reduce((sum, { modes }) => sum + modes.length, 0);

const excerpt = (name: string): Uint8Array => readFileSync(new URL(`../import/data/${name}`, import.meta.url));
const linesOf = (bytes: Uint8Array): object[] =>
  Buffer.from(bytes)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const first = ({ ranking }: Identification): string => `${ranking[0]?.model} ${ranking[0]?.mode}`;
const names = (kernels: Identification['undecided']): string[] => kernels.map(({ model, mode }) => `${model} ${mode}`);

describe('identification', () => {
  it('names the kernel of an excerpt, and ranks every other', () => {
    for (const [name, expected] of [
      ['lazy-vhe', 'v6.10 vhe'],
      ['owner-in-vcpu', 'v6.6-stable vhe'],
      ['owner-debug', 'v7.3 nvhe'],
      ['split-instances', 'seed-v1 nvhe'],
      ['neon-in-softirq', 'v6.10 vhe'],
    ]) {
      const found = identifyCapture(excerpt(`${name}.ftrace`));
      assert.equal(first(found), expected);
      assert.equal(new Set(names(found.ranking)).size, KERNELS);
      const scores = found.ranking.map(({ confirmed, diverged }) => confirmed - 10 * diverged);
      const inOrder = scores.every((score, index) => score <= (scores[index - 1] ?? score));
      assert.ok(inOrder, name);
    }
  });

  it('does not look at what a trace says of its kernel where the values decide', () => {
    const events = linesOf(excerpt('split-instances.ndjson'));
    const lying = [{ event: 'meta', format: 1, model: 'v5.18', mode: 'vhe' }, ...events.slice(1)];
    assert.equal(first(identifyEvents(lying)), 'seed-v1 nvhe');
    const header = Buffer.from('# worldswitch-capture: release=5.18.0\n# worldswitch-capture: mode=vhe\n');
    assert.equal(first(identifyCapture(Buffer.concat([header, excerpt('split-instances.ftrace')]))), 'seed-v1 nvhe');
  });

  it('takes the release and the mode that a capture names where the values do not decide, and says which decided', () => {
    const named = (...words: string[]): Identification =>
      identifyCapture(
        Buffer.concat([
          Buffer.from(words.map((word) => `# worldswitch-capture: ${word}\n`).join('')),
          excerpt('owner-debug.ftrace'),
        ]),
      );
    const byRelease = named('release=6.18.5', 'mode=nvhe');
    assert.deepEqual([first(byRelease), byRelease.decided_by], ['v6.16 nvhe', 'release']);
    assert.match(formatIdentification(byRelease, PLAIN), /the release that the capture names decided/);
    const byMode = named('mode=hvhe');
    assert.deepEqual([first(byMode), byMode.decided_by], ['v7.3 hvhe', 'mode']);
    assert.equal(named().decided_by, 'evidence');
    assert.equal(identifyEvents([{ event: 'vcpu_load', cpu: 0, vcpu: 0 }]).decided_by, 'nothing');
  });

  it('says which kernels no observed value tells apart', () => {
    const { undecided } = identifyCapture(excerpt('owner-debug.ftrace'));
    assert.ok(names(undecided).includes('v7.1 hvhe'));
    assert.ok(names(undecided).includes('v6.16 nvhe'));
    assert.equal(names(undecided)[0], 'v7.3 nvhe');
  });

  it('says what is not an observation, and for how many of the undecided it speaks', () => {
    const { evidence, undecided } = identifyCapture(excerpt('lazy-vhe.ftrace'));
    const handler = evidence.find(({ text }) => text.includes('inside the handler'));
    assert.ok(handler !== undefined && handler.favours > 0 && handler.favours < undecided.length);
  });

  it('takes what a capture reads under protected KVM for the copy of the kernel', () => {
    // With what the kernel sees cut down to FREE, as its own copy is while the hypervisor keeps another.
    const text = Buffer.from(excerpt('owner-debug.ftrace'))
      .toString()
      .replace(/ o(\d)=\d/g, ' o$1=0');
    const found = identifyCapture(Buffer.from(text));
    assert.equal(found.ranking[0]?.mode, 'pkvm');
    assert.ok(found.evidence.some(({ text: said }) => said.includes('never owned the registers')));
  });

  it('headlines a tie as a tie', () => {
    const found = identifyCapture(excerpt('owner-debug.ftrace'));
    const { tied, undecided } = found;
    assert.ok(tied.length > 1 && tied.length <= undecided.length);
    const [headline = ''] = formatIdentification(found, PLAIN).split('\n');
    for (const { model, mode } of tied.slice(0, 3))
      assert.ok(headline.includes(model) && headline.includes(mode), headline);
    assert.match(headline, /, nvhe or hvhe/);
  });

  it('of a long trace windows are replayed, all kernels have the same, and the text says so', () => {
    for (const [name, expected] of [
      ['lazy-vhe', 'v6.10 vhe'],
      ['split-instances', 'seed-v1 nvhe'],
    ] as const) {
      const events = linesOf(excerpt(`${name}.ndjson`));
      const long = [...events, ...events];
      const found = identifyEvents(long, { first: 128 });
      assert.equal(first(found), expected);
      assert.equal(found.replayed.of, long.length);
      assert.ok(found.replayed.events < long.length);
      assert.equal(found.ranking[0]?.diverged, 0);
      assert.match(formatIdentification(found, PLAIN), /^ {2}Judged by \d+ of [\d,]+ events/m);
      const whole = identifyEvents(events, { first: Number.POSITIVE_INFINITY });
      assert.equal(whole.replayed.events, events.length);
      assert.doesNotMatch(formatIdentification(whole, PLAIN), /Judged by/);
    }
  });

  it('windows lie the farther apart the longer a trace is, so that there are few of them', () => {
    const windows = createWindows(64);
    const begins = Array.from({ length: 10_000 }, (_, at) => [windows.next(), at] as const);
    assert.deepEqual(
      begins.filter(([place]) => place === 'begins').map(([, at]) => at),
      [128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192],
    );
    assert.deepEqual(windows.seen(), { events: 64 + 13 * 4, of: 10_000 });
  });

  it('a vCPU that was made before a window is known in it', () => {
    const run = ['vcpu_load', 'guest_enter', 'guest_fp', 'guest_exit', 'vcpu_put'].map((event) => ({
      event,
      cpu: 0,
      ...(event === 'vcpu_load' && { vcpu: 0, task: 41 }),
    }));
    const made = [
      { event: 'meta', format: 1, sve_vl: 64 },
      { event: 'vcpu_create', vm: 0, vcpu: 0, sve: true, sve_vl: 64 },
    ];
    const runs = Array.from({ length: 60 }, () => run).flat();
    const contradicting = [...made, ...runs, { event: 'meta', format: 1, sve_vl: 32 }];
    assert.equal(identifyEvents([...made, ...runs], { first: 16 }).replayed.of, 302);
    assert.throws(() => identifyEvents(contradicting, { first: 16 }), 'a meta outside of the windows is looked at');
  });

  it('a trace without observations leaves everything undecided, and the text says so', () => {
    const found = identifyEvents([{ event: 'vcpu_load', cpu: 0, vcpu: 0 }]);
    assert.equal(found.undecided.length, KERNELS);
    assert.match(formatIdentification(found, PLAIN), /^No value was read inside the kernel/);
  });

  it('the text fits 80 columns, and groups modes that differ in nothing', () => {
    const text = formatIdentification(identifyCapture(excerpt('owner-debug.ftrace')), PLAIN);
    assert.match(text, /^v7\.3, nvhe or hvhe; or .*\n(?:.*\n)? {2}confirms 333 of 333 observed values\n/);
    assert.match(text, /^ {2}v7\.3 +nvhe, hvhe +333 +0 /m);
    assert.match(text, /^Not told apart by any observed value\n {2}v7\.3 \(nvhe, hvhe/m);
    assert.ok(text.split('\n').every((line) => line.length <= 80));
  });
});

describe('where a kernel spends its time', () => {
  const timed = (load: number, run: number, probe: number, times: number) => {
    const samples = createTimes();
    for (let turn = 0; turn < times; turn++) {
      let at = turn * 1e9;
      for (const [what, after] of [
        [WHAT.vcpuLoad, 0],
        [WHAT.loadFp, load],
        [WHAT.flushFp, 10],
        [WHAT.flushFpReturn, probe],
        [WHAT.kvmEntry, 10],
        [WHAT.syncFp, run],
      ] as const) {
        at += after;
        noteTime(samples, 0, what, at);
      }
    }
    return loadOverRun(samples);
  };

  it('a load that takes longer than a run is of VHE', () => {
    assert.equal(timed(130_000, 60_000, 47_000, 30)?.vhe, true);
    assert.equal(timed(80_000, 97_000, 47_000, 30)?.vhe, false);
  });

  it('says nothing of a few, and survives a clock that is too coarse', () => {
    assert.equal(timed(130_000, 60_000, 47_000, 5), undefined);
    assert.equal(timed(0, 0, 0, 30)?.quotient, 0);
  });
});
