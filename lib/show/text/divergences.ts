import type { Divergence, Explanation, Report } from '../../report/report.ts';
import { countOf, formatCount } from '../../text/numbers.ts';
import { atMost } from '../../text/page.ts';
import type { Paint } from '../../text/paint.ts';
import { labelled, show } from '../../text/wrap.ts';
import { describePlace, placeOf } from './violations.ts';

const MOST = 5;
const MOST_RECENT = 6;
const MOST_SWITCHES = 3;
const LABEL = 11;

/** Values that were read in a running kernel: how many were compared, and those that the emulator does not predict. */
export function divergenceSection(report: Report, paint: Paint): readonly string[] {
  const { checked, diverged, learned, diverging } = report.observations;
  if (checked + learned === 0) return [];
  const mark = diverged === 0 ? (text: string) => text : paint.bad;
  const said = `${formatCount(diverged)} diverged`;
  const counts = [
    `${countOf(checked, 'value')} compared`,
    said,
    ...(learned === 0 ? [] : [`${formatCount(learned)} taken over, not known before`]),
  ].join(', ');
  const shown = diverging.slice(0, atMost(MOST));
  const more = diverged - shown.length;
  return [
    ...labelled(0, 14, 'Observations', counts, paint.heading).map((line) => line.replace(said, mark(said))),
    ...shown.flatMap((divergence, index) => [
      '',
      ...divergenceLines(report, divergence, paint),
      ...explanationLines(report.explanations?.[index], paint),
    ]),
    ...(more > 0 ? ['', `  ${formatCount(more)} more; --all lists as many as --max-violations says.`] : []),
  ];
}

function divergenceLines(report: Report, divergence: Divergence, paint: Paint): readonly string[] {
  const recent = divergence.recent.slice(-MOST_RECENT);
  const field = (label: string, text: string) => labelled(4, LABEL, label, text, paint.quiet);
  return [
    `${paint.name(placeOf(report, divergence))}: ${paint.bad('diverged')}: ${show(divergence.field)}`,
    ...field('event', describePlace(divergence)),
    ...field('observed', show(divergence.observed)),
    ...field('predicted', show(divergence.predicted)),
    ...recent.flatMap((text, index) => field(index === 0 ? 'after' : '', show(text))),
  ];
}

/** The switches that leave the fewest divergences. */
function explanationLines(explanation: Explanation | undefined, paint: Paint): readonly string[] {
  if (explanation === undefined) return [];
  const [first] = explanation.switches;
  const best = explanation.switches.filter(({ diverged }) => diverged === first?.diverged).slice(0, MOST_SWITCHES);
  const texts = best.map(({ switch: name, value, models, diverged }) => {
    const left = diverged === 0 ? 'none diverges' : `${formatCount(diverged)} diverge`;
    return `${show(name)} = ${show(value)}, as in ${models.map((model) => show(model)).join(', ')}: ${left} then`;
  });
  return (texts.length === 0 ? ['by no single switch of the model'] : texts).flatMap((text, index) =>
    labelled(4, LABEL, index === 0 ? 'explained' : '', text, paint.quiet),
  );
}
