/** What the build writes in the place of lib/automaton/access.ts reads and writes the same; and every property is of one sort. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOfAccess } from '../../bin/write-access.ts';
import * as plain from '../../lib/automaton/access.ts';
import { EAGER_NAMES, eagerOf, KINDS, type Kind, SMALL } from '../../lib/automaton/fields.ts';
import { createCpu } from '../../lib/kernel/state/cpu.ts';
import { createKernelNeon } from '../../lib/kernel/state/entity.ts';
import { createTask } from '../../lib/kernel/state/task.ts';
import { createVcpu } from '../../lib/kernel/state/vcpu.ts';
import { importText } from '../support/import-text.ts';

const written = await importText<typeof plain>(textOfAccess());

function fresh(kind: Kind): Record<string, unknown> {
  const cpu = createCpu(0, true, false);
  const one = { cpu, instance: cpu.vhe, task: createTask(1), vcpu: createVcpu(0, 0), neon: createKernelNeon(1) }[kind];
  return one as unknown as Record<string, unknown>;
}

for (const kind of KINDS) {
  test(`fields of ${kind}`, () => {
    for (const { readField, writeField, readSmall, writeSmall } of [plain, written]) {
      const of = fresh(kind);
      for (const { name } of eagerOf(kind)) {
        const field = EAGER_NAMES.indexOf(name);
        assert.equal(readField(field, of), of[name]);
        writeField(field, of, 77);
        assert.equal(of[name], 77, name);
      }
      const values: unknown[] = [];
      readSmall(kind, of, values);
      assert.deepEqual(
        values,
        SMALL[kind].map(({ name }) => of[name]),
      );
      writeSmall(
        kind,
        of,
        SMALL[kind].map((_small, at) => 1000 + at),
      );
      assert.deepEqual(
        SMALL[kind].map(({ name }) => of[name]),
        SMALL[kind].map((_small, at) => 1000 + at),
      );
    }
  });

  test(`small values of ${kind} are such as a situation tells`, () => {
    const of = fresh(kind);
    for (const { name } of SMALL[kind]) {
      const value = of[name];
      assert.ok(['boolean', 'number', 'undefined'].includes(typeof value), `${name}: ${typeof value}`);
    }
  });
}
