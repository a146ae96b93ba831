/**
 * Runs of the literal model, a second implementation of the kernel, from which hidden kinds of event have been struck: what
 * is left is a trace of that kernel, and whatever is said of it has to be true of the run that it came from.
 */

import { createReplay } from '../../lib/replay/replay.ts';
import type { Report } from '../../lib/report/report.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { HIDEABLE, type HideableKind } from '../../lib/trace/hidden.ts';
import { createLiteral, type Literal, type TraceEvent } from '../literal/literal.ts';
import { useBeforeIoctl } from '../literal/lockstep-tell.ts';
import { createFullWalk } from '../literal/walk.ts';
import type { Random } from '../support/random.ts';

export interface Kernel {
  readonly model: string;
  readonly mode: string;
}

export const MACHINE = { cpus: 2, sveVl: 64, smeVl: 32, sme2: true, fpmr: true } as const;
const FEATURES = ['sme2', 'fpmr', 'fa64'];

/** Values as a probe reads them inside the kernel. */
function observation(literal: Literal, cpu: number, random: Random): TraceEvent {
  const last = literal.last(cpu);
  return {
    event: 'observe',
    cpu,
    ...(random.once(2) && { fp_owner: literal.owner(cpu) }),
    ...(random.once(2) && !last.startsWith('kneon') && { last }),
    ...(random.once(3) && { tif_foreign: literal.tif(literal.current(cpu), cpu) }),
  } as TraceEvent;
}

/** So many events of a machine that does what the model says, with values read in between. */
export function fullRun(kernel: Kernel, seed: number, events: number, random: Random): TraceEvent[] {
  const literal = createLiteral(kernel.model, kernel.mode, MACHINE);
  // Userspace asks for registers that there are not when it likes.
  const walk = createFullWalk(literal, { seed, cpus: 2, sveVl: 64, smeVl: 32, registers: false });
  const run: TraceEvent[] = [];
  const take = (event: TraceEvent): void => {
    useBeforeIoctl(literal, event);
    literal.step(event);
    run.push(event);
  };
  for (const event of walk.prologue) take(event);
  while (run.length < events) {
    take(walk.events.next().value);
    const cpu = random.below(2);
    // While the guest runs nobody reads anything there.
    if (random.once(2) && !literal.running(cpu) && !literal.leaving(cpu)) run.push(observation(literal, cpu, random));
  }
  return run;
}

/** Events that tell of another's end go with it. */
export const WITH: Partial<Record<HideableKind, readonly string[]>> = {
  neon_begin: ['neon_end'],
  nested_eret: ['nested_exception'],
};

export function strike(run: readonly TraceEvent[], hidden: readonly HideableKind[]): TraceEvent[] {
  const gone = new Set<string>([...hidden, ...hidden.flatMap((kind) => WITH[kind] ?? [])]);
  return run.filter(({ event }) => !gone.has(event));
}

/** Events [from, to) are lost: of one CPU, or of all, as an importer tells of it, where the loss begins. */
export function lose(run: readonly TraceEvent[], from: number, to: number, cpu?: number): TraceEvent[] {
  const isLost = (event: TraceEvent, at: number): boolean =>
    at >= from && at < to && (cpu === undefined || event.cpu === cpu);
  const first = run.findIndex(isLost);
  if (first < 0) return [...run];
  const told = { event: 'lost', count: 1, ...(cpu !== undefined && { cpu }) } as TraceEvent;
  return run.flatMap((event, at) => (at === first ? [told] : isLost(event, at) ? [] : [event]));
}

/** Some of: kinds struck, up to three losses, which may be short and close together, and a window. */
export function reduce(
  run: readonly TraceEvent[],
  random: Random,
): { cut: TraceEvent[]; hidden: HideableKind[]; name: string } {
  const chance = random.pick([0, 0, 10, 40, 80]);
  const hidden = HIDEABLE.filter(() => random.below(100) < chance);
  const names = [`hidden: ${hidden.join(', ')}`];
  let cut = [...run];
  for (let losses = random.below(4); losses > 0; losses--) {
    const from = random.below(cut.length);
    const to = from + 1 + random.below(random.pick([2, 6, 40]));
    const cpu = random.once(4) ? undefined : random.below(2);
    cut = lose(cut, from, to, cpu);
    names.push(`lost ${from}..${to} of CPU ${cpu}`);
  }
  if (random.once(3)) {
    const from = random.below(cut.length);
    cut = cut.slice(from);
    names.push(`from ${from}`);
  }
  return { cut: strike(cut, hidden), hidden, name: names.join('; ') };
}

/** `partial`: the trace says which kinds it shows; one that does not is complete. */
export function replayRun(
  run: readonly TraceEvent[],
  kernel: Kernel,
  hidden: readonly HideableKind[],
  partial = hidden.length > 0,
): Report {
  const records = { only: HIDEABLE, without: hidden };
  const replay = createReplay({
    ...kernel,
    sveVl: MACHINE.sveVl,
    smeVl: MACHINE.smeVl,
    ...(partial && { records }),
  });
  const record = createEventRecord();
  const meta = { event: 'meta', format: 1, cpus: 2, features: FEATURES };
  for (const [index, event] of [meta, ...run].entries()) {
    const error = decode(event, record);
    if (error !== undefined) throw new Error(`${JSON.stringify(event)}: ${error.field}: ${error.expected}`);
    record.line = index + 1;
    const refused = replay.step(record);
    if (refused !== undefined) throw new Error(`${refused.field}: ${refused.found}`);
  }
  return replay.finish([{ name: 'run', lines: run.length, events: run.length }]);
}
