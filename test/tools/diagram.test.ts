/** The ownership automaton, found by running the emulator. UPDATE_GOLDEN=1 rewrites the diagrams. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { findModel, MODELS } from '../../lib/models/models.ts';
import type { Mode } from '../../lib/models/profile.ts';
import type { Automaton } from '../../lib/tools/diagram/automaton.ts';
import { formatDiagram } from '../../lib/tools/diagram/diagram.ts';
import { explore } from '../../lib/tools/diagram/explore.ts';

const found = new Map<string, Automaton>();
function automaton(name: string, mode: Mode): Automaton {
  const model = findModel(name);
  assert.ok(model);
  const known = found.get(`${name} ${mode}`) ?? explore(model, mode);
  found.set(`${name} ${mode}`, known);
  return known;
}

/** The edges as "from event to". */
const edgesOf = (name: string, mode: Mode): string[] =>
  automaton(name, mode).edges.map(({ from, event, to }) => `${from} ${event} ${to}`);

test('eager kernels have no host owner', () => {
  assert.deepEqual(edgesOf('v6.14', 'vhe'), [
    'free ctxflush free',
    'free load free',
    'free fp_trap guest',
    'guest ctxflush free',
    'guest load free',
  ]);
});

test('lazy kernels save the host at the trap; a load finds the host, or SVCR set and nobody', () => {
  const lazy = [
    'free ctxflush free',
    'free load_free free',
    'free fp_trap guest',
    'free load_host host',
    'guest ctxflush free',
    'guest load_free free',
    'guest load_host host',
    'host ctxflush free',
    'host load_free free',
    'host fp_trap guest',
    'host load_host host',
  ];
  assert.deepEqual(edgesOf('v6.10', 'nvhe'), lazy);
  assert.deepEqual(edgesOf('v6.2', 'vhe'), lazy);
  // Without SME in the host there is nothing to find at a load.
  assert.ok(edgesOf('v6.12', 'vhe').includes('guest load host'));
});

test('the wrong instance is an automaton whose hypervisor never lets go', () => {
  const edges = automaton('seed-v1', 'nvhe').edges;
  const guest = edges.filter(({ from }) => from.endsWith('hyp_guest'));
  assert.ok(guest.length > 0 && guest.every(({ to }) => to.endsWith('hyp_guest')));
  assert.deepEqual(automaton('seed-v1', 'vhe'), automaton('v6.10-rc1', 'vhe'));
});

test('every kernel has a deterministic automaton that begins with nobody and reaches the guest', () => {
  // Those that the other tests do not look at, one mode each.
  const modes: readonly Mode[] = ['vhe', 'nvhe', 'hvhe', 'pkvm'];
  for (const [index, model] of MODELS.entries()) {
    const mode = model.modes[index % model.modes.length] ?? modes[0];
    const { states, initial, edges } = automaton(model.name, mode as Mode);
    assert.match(initial, /^(?:free|kernel_free_hyp_free)$/);
    assert.ok(
      states.some((state) => /(?:^|hyp_)guest$/.test(state)),
      `${model.name} ${mode}`,
    );
    const steps = edges.map(({ from, event }) => `${from} ${event}`);
    assert.equal(new Set(steps).size, steps.length, `${model.name} ${mode}`);
    const reached = new Set([initial]);
    for (const state of reached) for (const { from, to } of edges) if (from === state) reached.add(to);
    assert.deepEqual([...reached].sort(), states);
    // Names become identifiers of C.
    for (const name of [...states, ...edges.map(({ event }) => event)]) assert.match(name, /^[a-z_]+$/);
  }
});

/** Reads a diagram as the kernel's tools do: line by line, by the words in each. */
function parse(dot: string): Automaton {
  const lines = dot.split('\n').map((line) => line.trim());
  assert.match(lines[0] ?? '', /^digraph state_automaton/);
  const start = lines.findIndex((line) => line.startsWith('{node'));
  const nodes = lines.slice(start, start + lines.slice(start).findIndex((line) => !line.startsWith('{node')));
  const names = nodes.map((line) => (line.split(' ').at(-1) ?? '').replaceAll('"', '').replace('};', ''));
  const initial = names.find((name) => name.startsWith('__init_'))?.slice('__init_'.length) ?? '';
  const marked = names.filter((_name, index) => nodes[index]?.includes('doublecircle'));
  assert.deepEqual(marked, [initial]);
  const edges = [];
  // The line after the nodes leads to the initial state; the first that does not begin with a quote ends the edges.
  for (let at = start + nodes.length + 1; lines[at]?.startsWith('"'); at++) {
    const [from, arrow, to, ...rest] = (lines[at] ?? '').split(' ');
    if (arrow !== '->') continue;
    const label = rest.slice(rest.indexOf('label') + 2, -1).join('');
    for (const event of label.replaceAll('"', '').split('\\n')) {
      edges.push({ from: from?.replaceAll('"', '') ?? '', to: to?.replaceAll('"', '') ?? '', event });
    }
  }
  return { states: [...new Set(names.filter((name) => !name.startsWith('__init_')))].sort(), initial, edges };
}

const DIAGRAMS = [
  ['v6.10', 'vhe'],
  ['v6.14', 'vhe'],
  ['v7.1', 'pkvm'],
  ['seed-v1', 'nvhe'],
  ['sme-rfc-2024', 'vhe'],
] as const;

for (const [name, mode] of DIAGRAMS) {
  test(`diagrams of ${name} ${mode}: as their files, and read as the kernel's tools read them`, () => {
    for (const format of ['dot', 'mermaid'] as const) {
      const file = new URL(`diagram/${name}.${mode}.${format === 'dot' ? 'dot' : 'mmd'}`, import.meta.url);
      const text = formatDiagram(automaton(name, mode), `fp_owner of ${name}, ${mode}`, format);
      if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
      assert.equal(text, readFileSync(file, 'utf8'));
      if (format === 'dot') assert.deepEqual(parse(text), automaton(name, mode));
    }
  });
}
