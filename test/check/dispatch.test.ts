/** The functions that the build writes for the checks of each moment do what a loop over them does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textOfDispatch } from '../../bin/write-dispatch.ts';
import { evaluationOf } from '../../lib/check/dispatch.ts';
import type { Outcome, Rule } from '../../lib/check/rule.ts';
import { RULES } from '../../lib/check/rules.ts';
import type { Cpu } from '../../lib/kernel/state/cpu.ts';
import { nobody } from '../../lib/kernel/state/entity.ts';
import type { Machine } from '../../lib/kernel/state/machine.ts';
import { MOMENTS, type MomentName } from '../../lib/kernel/state/moments.ts';
import { importText } from '../support/import-text.ts';

type EvaluationOf = typeof evaluationOf;

interface Asked {
  readonly at: readonly MomentName[];
  readonly outcome: number;
  readonly applies: boolean;
}

const [machine, cpu] = [{} as Machine, {} as Cpu];
const written = async (rules: readonly Pick<Rule, 'at'>[]): Promise<EvaluationOf> =>
  (await importText<{ evaluationOf: EvaluationOf }>(textOfDispatch(rules))).evaluationOf;

/** Everything that the checks were asked at every moment, and what was heard of them, in order. */
function heard(evaluation: EvaluationOf, asked: readonly Asked[]): unknown[] {
  const events: unknown[] = [];
  const rules = asked.map(({ at, outcome }, index) => ({
    at,
    check: (...what: Parameters<Rule['check']>): Outcome => {
      events.push(['asked', index, ...what]);
      return outcome as Outcome;
    },
  }));
  const applies = asked.map((one) => one.applies);
  for (const moment of MOMENTS.keys()) {
    const evaluate = evaluation(rules, applies, moment, (...told) => events.push(['told', ...told]));
    evaluate(machine, cpu, nobody, 'detail');
  }
  return events;
}

const anyAsked = fc.record({
  at: fc.subarray([...MOMENTS]),
  outcome: fc.integer({ min: 0, max: 3 }),
  applies: fc.boolean(),
});

test('any rules at any moments, with any outcomes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAsked, { maxLength: 30 }), async (asked) => {
      assert.deepEqual(heard(await written(asked), asked), heard(evaluationOf, asked));
    }),
    { numRuns: 50 },
  );
});

test('the rules there are, at their moments', async () => {
  const asked = RULES.map(({ at }, index) => ({ at, outcome: index % 4, applies: index % 5 > 0 }));
  const loop = heard(evaluationOf, asked);
  assert.deepEqual(heard(await written(RULES), asked), loop);
  assert.ok(loop.length > RULES.length);
});
