/** Two traces side by side as Markdown and CSV: the tables of the text, whole. */

import { MAIL, type Sheet, sheetMarkdown, sheetsCsv } from '../../text/sheet.ts';
import { show, wrap } from '../../text/wrap.ts';
import type { Figure } from './compare-traces.ts';
import { entrySheet } from './per-entry.ts';
import { HOW, partingText, type TraceComparison } from './text.ts';

function sheetsOf({ figures, per_entry: perEntry }: TraceComparison): readonly Sheet[] {
  const sheet = (title: string, of: readonly Figure[]): Sheet => ({
    title,
    head: [title, 'A', 'B', 'A in all', 'B in all'],
    rows: of.map(({ name, a, b, aPerEntry, bPerEntry }) => [name, hundredths(aPerEntry), hundredths(bPerEntry), a, b]),
  });
  return [
    entrySheet(perEntry),
    sheet('bytes for an entry', figures.bytes),
    sheet('costs for an entry', figures.costs),
    sheet('fp_owner for an entry', figures.transitions),
  ].filter(({ rows }) => rows.length > 0);
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

export function formatTraceComparisonMarkdown(comparison: TraceComparison): string {
  const { a, b, parting, per_entry: perEntry } = comparison;
  const named = (['A', 'B'] as const).map((name) => {
    const { inputs, model, verdict } = name === 'A' ? a : b;
    return wrap(`- ${name}: ${show(inputs[0]?.name ?? '-')} under ${show(model.name)} ${model.mode}: ${verdict}`, MAIL);
  });
  const parts = [
    named.flat().join('\n'),
    wrap(partingText(a, b, parting), MAIL).join('\n'),
    ...sheetsOf(comparison).flatMap(sheetMarkdown),
    ...(Object.keys(perEntry).length === 0 ? [] : [wrap(HOW, MAIL).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

export const formatTraceComparisonCsv = (comparison: TraceComparison): string => sheetsCsv(sheetsOf(comparison));
