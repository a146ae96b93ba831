/** The state at a line, and events with what they changed, as text. */

import type { Paint } from '../../text/paint.ts';
import { formatTable, left } from '../../text/table.ts';
import { show } from '../../text/wrap.ts';
import type { Values } from './fields.ts';
import type { Changed, Moment, Step } from './state.ts';
import { seconds } from './time.ts';

/** `place`: "trace.ndjson:12". */
export function formatMoment(
  place: string,
  moment: Moment & { readonly around: readonly Step[] },
  paint: Paint,
): string {
  const [first] = moment.events;
  const what = first === undefined ? 'no event; the state is what those before have left' : namesOf(moment.events);
  const lines: string[] = [`${paint.name(show(place))}: ${what}`];
  if (moment.around.length > moment.events.length) {
    lines.push('', ...moment.around.flatMap((step) => stepLines(step, step.line === first?.line ? '>' : ' ', paint)));
  }
  for (const now of moment.after) {
    const then = moment.before.find(({ cpu }) => cpu === now.cpu);
    lines.push('', ...tableOf(`CPU ${now.cpu}`, then?.values, now.values, paint));
    const { vcpu } = now;
    if (vcpu === undefined) continue;
    const same = moment.before.find((one) => one.vcpu?.name === vcpu.name);
    lines.push('', ...tableOf(show(vcpu.name), same?.vcpu?.values, vcpu.values, paint));
  }
  return `${lines.join('\n')}\n`;
}

const namesOf = (events: readonly Step[]): string => events.map(({ event }) => show(event)).join(', ');

/** A row a field; what changed is marked, and has both values. */
function tableOf(title: string, before: Values | undefined, after: Values, paint: Paint): readonly string[] {
  const rows = Object.entries(after).map(([field, value]) => {
    const old = before?.[field] ?? 'unknown';
    return [old === value ? '' : '*', show(field), show(old), old === value ? '' : show(value)];
  });
  const table = formatTable([left(' '), left(title), left('before'), left('after')], rows);
  return [
    paint.heading(table.head),
    ...table.rows.map((row, index) => (rows[index]?.[0] === '*' ? paint.doubt(row) : row)),
  ];
}

/** "299  3.931211000  cpu 0  vcpu 1/1  guest_fp_trap", and below it what it changed. */
export function stepLines(step: Step, mark: string, paint: Paint): readonly string[] {
  const { line, ts, cpu, vm, vcpu, task, event, changes } = step;
  const place = [
    `${mark}${String(line).padStart(6)}`,
    ...(ts === undefined ? [] : [seconds(ts)]),
    (cpu === undefined ? '' : `cpu ${cpu}`).padEnd(7),
    show(event),
    ...(vcpu === undefined ? [] : [`vcpu ${vm}/${vcpu}`]),
    ...(task === undefined ? [] : [`task ${task}`]),
  ].join('  ');
  return [place.trimEnd(), ...changes.map((change) => paint.quiet(`            ${changeText(change, step)}`))];
}

/** The CPU of the event need not be named again. */
function changeText({ of, field, before, after }: Changed, { cpu }: Step): string {
  const where = of === `cpu ${cpu}` ? '' : `${show(of)} `;
  return `${where}${show(field)}: ${show(before)} > ${show(after)}`;
}
