/**
 * Every rule is pinned: turned around, silenced, or asked elsewhere, it changes the expected report of some trace. The
 * mutants are made of the table of rules, so that a new rule needs its traces.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOLDS, type Outcome, type Rule, SKIPPED, VIOLATED, WEAK } from '../../lib/check/rule.ts';
import { RULES } from '../../lib/check/rules.ts';
import { FOLDERS, type Run, resultOf, runsOf, traceOf } from '../support/corpus.ts';

interface Mutant {
  readonly what: string;
  readonly change: Partial<Rule>;
}

/** Mutants that no trace can tell from the rule, and why. */
const UNSEEN: Readonly<Record<string, string>> = {
  'DB-08 of another severity': 'each violation has a severity of its own',
  'DB-09 never violated': 'the emulator saves the buffers at every entry, and leaves no window without an exit',
  'DB-09 of another severity': 'never violated',
  'DB-11 never violated': 'every load (VHE) or entry saves the trap controls before a put or exit can restore them',
  'DB-11 of another severity': 'never violated',
  'FP-17 of another severity': 'only models that put ZCR_EL1 back at put violate it, as a suspicion',
  'FP-22 never skipped':
    'a loss ends the run; only captures of which a probe is left out know the one and not the other',
  'SM-03 never skipped': 'whose the registers are is unknown only where a capture hides entries, exits or loads',
  'SM-03 not at ctxsync': 'every model stops streaming there',
  'SM-05 never violated': 'no model with SME guests sizes sve_state by the SVE vector length alone',
  'SM-05 of another severity': 'never violated',
  'SM-09 never skipped': 'whose ZA it is is unknown only where a capture hides who runs',
};

/** The rule with one outcome of its check given for another. */
function outcomeMutant(rule: Rule, what: string, swap: Partial<Record<Outcome, Outcome>>): Mutant {
  const check: Rule['check'] = (...seen) => {
    const outcome = rule.check(...seen);
    return swap[outcome] ?? outcome;
  };
  return { what, change: { check } };
}

/** Outcomes that a check can have are named in it. */
function outcomeMutants(rule: Rule): Mutant[] {
  const text = rule.check.toString();
  return [
    outcomeMutant(rule, 'negated', { [HOLDS]: VIOLATED, [VIOLATED]: HOLDS }),
    outcomeMutant(rule, 'never violated', { [VIOLATED]: HOLDS }),
    ...(text.includes('SKIPPED') ? [outcomeMutant(rule, 'never skipped', { [SKIPPED]: HOLDS })] : []),
    ...(text.includes('WEAK') ? [outcomeMutant(rule, 'never weak', { [WEAK]: HOLDS })] : []),
  ];
}

function mutantsOf(rule: Rule): Mutant[] {
  return [
    ...outcomeMutants(rule),
    { what: 'where it does not apply', change: { applies: (profile, mode) => !rule.applies(profile, mode) } },
    ...rule.at.map((moment) => ({ what: `not at ${moment}`, change: { at: rule.at.filter((at) => at !== moment) } })),
    { what: 'of another severity', change: { severity: rule.severity === 'error' ? 'warning' : 'error' } },
  ];
}

/** What the run reports with the rule changed. A rule that describes a state in which it holds may throw: that is noticed too. */
function reportWith(run: Run, rule: Rule, change: Partial<Rule>): string {
  const original = { ...rule };
  Object.assign(rule, change);
  try {
    return JSON.stringify(resultOf(run));
  } catch (error) {
    return String(error);
  } finally {
    Object.assign(rule, original);
  }
}

interface Expected {
  readonly run: Run;
  readonly result: ReturnType<typeof resultOf>;
  readonly text: string;
}

/** Small traces first. */
const RUNS: readonly Expected[] = FOLDERS.flatMap(runsOf)
  .map((run) => ({ run, size: traceOf(run.folder, run.trace).events.length }))
  .filter(({ size }) => size < 1000)
  .sort((a, b) => a.size - b.size)
  .map(({ run }) => ({ run, result: resultOf(run) }))
  .map(({ run, result }) => ({ run, result, text: JSON.stringify(result) }));

/** Whether the rule had a say in the run. */
function isAsked({ id }: Rule, { report, asked }: Expected['result']): boolean {
  return asked.includes(id) || id in report.ledger.skipped_checks;
}

for (const rule of RULES) {
  test(`every mutant of ${rule.id} changes an expected report`, () => {
    const unseen = mutantsOf({ ...rule })
      .filter(({ change }) => {
        const runs = change.applies === undefined ? RUNS.filter(({ result }) => isAsked(rule, result)) : RUNS;
        return !runs.some(({ run, text }) => reportWith(run, rule, change) !== text);
      })
      .map(({ what }) => `${rule.id} ${what}`);
    assert.deepEqual(
      unseen,
      Object.keys(UNSEEN).filter((name) => name.startsWith(rule.id)),
    );
  });
}
