/**
 * Every item of the cost tables is pinned: without it, the expected report of some trace would be another. The mutants are
 * made of the tables, so that a new item needs a trace that has it.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costsOf, createTally, sysregsOf } from '../../lib/account/meter.ts';
import type { Primitive } from '../../lib/costs/primitives.ts';
import { buildCosts, type CostTable, STEP, STEPS, type Step } from '../../lib/costs/steps.ts';
import { settle } from '../../lib/replay/settings.ts';
import { FOLDERS, type Run, reportOf, runsOf, traceOf } from '../support/corpus.ts';

/** Items that no trace can show, and why. */
const UNSEEN: readonly { readonly item: RegExp; readonly why: string }[] = [
  { item: /^(read|write) CPACR_EL1 of cptr_update /, why: 'of steps that only protected KVM runs' },
  { item: /^read ZCR_EL12 of zcr_el1_cond /, why: 'the write at put is conditional outside of VHE only' },
];

interface Mutant {
  readonly item: string;
  readonly table: CostTable;
}

const without = <T>(list: readonly T[], index: number): T[] => list.filter((_, at) => at !== index);

/** The table with each primitive of the step left out in turn. */
function stepMutants(table: CostTable, step: Step): Mutant[] {
  const primitives = table.steps[STEP[step]] ?? [];
  return primitives.map((name, index) => {
    const nth = primitives.slice(0, index).filter((earlier) => earlier === name).length;
    const steps = table.steps.map((names, at) => (at === STEP[step] ? without(names, index) : names));
    return {
      item: `${name}${nth > 0 ? ', again' : ''} of ${step} (${primitives.join(' ')})`,
      table: { ...table, steps },
    };
  });
}

/** The table with each register, barrier and exception of the primitive left out in turn. */
function primitiveMutants(table: CostTable, name: string): Mutant[] {
  const primitive = table.primitives[name] ?? {};
  const mutant = (what: string, changed: Primitive): Mutant => ({
    item: `${what} of ${name} ${JSON.stringify(primitive)}`,
    table: { ...table, primitives: { ...table.primitives, [name]: { ...primitive, ...changed } } },
  });
  return [
    ...(['read', 'write'] as const).flatMap((kind) =>
      (primitive[kind] ?? []).map((register, index) =>
        mutant(`${kind} ${register}`, { [kind]: without(primitive[kind] ?? [], index) }),
      ),
    ),
    ...(['isb', 'dsb', 'hvc'] as const).flatMap((kind) => (primitive[kind] ? [mutant(kind, { [kind]: 0 })] : [])),
  ];
}

function mutantsOf(table: CostTable): Mutant[] {
  return [
    ...STEPS.flatMap((step) => stepMutants(table, step)),
    ...Object.keys(table.primitives).flatMap((name) => primitiveMutants(table, name)),
  ];
}

function tableOf(run: Run): CostTable {
  const [first] = traceOf(run.folder, run.trace).events;
  const settings = settle({ model: run.model.name, mode: run.mode }, first?.meta);
  assert.ok('features' in settings);
  return buildCosts(run.model.profile, run.mode, settings.features);
}

/** Steps of which a report says only that they may have run: all of what they do is in doubt. */
function openStepsOf(table: CostTable, { primitives }: { readonly primitives: readonly string[] }): readonly Step[] {
  return STEPS.filter((step) => {
    const does = table.steps[STEP[step]] ?? [];
    return does.length > 0 && does.every((name) => primitives.includes(name) || name === 'any');
  });
}

/** Costs grow with how often a step ran: whether a mutant changes them is seen with each of the steps once. */
function told(steps: readonly string[], table: CostTable): string {
  const tally = createTally();
  for (const step of steps) tally[STEP[step as Step]] = 1;
  return JSON.stringify([costsOf(tally, table), sysregsOf(tally, table)]);
}

test('every item of the costs changes an expected report of its mode where it is left out', () => {
  const items = new Set<string>();
  const noticed = new Set<string>();
  for (const run of FOLDERS.flatMap(runsOf)) {
    const table = tableOf(run);
    const { coverage, cost } = reportOf(run);
    const steps = [...coverage.steps_hit, ...(cost.doubts ?? []).flatMap((doubt) => openStepsOf(table, doubt))];
    const expected = told(steps, table);
    for (const { item, table: mutated } of mutantsOf(table)) {
      items.add(item);
      if (!noticed.has(item) && told(steps, mutated) !== expected) noticed.add(item);
    }
  }
  assert.ok(items.size > 300);
  assert.deepEqual(
    [...items].filter((item) => !noticed.has(item) && !UNSEEN.some((unseen) => unseen.item.test(item))),
    [],
  );
});
