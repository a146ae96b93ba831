/** Where the steps of causes are among the events, and which of them led to a mark. */

import type { Cause, CauseStep } from '../report/report.ts';
import { ABSENT } from '../trace/event.ts';
import { EVENTS } from '../trace/vocabulary.ts';
import type { EventColumns, Mark } from './timeline.ts';

/** The event of each step: the one of its line that has its name, or else the last of its line. */
export function eventsOfCauses(causes: readonly Cause[], events: EventColumns): readonly (readonly number[])[] {
  const keyOf = (input: number, line: number): string => `${input}:${line}`;
  const wanted = new Map<string, number[]>();
  for (const { steps } of causes) for (const { input, line } of steps) wanted.set(keyOf(input, line), []);
  const lines = new Set(causes.flatMap(({ steps }) => steps.map(({ line }) => line)));
  const { lines: lineOf, inputs } = events;
  for (let event = 0; event < lineOf.length; event++) {
    const line = lineOf[event] as number;
    if (lines.has(line)) wanted.get(keyOf(inputs[event] as number, line))?.push(event);
  }
  const eventOf = ({ input, line, event: name }: CauseStep): number => {
    const there = wanted.get(keyOf(input, line)) ?? [];
    return there.find((event) => EVENTS[events.kinds[event] as number]?.name === name) ?? there.at(-1) ?? ABSENT;
  };
  return causes.map(({ steps }) => steps.map(eventOf));
}

/** The marks with the events that led to each: the steps of its cause that come before it. */
export function withCauses(
  marks: readonly Mark[],
  causes: readonly Cause[],
  events: readonly (readonly number[])[],
): readonly Mark[] {
  const steps = new Map(causes.map(({ cause }, index) => [cause, events[index] ?? []]));
  return marks.map((mark) => {
    const led = steps.get(causeOf(mark)) ?? [];
    return { ...mark, from: [...new Set(led)].filter((event) => event !== ABSENT && event < mark.at) };
  });
}

/** The number of its cause; 0 where it has none. */
export function causeOf(mark: Mark): number {
  if (mark.kind === 'violation') return mark.violation.cause;
  return mark.kind === 'divergence' ? mark.divergence.cause : 0;
}
