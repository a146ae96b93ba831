/**
 * Captures of correct kernels with part of their evidence taken away; prints how many of the replays end in false errors.
 * `node --import tsx test/nightly/partial.ts [--few] [--seed N] [--show N] [NAME...]`
 */

import { alarmsOf, capturesAtHand, combinationOf, reductionsOf, replayText } from '../support/partial.ts';
import { createRandom } from '../support/random.ts';
import { readLines } from '../support/reduce.ts';

const argv = process.argv.slice(2);
const option = (name: string, otherwise: number): number => {
  const at = argv.indexOf(name);
  return at < 0 ? otherwise : Number(argv.splice(at, 2)[1]);
};
const seed = option('--seed', 1);
const show = option('--show', 0);
const few = argv.includes('--few');
const names = argv.filter((word) => !word.startsWith('--'));

const amount = few
  ? { pairs: 4, subsets: 6, windows: 4, losses: 4 }
  : { pairs: 40, subsets: 60, windows: 40, losses: 40 };
let runs = 0;
let alarms = 0;
let shown = 0;
const rules = new Map<string, number>();
const taken = new Map<string, number>();
const verdicts = new Map<string, number>();
for (const capture of capturesAtHand((file) => names.length === 0 || names.some((name) => file.includes(name)))) {
  const lines = readLines(capture.text);
  let mine = 0;
  const random = createRandom(seed);
  const reductions = [
    ...reductionsOf(lines, random, amount),
    ...Array.from({ length: amount.windows }, () => combinationOf(lines, random)),
  ];
  for (const { name, text } of reductions) {
    const report = replayText(text, capture.model, capture.mode);
    runs++;
    verdicts.set(report.verdict, (verdicts.get(report.verdict) ?? 0) + 1);
    const found = alarmsOf(report);
    if (found.length === 0) continue;
    mine++;
    alarms++;
    const what = name.replace(/^(\w+).*/, '$1');
    taken.set(what, (taken.get(what) ?? 0) + 1);
    const kinds = new Set(found.map((alarm) => alarm.split(' ').slice(2, 3)[0] ?? ''));
    for (const kind of kinds) rules.set(kind, (rules.get(kind) ?? 0) + 1);
    if (shown++ < show)
      console.log(`${capture.name}: ${name}: ${found.length}\n    ${found.slice(0, 2).join('\n    ')}`);
  }
  console.log(`${capture.name}: ${mine} of ${reductions.length}`);
}
const sorted = (map: Map<string, number>) => JSON.stringify(Object.fromEntries([...map].sort((a, b) => b[1] - a[1])));
console.log(
  `${alarms} false alarms in ${runs}; rules ${sorted(rules)}; taken away ${sorted(taken)}; verdicts ${sorted(verdicts)}`,
);
if (alarms > 0) process.exitCode = 1;
