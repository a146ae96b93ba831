/**
 * The text of a module that does what lib/check/dispatch.ts does, with a function for each moment: with a call of its own
 * for each check, the engine can put them in line.
 */

import { HOLDS, type Rule } from '../lib/check/rule.ts';
import { MOMENTS, type MomentName } from '../lib/kernel/state/moments.ts';

/** `rules`: those that `evaluationOf` will be given. */
export function textOfDispatch(rules: readonly Pick<Rule, 'at'>[]): string {
  const cases = [...MOMENTS.entries()].map(([moment, name]) => caseOf(moment, indicesOf(rules, name)));
  return `export function evaluationOf(rules, applies, moment, onOutcome) {
  switch (moment) {${cases.join('')}
    default: throw new RangeError(\`no moment: \${moment}\`);
  }
}
`;
}

function indicesOf(rules: readonly Pick<Rule, 'at'>[], name: MomentName): number[] {
  return [...rules.entries()].filter(([, { at }]) => at.includes(name)).map(([index]) => index);
}

function caseOf(moment: number, indices: readonly number[]): string {
  const constants = indices.map(
    (at) => `
      const [applies${at}, check${at}] = [applies[${at}] === true, rules[${at}].check];`,
  );
  const calls = indices.map(
    (at) => `
        if (applies${at}) {
          const outcome = check${at}(machine, cpu, ${moment}, subject, detail);
          if (outcome !== ${HOLDS}) onOutcome(${at}, outcome, machine, cpu, subject, detail);
        }`,
  );
  return `
    case ${moment}: {${constants.join('')}
      return (machine, cpu, subject, detail) => {${calls.join('')}
      };
    }`;
}
