/** Replays traces for a command that looks at the machine as it goes, and may have seen enough before the end. */

import { readCaptures } from '../import/read.ts';
import type { InputError } from '../ingest/source.ts';
import type { Machine } from '../kernel/state/machine.ts';
import { createReplay } from '../replay/replay.ts';
import { escapeText } from '../text/escape.ts';
import { countOf } from '../text/numbers.ts';
import type { Spot } from '../tools/state/look.ts';
import type { EventRecord } from '../trace/event.ts';
import { type CaptureCommandOptions, readingOf } from './captures.ts';
import type { Context } from './context.ts';
import { Failure } from './exit.ts';
import { type MachineOptions, wishesOf } from './options/machine.ts';
import { readEvents } from './read-events.ts';

export interface Looking {
  /** Must replay the event by `step`, once. */
  take(machine: () => Machine | undefined, event: EventRecord, step: () => void): void;
  /** Nothing that comes now is looked at. */
  readonly isOver: boolean;
  /** The event under way violates that rule. */
  violates?(rule: string): void;
  /** The traces have ended, without it being over. */
  end?(machine: Machine | undefined): void;
}

/** The inputs, as they were read. Throws `Failure` where one cannot be read. */
export async function look(
  inputs: readonly string[],
  options: CaptureCommandOptions & MachineOptions & { readonly progress: boolean },
  context: Context,
  looking: Looking,
): Promise<readonly { readonly name: string; readonly lines: number }[]> {
  const replay = createReplay({
    ...wishesOf(options),
    maxViolations: 0,
    onRule: (rule) => looking.violates?.(rule),
  });
  const source = readCaptures(inputs, readingOf(options));
  const output = {
    get closed() {
      return looking.isOver;
    },
    ready: () => context.stdout.ready(),
  };
  await readEvents(
    inputs,
    options,
    { stdout: output, io: context.io },
    (event) => {
      let error: InputError | undefined;
      looking.take(
        () => replay.machine,
        event,
        () => {
          error = replay.step(event);
        },
      );
      return error;
    },
    source,
  );
  if (!looking.isOver) looking.end?.(replay.machine);
  return source.inputs;
}

/** "traces/a.ndjson:12", as the input was given. Throws `Failure` where all of it was `read`, and it has no such line. */
export function placeOf(
  { input, line }: Spot,
  inputs: readonly string[],
  read: readonly { readonly lines: number }[],
  { isOver }: Looking,
): string {
  const lines = isOver ? line : (read[input]?.lines ?? 0);
  const name = inputs[input] === '-' ? '<stdin>' : (inputs[input] ?? '-');
  if (line > lines)
    throw new Failure(`there is no line ${line}: ${escapeText(name, 4096)} has ${countOf(lines, 'line')}`);
  return `${name}:${line}`;
}
