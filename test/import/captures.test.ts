/** The full captures against their conversion by an independent program, where they are at hand. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { HIDEABLE } from '../../lib/trace/hidden.ts';
import { CAPTURES, faultOf, type Imported, importText, only } from '../support/captures.ts';
import { skipUnless } from '../support/skip.ts';

const NAMES = [
  ...['6.1-vhe', '6.1-nvhe', '6.12-vhe', '6.12-nvhe', '6.12-hvhe', '6.12-pkvm', '7.3-vhe', '7.3-nvhe', '7.3-pkvm'],
  ...['6.12-lazy-vhe', '6.12-lazy-nvhe', '6.12-lazy-neon-vhe', '6.12-lazy-neon-nvhe'],
  ...['6.12-seed-v1-vhe', '6.12-seed-v1-nvhe'],
];
/** Captures whose FP traps were printed from inside the handler. */
const WITH_TRUTH = ['6.12-lazy-vhe', '6.12-seed-v1-vhe', '6.12-lazy-neon-vhe'];

const raw = (name: string) => gunzipSync(readFileSync(new URL(`raw/${name}.ftrace.gz`, CAPTURES)));
const converted = (name: string): TraceEvent[] =>
  readFileSync(new URL(`ndjson/${name}.ndjson`, CAPTURES), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function importCapture(name: string, ignore: string[] = []): Imported {
  const { model = '', mode = '' } = converted(name)[0] ?? {};
  return importText(raw(name), { model, mode, sveVl: 64, ignore });
}

const keyOf = (event: TraceEvent): string => JSON.stringify(Object.entries(event).sort());

/**
 * What the two programs rightly differ in is made equal:
 * - `meta`: ours does not know the sentence in `source`, and says which kinds of event the capture shows;
 * - what the capture does not show wherever it happens, and what may or may not have been, ours leaves to the replay;
 * - an observation more than the other's: we also give what probes read at the entry of a step;
 * - up to 6.1 we add the owner that the vCPU keeps to an observation;
 * - 7.3: a vCPU has SVE where VCPU_SVE_FINALIZED is set, not where bit 0 is (VCPU_INITIALIZED there, set for all of them);
 * - 7.3: a put and load within a trapped write of OSLAR_EL1 (kvm_debug_handle_oslar) is not the scheduler's;
 * - 7.3: a trapped read takes the debug registers over as a write does (kvm_debug_set_guest_ownership).
 */
function alike(ours: readonly TraceEvent[], theirs: readonly TraceEvent[], text: string): [string[], string[]] {
  const isNew = theirs[0]?.model === 'v7.1' || theirs[0]?.model === 'v7.3';
  const reads = new Set(isNew ? text.match(/(?<= )\d+\.\d+(?=: kvm_sys_access: .*MDSCR.*read)/g) : []);
  const hidden = new Set<string>(HIDEABLE.filter((kind) => !ours[0]?.records?.includes(kind)));
  const observed = new Map(only(theirs, 'observe').map((event) => [`${event.ts} ${event.cpu}`, event]));
  const same = (event: TraceEvent): TraceEvent[] => {
    const { source: _source, records: _records, ...rest } = event;
    if (hidden.has(event.event) || event.maybe === true) return [];
    // The other converter leaves them out.
    if (event.event === 'guest_oslock') return [];
    if (event.event === 'vcpu_create' && isNew) {
      const { sve: _sve, sve_vl: _sve_vl, ...other } = rest;
      return [other];
    }
    if (isNew && event.event === 'sched_out') return [{ ...rest, event: 'vcpu_put' }];
    if (isNew && event.event === 'sched_in') return [{ ...rest, event: 'vcpu_load' }];
    return [rest];
  };
  const known = (event: TraceEvent): TraceEvent[] => {
    if (event.event === 'debug_dirty' && reads.has(`${Number(event.ts) / 1e9}`)) return [];
    if (event.event !== 'observe') return same(event);
    const other = observed.get(`${event.ts} ${event.cpu}`);
    if (other === undefined) return [];
    const { vm: _vm, vcpu: _vcpu, fp_owner, ...rest } = event;
    return [event.vcpu === undefined || fp_owner === undefined ? event : rest];
  };
  return [ours.flatMap(known).map(keyOf), theirs.flatMap(same).map(keyOf)];
}

const skip = skipUnless(CAPTURES !== undefined, 'no captures beside the project');

for (const name of CAPTURES === undefined ? ['6.12-vhe'] : NAMES) {
  test(`${name}: the events of an independent converter, every line used`, { skip }, () => {
    const { events, account } = importCapture(name);
    const [ours, theirs] = alike(events, converted(name), raw(name).toString());
    assert.deepEqual(ours, theirs);
    assert.deepEqual(account.unused, []);
    assert.equal(account.lost, 0);
    assert.equal(account.records, account.lines - 12);
    assert.deepEqual(
      events.map(faultOf).filter((fault) => fault !== undefined),
      [],
    );
  });
}

for (const name of ['7.3-vhe', '7.3-nvhe', '7.3-pkvm']) {
  test(`${name}: VM 0 has SVE, VM 1 has not`, { skip }, () => {
    const created = only(importCapture(name).events, 'vcpu_create').map(({ vm, sve }) => [vm, sve === true]);
    assert.deepEqual(created.sort(), [
      [0, true],
      [0, true],
      [1, false],
      [1, false],
    ]);
  });
}

for (const name of WITH_TRUTH) {
  test(`${name}: where the traps are hidden, all of them are deduced and none is invented`, { skip }, () => {
    const seen = runsWithTrap(importCapture(name).events);
    const deduced = runsWithTrap(importCapture(name, ['hyp_fp_trap']).events);
    assert.ok(seen.length > 100);
    assert.deepEqual(deduced, seen);
    assert.ok(only(importCapture(name, ['hyp_fp_trap']).events, 'guest_fp_trap').every((event) => event.inferred));
  });
}

/** CPU and end of every run of a guest in which there was an FP trap, once for each trap. */
function runsWithTrap(events: readonly TraceEvent[]): string[] {
  const traps = new Map<number, number>();
  const runs: string[] = [];
  for (const { event, cpu = -1, ts } of events) {
    if (event === 'guest_fp_trap') traps.set(cpu, (traps.get(cpu) ?? 0) + 1);
    if (event !== 'guest_exit') continue;
    for (let i = 0; i < (traps.get(cpu) ?? 0); i++) runs.push(`${cpu} ${ts}`);
    traps.delete(cpu);
  }
  return runs;
}
