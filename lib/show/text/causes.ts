import type { Cause, CauseStep, Report } from '../../report/report.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import { atMost } from '../../text/page.ts';
import { type Paint, severityColour } from '../../text/paint.ts';
import { labelled, show } from '../../text/wrap.ts';
import { byCount } from './ownership.ts';
import { placeOf, violationLines } from './violations.ts';

export { violationLines as violationLinesOf } from './violations.ts';

/** Causes shown in full. */
const MOST = 10;
const LABEL = 10;
const INDENT = 4;

/** Each cause once: how it began, step by step, and what comes of it. */
export function causeSection(report: Report, paint: Paint): readonly string[] {
  const { causes } = report;
  if (causes.length === 0) return [];
  const shown = causes.slice(0, atMost(MOST));
  return [
    ...shown.flatMap((cause, index) => [...(index === 0 ? [] : ['']), ...causeLines(report, cause, paint)]),
    ...(causes.length > shown.length
      ? ['', paint.quiet(`  ${formatCount(causes.length - shown.length)} more; --all lists them.`)]
      : []),
  ];
}

/** A cause that is one violation and no more is shown as that. */
export function causeLines(report: Report, cause: Cause, paint: Paint): readonly string[] {
  const first = report.violations.find((violation) => violation.cause === cause.cause);
  const isAlone = cause.steps.length <= 1 && totalOf(cause) === 1;
  if (isAlone && first !== undefined) {
    return [...violationLines(report, first, paint), ...preventionLines(cause, paint)];
  }
  const begin = cause.steps[0] ?? first;
  const where = begin === undefined ? 'cause' : placeOf(report, begin);
  const severity = severityColour(paint, cause.severity);
  return [
    // On one line, as those of violations.
    `${paint.name(where)}: ${severity(cause.severity)}: ${show(cause.title)} [cause ${cause.cause}]`,
    ...stepLines(cause.steps, paint),
    ...(first?.expected[0] === undefined
      ? []
      : labelled(INDENT, LABEL, 'expected', show(first.expected[0]), paint.quiet)),
    ...labelled(INDENT, LABEL, 'in all', consequencesOf(cause), paint.quiet),
    ...preventionLines(cause, paint),
  ];
}

const totalOf = ({ consequences }: Cause): number => Object.values(consequences).reduce((sum, count) => sum + count, 0);

function stepLines(steps: readonly CauseStep[], paint: Paint): readonly string[] {
  const width = Math.max(...steps.map(({ line }) => String(line).length));
  return steps.flatMap((step, index) =>
    labelled(INDENT, width + 8, `${index + 1} line ${step.line}`, sentenceOf(step), paint.quiet),
  );
}

/** "kvm_arch_vcpu_load_fp wrote fp_owner = host in kvm_host_data". */
export function sentenceOf({ source, verb, text }: CauseStep): string {
  const what = verb === '' ? show(text) : `${verb} ${show(text)}`;
  if (source === '') return what;
  return verb === '' ? `${show(source)}: ${what}` : `${show(source)} ${what}`;
}

/** "FP-03 714, FP-05 355, on CPUs 0 and 1". */
function consequencesOf(cause: Cause): string {
  const counts = byCount(cause.consequences).map(([rule, count]) => `${show(rule)} ${formatCount(count)}`);
  const { cpus } = cause;
  const where =
    cpus.length === 1 ? `CPU ${cpus[0]}` : cpus.length > 8 ? `${cpus.length} CPUs` : `CPUs ${cpus.join(', ')}`;
  return `${countOf(totalOf(cause), 'time')} on ${where}: ${counts.join(', ')}`;
}

export function preventionLines({ prevented_by }: Cause, paint: Paint): readonly string[] {
  if (prevented_by === undefined) return [];
  const [best] = prevented_by;
  const text =
    best === undefined
      ? 'by no single switch of the model'
      : `${best.source}${best.commit === undefined ? '' : ` (${best.commit})`}: ${best.switch} = ${best.value}, as in ${best.models.slice(0, 3).join(', ')}`;
  return labelled(INDENT, LABEL, 'prevented', show(text), paint.quiet);
}
