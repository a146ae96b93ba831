/** A check for people: a line for each trace and kernel, under it how its report differs, at the end how many came out how. */

import type { Difference } from '../../report/differences.ts';
import type { Case } from '../../show/cases/case.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import type { Paint } from '../../text/paint.ts';
import { labelled, show } from '../../text/wrap.ts';
import type { CheckResult } from './check-worker.ts';

/** What came of a trace on a kernel. */
export interface Told extends CheckResult {
  readonly hasGolden?: boolean;
  /** The process that replayed it ended, and the run with this code. */
  readonly died?: number;
}

/** Differences that are shown of one report. */
const MOST = 10;
const LABEL = 14;

type Word = 'same' | 'differs' | 'stale' | 'pass' | 'fail' | 'inconclusive' | 'not read' | 'skipped';

export function createCheckText(paint: Paint, { quiet }: { readonly quiet: boolean }) {
  const colours: Readonly<Record<Word, (text: string) => string>> = {
    ...{ same: paint.good, pass: paint.good, skipped: paint.quiet, inconclusive: paint.doubt },
    ...{ differs: paint.bad, stale: paint.bad, fail: paint.bad, 'not read': paint.bad },
  };
  return {
    lines(told: Told): string {
      const word = wordOf(told);
      if (quiet && (word === 'same' || word === 'pass' || word === 'skipped')) return '';
      const head = `${colours[word](word.padEnd(LABEL))}${show(told.case.path, 4096)}${kernelOf(told)}`;
      return `${[head, ...detailLines(told, word)].join('\n')}\n`;
    },
    summary(all: readonly Told[], updates: readonly string[]): string {
      const counts = new Map<Word, number>();
      for (const each of all) counts.set(wordOf(each), (counts.get(wordOf(each)) ?? 0) + 1);
      const parts = ORDER.filter((word) => counts.has(word)).map((word) =>
        colours[word](`${formatCount(counts.get(word) ?? 0)} ${word}`),
      );
      const traces = new Set(all.filter((each) => wordOf(each) !== 'stale').map((each) => each.case.path)).size;
      const without = all.filter((each) => each.hasGolden === false).length;
      const missing = without === 0 ? '' : `; ${countOf(without, 'trace')} without an expected report`;
      return `${[...updates, `${countOf(traces, 'trace')}: ${parts.join(', ')}${missing}`].join('\n')}\n`;
    },
  };
}

const ORDER: readonly Word[] = ['same', 'pass', 'differs', 'fail', 'stale', 'inconclusive', 'not read', 'skipped'];

function wordOf({ case: { outcome, findings }, hasGolden }: Told): Word {
  if (findings[0]?.rule === 'stale-golden') return 'stale';
  if (outcome === 'error') return 'not read';
  if (outcome === 'skip') return 'skipped';
  if (hasGolden === true) return outcome === 'pass' ? 'same' : 'differs';
  return outcome;
}

function kernelOf({ case: each }: Told): string {
  return each.outcome === 'skip' || each.outcome === 'error' ? '' : `, ${show(each.name)}`;
}

function detailLines({ case: each, comparison }: Told, word: Word): readonly string[] {
  if (word === 'same' || word === 'pass') return [];
  const line = (text: string): string[] => labelled(2, 0, '', show(text), (label) => label);
  if (comparison === undefined) {
    const [first] = each.findings;
    return word === 'fail' && first !== undefined
      ? [...each.reasons.flatMap(line), ...line(`first ${where(first)}: ${first.message} [${first.rule}]`)]
      : each.reasons.flatMap(line);
  }
  const { why, differences } = comparison;
  const more = differences.length - MOST;
  return [
    ...why.flatMap(line),
    ...differences.slice(0, MOST).flatMap((difference) => line(describe(difference))),
    ...(more > 0 ? line(`and ${formatCount(more)} more`) : []),
  ];
}

const where = ({ path, line }: Case['findings'][number]): string => (line > 0 ? `${path}:${line}` : path);

/** "cost total isb count: 2 -> 3". */
function describe({ path, before, after }: Difference): string {
  return `${path.join(' ')}: ${before ?? 'absent'} -> ${after ?? 'absent'}`;
}
