/** The report for people: one screen for an ordinary trace, in 80 columns, the verdict first. */

import type { Report } from '../report/report.ts';
import type { Paint } from '../text/paint.ts';
import type { Reporter, Sink, Style } from './reporter.ts';
import { costSection } from './text/cost.ts';
import { divergenceSection } from './text/divergences.ts';
import { ledgerSection } from './text/ledger.ts';
import { ownershipSection } from './text/ownership.ts';
import { verdictSection } from './text/verdict.ts';
import { violationSection } from './text/violations.ts';

/** A part of the report as lines; none where it has nothing to say. */
type Section = (report: Report, paint: Paint) => readonly string[];

const SECTIONS: readonly Section[] = [
  verdictSection,
  violationSection,
  divergenceSection,
  ownershipSection,
  costSection,
  ledgerSection,
];

export function createReporter(sink: Sink, style: Style): Reporter {
  return { report: (report) => sink.write(formatText(report, style.paint)) };
}

/** The whole text, with a line feed at its end and an empty line between sections. */
export function formatText(report: Report, paint: Paint): string {
  return SECTIONS.map((section) => section(report, paint))
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}
