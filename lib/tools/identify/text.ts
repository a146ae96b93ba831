/** The ranking of kernels as text. */

import { formatCount } from '../../text/numbers.ts';
import { atMost, pageWidth } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { type Column, formatTable, left, right } from '../../text/table.ts';
import { wrap } from '../../text/wrap.ts';
import type { Candidate, Identification } from './identify.ts';

/** What told the first kernel from the next. */
const DECIDED: Readonly<Record<Identification['decided_by'], string>> = {
  values: 'No other kernel confirms as many.',
  release: 'Others confirm as many: the release that the capture names decided.',
  mode: 'Others confirm as many: the mode that the capture names decided.',
  evidence: 'Others confirm as many: evidence that is not an observation decided.',
  nothing: 'Others confirm as many, and nothing decided.',
};

/** Rows of the table. */
const MOST = 12;

const COLUMNS: readonly Column[] = [
  left('model'),
  left('mode'),
  right('confirmed'),
  right('diverged'),
  right('unknown'),
  right('violated'),
  right('evidence'),
];

export function formatIdentification(identification: Identification, paint: Paint): string {
  const { ranking, tied, named, undecided, evidence, replayed } = identification;
  const [first] = ranking;
  if (first === undefined || first.confirmed + first.diverged === 0) {
    return 'No value was read inside the kernel: nothing tells which it is.\n';
  }
  const groups = groupsOf(ranking);
  const table = formatTable(
    COLUMNS,
    groups
      .slice(0, atMost(MOST))
      .map(({ candidate, modes }) => [
        candidate.model,
        modes.join(', '),
        formatCount(candidate.confirmed),
        formatCount(candidate.diverged),
        formatCount(candidate.learned),
        formatCount(candidate.violations),
        formatCount(candidate.evidence),
      ]),
  );
  const more = groups.length - atMost(MOST);
  return [
    ...headline(alternatives(tied), first, paint),
    ...indented(DECIDED[identification.decided_by]),
    ...(named === undefined ? [] : indented(`${notNamed(named)} A kernel that is broken may behave like another.`)),
    ...(replayed.events < replayed.of ? indented(windowed(replayed)) : []),
    '',
    `  ${paint.heading(table.head)}`,
    ...table.rows.map((row) => `  ${row}`),
    ...(more > 0 ? [paint.quiet(`  ${more} more; --all lists them`)] : []),
    ...undecidedLines(undecided, paint),
    ...evidenceLines(evidence, undecided.length, paint),
    '',
  ].join('\n');
}

/** The first is not of the release that the capture names. */
export function notNamed({ model, mode, confirmed, diverged }: Candidate): string {
  const observed = formatCount(confirmed + diverged);
  return `The capture names another release: of that, ${model}, ${mode} is the likeliest, and ${formatCount(diverged)} of ${observed} values diverge.`;
}

const windowed = ({ events, of }: Identification['replayed']): string =>
  `Judged by ${formatCount(events)} of ${formatCount(of)} events, from all over the trace; --whole takes all.`;

/** In a line, where it fits. */
function headline(names: string, { confirmed, diverged }: Candidate, paint: Paint): readonly string[] {
  const what = `confirms ${formatCount(confirmed)} of ${formatCount(confirmed + diverged)} observed values`;
  if (names.length + 2 + what.length <= pageWidth()) return [`${paint.good(names)}  ${what}`];
  return [...wrap(names, pageWidth()).map((line) => paint.good(line)), `  ${what}`];
}

/** Kernels named in the headline. */
const MOST_TIED = 4;

/** "v6.10, nvhe or hvhe": a tie is told as one. */
export function alternatives(tied: Identification['tied']): string {
  const modes = new Map<string, string[]>();
  for (const { model, mode } of tied) modes.set(model, [...(modes.get(model) ?? []), mode]);
  const names = [...modes].map(([model, each]) => `${model}, ${each.join(' or ')}`);
  const more = names.length - atMost(MOST_TIED);
  return [...names.slice(0, atMost(MOST_TIED)), ...(more > 0 ? [`${more} others`] : [])].join('; or ');
}

/** Neighbours that differ in nothing but the mode share a row. */
function groupsOf(ranking: readonly Candidate[]): { candidate: Candidate; modes: string[] }[] {
  const groups: { candidate: Candidate; modes: string[] }[] = [];
  for (const candidate of ranking) {
    const last = groups.at(-1);
    if (last !== undefined && isAlike(last.candidate, candidate)) last.modes.push(candidate.mode);
    else groups.push({ candidate, modes: [candidate.mode] });
  }
  return groups;
}

function isAlike(a: Candidate, b: Candidate): boolean {
  return (
    a.model === b.model &&
    a.confirmed === b.confirmed &&
    a.diverged === b.diverged &&
    a.learned === b.learned &&
    a.violations === b.violations &&
    a.evidence === b.evidence
  );
}

function undecidedLines(undecided: Identification['undecided'], paint: Paint): readonly string[] {
  if (undecided.length < 2) return [];
  const modes = new Map<string, string[]>();
  for (const { model, mode } of undecided) modes.set(model, [...(modes.get(model) ?? []), mode]);
  const list = [...modes].map(([model, each]) => `${model} (${each.join(', ')})`).join(', ');
  return ['', paint.heading('Not told apart by any observed value'), ...indented(list)];
}

/** Evidence that speaks for all of the undecided, or none, decides nothing. */
function evidenceLines(evidence: Identification['evidence'], undecided: number, paint: Paint): readonly string[] {
  const telling = evidence.filter(({ favours }) => favours > 0 && favours < undecided);
  if (telling.length === 0) return [];
  return [
    '',
    paint.heading('Told apart by evidence that is not an observation'),
    ...telling.flatMap(({ text }) => indented(text)),
  ];
}

function indented(text: string): readonly string[] {
  return wrap(text, pageWidth() - 4).map((line, index) => (index === 0 ? `  ${line}` : `    ${line}`));
}
