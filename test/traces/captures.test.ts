/** The captures beside the project, whole: all observations confirmed, and the transitions that were counted in the kernels. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { readTraceFile, replay } from '../support/replay.ts';
import { skipUnless } from '../support/skip.ts';

const CAPTURES = new URL('../../../shared/captures/ndjson/', import.meta.url);

interface Row {
  /** Edges of fp_owner as the captures' README counts them; the first write of each CPU is not among them. */
  readonly edges: Readonly<Record<string, number>>;
  /** First writes of fp_owner on a CPU, where the trace shows what it was before. */
  readonly first?: Readonly<Record<string, number>>;
  readonly wrong?: true;
}

const EAGER_102: Row = { edges: { 'free>guest': 103, 'guest>free': 102 } };
const EAGER_103: Row = { edges: { 'free>guest': 104, 'guest>free': 103 } };
/** Both CPUs load their first vCPU while fp_owner is as it was at boot. */
const BOTH_CPUS = { 'free>host': 2 };

const ROWS: Readonly<Record<string, Row>> = {
  '6.1-vhe': EAGER_102,
  '6.1-nvhe': EAGER_102,
  '6.12-vhe': EAGER_102,
  '6.12-nvhe': EAGER_103,
  '6.12-hvhe': EAGER_103,
  '7.3-vhe': EAGER_102,
  '7.3-nvhe': EAGER_102,
  // Only the kernel's private instance can be read, and it stays FREE.
  '6.12-pkvm': { edges: {} },
  '7.3-pkvm': { edges: {} },
  '6.12-lazy-vhe': {
    edges: {
      ...{ 'free>guest': 82, 'free>host': 24, 'guest>free': 77 },
      ...{ 'guest>host': 26, 'host>free': 30, 'host>guest': 22 },
    },
    first: BOTH_CPUS,
  },
  '6.12-lazy-nvhe': {
    edges: { 'free>guest': 1, 'free>host': 15, 'guest>host': 102, 'host>free': 16, 'host>guest': 102 },
    first: BOTH_CPUS,
  },
  '6.12-lazy-neon-vhe': {
    edges: {
      ...{ 'free>guest': 120, 'free>host': 72, 'guest>free': 50 },
      ...{ 'guest>host': 178, 'host>free': 142, 'host>guest': 110 },
    },
    first: BOTH_CPUS,
  },
  '6.12-lazy-neon-nvhe': {
    edges: {
      ...{ 'free>guest': 142, 'free>host': 79, 'guest>free': 74 },
      ...{ 'guest>host': 177, 'host>free': 147, 'host>guest': 111 },
    },
    first: BOTH_CPUS,
  },
  '6.12-seed-v1-vhe': {
    edges: { 'free>guest': 9, 'free>host': 21, 'guest>host': 104, 'host>free': 30, 'host>guest': 96 },
    first: BOTH_CPUS,
  },
  // The hypervisor's instance: free>guest once on each CPU, for ever. The rest is the kernel's.
  '6.12-seed-v1-nvhe': {
    edges: { 'free>guest': 2, 'free>host': 14, 'host>free': 14 },
    first: BOTH_CPUS,
    wrong: true,
  },
};

const present = existsSync(CAPTURES) ? readdirSync(CAPTURES) : [];

for (const [name, { edges, first = {}, wrong = false }] of Object.entries(ROWS)) {
  test(`${name}, whole`, {
    skip: skipUnless(present.includes(`${name}.ndjson`), 'no captures beside the project'),
  }, () => {
    const { observations, transitions, coverage, violations } = replay(
      readTraceFile(new URL(`${name}.ndjson`, CAPTURES)),
    );
    assert.ok(observations.checked > 750);
    assert.deepEqual(observations.diverging, []);
    const counted = Object.entries(transitions.by_edge).filter(([edge]) => !edge.startsWith('unknown>'));
    const expected = Object.entries(edges).map(([edge, count]) => [edge, count + ((first as typeof edges)[edge] ?? 0)]);
    assert.deepEqual(counted.sort(), expected.sort());
    // The traces of v7.3 name v7.1, under which EL2 of pKVM would not be told all that a debugger asks for.
    const errors = violations.filter(({ severity }) => severity === 'error');
    if (!wrong) return assert.deepEqual(errors, []);
    for (const rule of ['FP-05', 'FP-07', 'FP-13', 'HD-01', 'HD-02']) assert.ok(coverage.rules_fired.includes(rule));
  });
}

test('no capture is forgotten', () => {
  const names = present.map((name) => name.replace('.ndjson', ''));
  assert.deepEqual(
    names.filter((name) => ROWS[name] === undefined),
    [],
  );
});
