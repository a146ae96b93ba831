/** The report for people: one screen for an ordinary trace, the verdict first. */

import type { Report } from '../report/report.ts';
import { onPage } from '../text/page.ts';
import type { Paint } from '../text/paint.ts';
import type { Reporter, Sink, Style } from './reporter.ts';
import { causeSection } from './text/causes.ts';
import { costInBrief, costSection } from './text/cost.ts';
import { divergenceSection } from './text/divergences.ts';
import { evidenceSection } from './text/evidence.ts';
import { ledgerInBrief, ledgerSection } from './text/ledger.ts';
import { ownershipInBrief, ownershipSection } from './text/ownership.ts';
import { reasonSection, verdictLine, verdictSection } from './text/verdict.ts';

/** A part of the report as lines; none where it has nothing to say. */
type Section = (report: Report, paint: Paint) => readonly string[];

const SECTIONS: readonly Section[] = [
  verdictSection,
  causeSection,
  divergenceSection,
  evidenceSection,
  ownershipSection,
  costSection,
  ledgerSection,
];

/** Where something is wrong, that is what is told, and the rest in a line each. */
const SECTIONS_OF_FAILURE: readonly Section[] = [
  verdictLine,
  causeSection,
  divergenceSection,
  reasonSection,
  (report, paint) => [ownershipInBrief, costInBrief, ledgerInBrief].flatMap((section) => section(report, paint)),
];

export function createReporter(sink: Sink, style: Style): Reporter {
  return {
    report: (report) => {
      const text = onPage(style, () => formatText(asGiven(report, style.paths), style.paint));
      sink.write(withVerdictAtEnd(text, style.rows));
    },
  };
}

/** Inputs as they were given, so that what is printed leads to the file. */
export function asGiven(report: Report, paths: readonly string[] | undefined): Report {
  return { ...report, inputs: report.inputs.map((input, at) => ({ ...input, name: paths?.[at] ?? input.name })) };
}

/** What is longer than the screen has the verdict at both ends. */
function withVerdictAtEnd(text: string, rows: number | undefined): string {
  const isLonger = rows !== undefined && text.split('\n').length > rows;
  return isLonger ? `${text}\n${text.slice(0, text.indexOf('\n\n') + 1)}` : text;
}

/** The whole text, with a line feed at its end and an empty line between sections. */
export function formatText(report: Report, paint: Paint): string {
  const sections = report.causes.length === 0 ? SECTIONS : SECTIONS_OF_FAILURE;
  return sections
    .map((section) => section(report, paint))
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}
