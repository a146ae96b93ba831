/**
 * The stream form, for pipes: a line per transition, violation and divergence as it happens, each with its `type`,
 * and the report, which has none, as the last line.
 */

import type { Transition } from '../account/report.ts';
import { toJson } from './json-text.ts';
import type { Reporter, Sink } from './reporter.ts';

/** Characters collected before they are written: a write per line would cost more than making the line. */
const BATCH = 64 * 1024;

type Tail = Pick<Transition, 'event' | 'instance' | 'from' | 'to' | 'cause'>;

/** What transitions end in: names of which there are few together. Looking one up beats writing it. */
const MOST_TAILS = 64;

function member(name: string, value: number | string | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'number' ? `,"${name}":${value}` : `,"${name}":${JSON.stringify(value)}`;
}

/**
 * Writes a transition as `JSON.stringify` would, in a third of the time: a busy trace has a million of them, and to write
 * those is not to take longer than to read it.
 */
function createTransitionText(): (transition: Transition) => string {
  const tails: (Tail & { readonly text: string })[] = [];

  function tailOf({ event, instance, from, to, cause }: Transition): string {
    for (const tail of tails) {
      const same = tail.from === from && tail.to === to && tail.event === event && tail.cause === cause;
      if (same && tail.instance === instance) return tail.text;
    }
    const tail = { event, instance, from, to, cause };
    const text = toJson(tail).slice(1);
    if (tails.length < MOST_TAILS) tails.push({ ...tail, text });
    return text;
  }

  return (transition) => {
    const { input, line, ts, cpu, vm, vcpu } = transition;
    const place = `${member('ts', ts)}${member('cpu', cpu)}${member('vm', vm)}${member('vcpu', vcpu)}`;
    return `{"type":"transition","input":${input},"line":${line}${place},${tailOf(transition)}`;
  };
}

export function ndjsonReporter(sink: Sink): Reporter {
  let pending = '';
  const textOf = createTransitionText();
  const write = (text: string): void => {
    pending += `${text}\n`;
    if (pending.length >= BATCH) flush();
  };
  const line = (value: object): void => write(toJson(value));
  const flush = (): void => {
    const text = pending;
    pending = '';
    sink.write(text);
  };
  return {
    transition: (transition) => write(textOf(transition)),
    violation: (violation) => line({ type: 'violation', ...violation }),
    divergence: (divergence) => line({ type: 'divergence', ...divergence }),
    report: (report) => {
      line(report);
      if (pending !== '') flush();
    },
  };
}
