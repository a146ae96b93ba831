/** The function that is made of checks does what a loop over them does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileChecks } from '../../lib/check/dispatch.ts';
import type { Outcome, Rule } from '../../lib/check/rule.ts';
import type { Cpu } from '../../lib/kernel/state/cpu.ts';
import { nobody } from '../../lib/kernel/state/entity.ts';
import type { Machine } from '../../lib/kernel/state/machine.ts';
import { compileChecks as loopOver } from '../bench/plain/dispatch.ts';

const [machine, cpu] = [{} as Machine, {} as Cpu];

/** Everything that the checks were asked, and what was heard of them, in order. */
function heard(compile: typeof compileChecks, outcomes: readonly number[], moment: number): unknown[] {
  const events: unknown[] = [];
  const checks = outcomes.map((outcome, index): Rule['check'] => (...asked) => {
    events.push(['asked', index, ...asked]);
    return outcome as Outcome;
  });
  compile(checks, moment, (...told) => events.push(['told', ...told]))(machine, cpu, nobody, 'detail');
  return events;
}

test('any checks with any outcomes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }), fc.nat(30), (outcomes, moment) => {
      assert.deepEqual(heard(compileChecks, outcomes, moment), heard(loopOver, outcomes, moment));
    }),
  );
});
