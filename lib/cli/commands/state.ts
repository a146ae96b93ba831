/** `worldswitch state`: all of the state before and after a line. */

import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { createLook } from '../../tools/state/look.ts';
import { formatMoment } from '../../tools/state/text.ts';
import { MAX_CPU } from '../../trace/vocabulary.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { look, placeOf } from '../looking.ts';
import { integer } from '../options/arguments.ts';
import { addMachine, type MachineOptions } from '../options/machine.ts';
import { inputsOf } from '../options/replay-options.ts';
import { readsTraces, TRACES, textOrJson } from '../options/shared.ts';
import { type At, at, spotOf } from '../options/spot.ts';
import type { ReadingOptions } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

const MOST_AROUND = 1000;

export const declare: Declare = (command, act) => {
  addMachine(
    readsTraces(
      command
        .description(
          'Prints all of the state of a CPU before and after a line of a trace: who owns the registers and who believes to, both instances of kvm_host_data, what is bound, the flags of task and vCPU, debug registers, traps. What the line changed is marked.',
        )
        .argument('[TRACE...]', TRACES)
        .requiredOption('--at <line>', 'a line, FILE:LINE, or a time such as 4.1s: the first event then or later', at)
        .option('--cpu <n>', 'only this CPU; default: that of the line', integer(0, MAX_CPU))
        .option('--around <n>', 'also the lines beside it, each with what it changed', integer(0, MOST_AROUND), 0)
        .addOption(textOrJson()),
    ),
  )
    .addHelpText(
      'after',
      `
Who owned the registers where a report says that they were lost?
  worldswitch state traces/bugs/fp-owner-in-the-other-instance.ndjson --at 6`,
    )
    .action(act(state));
};

interface StateOptions extends ReadingOptions, MachineOptions {
  readonly at: At;
  readonly cpu?: number;
  readonly around: number;
  readonly format: string;
  readonly color: ColourOption;
}

async function state(context: Context, traces: readonly string[], options: StateOptions): Promise<number> {
  const { stdout, io } = context;
  const inputs = inputsOf(traces, io, options.clockOffset);
  const spot = await spotOf(options.at, inputs, options, context);
  const looking = createLook(spot, { around: options.around, ...(options.cpu !== undefined && { cpu: options.cpu }) });
  const read = await look(inputs, options, context, looking);
  const place = placeOf(spot, inputs, read, looking);
  const found = looking.result();
  // Without being told, the CPU that the line is about.
  const cpu = options.cpu ?? found.events.find((event) => event.cpu !== undefined)?.cpu;
  const own = cpu === undefined ? found.after : found.after.filter((one) => one.cpu === cpu);
  const result = {
    ...found,
    before: found.before.filter((one) => own.some((kept) => kept.cpu === one.cpu)),
    after: own,
  };
  if (options.format === 'json') stdout.write(`${toJson(result, 2)}\n`);
  else {
    const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
    stdout.write(formatMoment(place, result, paint));
  }
  return EXIT.ok;
}
