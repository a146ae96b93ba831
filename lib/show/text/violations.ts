import type { Place, Report, Violation } from '../../report/report.ts';
import { formatCount } from '../../text/numbers.ts';
import { type Paint, severityColour } from '../../text/paint.ts';
import { labelled, show } from '../../text/wrap.ts';

const MOST_EXPECTED = 4;
const LABEL = 10;

/** In the form of a compiler's message, which editors can jump to, and what is known about it. */
export function violationLines(report: Report, violation: Violation, paint: Paint): readonly string[] {
  const severity = severityColour(paint, violation.severity);
  const where = placeOf(report, violation);
  const rule = show(violation.rule);
  const field = (label: string, text: string) => labelled(4, LABEL, label, text, paint.quiet);
  const state = Object.entries(violation.state).map(([name, value]) => `${show(name)}=${show(value)}`);
  return [
    // On one line, however long it is, as compilers do it: editors and other programs look for that.
    `${paint.name(where)}: ${severity(violation.severity)}: ${show(violation.message)} [${rule}]`,
    ...field('event', describePlace(violation)),
    ...(state.length === 0 ? [] : field('before', state.join(' '))),
    ...violation.expected
      .slice(0, MOST_EXPECTED)
      .flatMap((text, index) => field(index === 0 ? 'expected' : '', show(text))),
    ...field('in', show(violation.source)),
    ...(violation.followed === 0 ? [] : [`    (${formatCount(violation.followed)} more followed from it)`]),
  ];
}

/** "trace.ndjson:12", as compilers write it. */
export function placeOf(report: Report, place: Pick<Place, 'input' | 'line'>): string {
  return `${show(report.inputs[place.input]?.name ?? '?')}:${place.line}`;
}

/** "guest_fp_trap, cpu 0, vcpu 1/0, ts 1200". Numbers as they are in the trace, so that they can be searched for. */
export function describePlace(place: Place): string {
  const parts = [show(place.event)];
  if (place.cpu !== undefined) parts.push(`cpu ${place.cpu}`);
  if (place.vcpu !== undefined) parts.push(`vcpu ${place.vm ?? 0}/${place.vcpu}`);
  if (place.ts !== undefined) parts.push(`ts ${show(String(place.ts))}`);
  return parts.join(', ');
}
