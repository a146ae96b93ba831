/** What several things that may have happened have in common. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyOf, join } from '../../lib/kernel/hidden/snapshot.ts';
import { UNKNOWN } from '../../lib/kernel/state/entity.ts';
import { CPU_UNKNOWN, createTask } from '../../lib/kernel/state/task.ts';

const state = fc.record({ tif_foreign_fpstate: fc.integer({ min: 0, max: 1 }), fpsimd_cpu: fc.nat(2) });

test('what all copies agree on is known, what they differ in is unknown; of no copies nothing is learned', () => {
  fc.assert(
    fc.property(state, fc.array(state, { maxLength: 4 }), (before, states) => {
      const task = createTask(41);
      const copies = states.map((one) => copyOf(Object.assign(task, one)));
      Object.assign(task, before);
      join(task, copies);
      const common = (name: keyof typeof before, unknown: number): number => {
        const values = new Set((states.length > 0 ? states : [before]).map((one) => one[name]));
        return values.size === 1 ? ([...values][0] as number) : unknown;
      };
      assert.equal(task.tif_foreign_fpstate, common('tif_foreign_fpstate', UNKNOWN));
      assert.equal(task.fpsimd_cpu, common('fpsimd_cpu', CPU_UNKNOWN));
    }),
  );
});
