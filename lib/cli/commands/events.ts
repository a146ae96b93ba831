/** `worldswitch events`: a line an event, with what it changed. */

import { RULES } from '../../check/rules.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { watchStep } from '../../tools/state/state.ts';
import { stepLines } from '../../tools/state/text.ts';
import { MAX_CPU } from '../../trace/vocabulary.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { look } from '../looking.ts';
import { names, ranges, time, vcpuRanges } from '../options/arguments.ts';
import { eventFilter, type FilterOptions, ruleFilter } from '../options/filters.ts';
import { addMachine, type MachineOptions } from '../options/machine.ts';
import { inputsOf } from '../options/replay-options.ts';
import { readsTraces, TRACES, textOrJson } from '../options/shared.ts';
import type { ReadingOptions } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

const MAX = Number.MAX_SAFE_INTEGER;

export const declare: Declare = (command, act) => {
  addMachine(
    readsTraces(
      command
        .description('Prints a line for each event of a trace, and below it what the event changed on its CPU.')
        .argument('[TRACE...]', TRACES)
        .option('--cpu <list>', 'physical CPUs, such as 0-3,7', ranges(MAX_CPU))
        .option('--vm <list>', 'VMs', ranges(MAX))
        .option('--vcpu <list>', 'vCPUs: vcpu_id of any VM, or VM/VCPU', vcpuRanges)
        .option('--event <names>', 'events, such as vcpu_load,vcpu_put', names)
        .option('--rule <ids>', 'events that violate one of these rules, such as FP-07', names)
        .option('--from <time>', 'from this ts on, in ns, or 1.5s, 20ms, 3us, 3.917238', time)
        .option('--to <time>', 'up to this ts', time)
        .addOption(textOrJson()),
    ),
  )
    .addHelpText('after', '\nWith --format json, a JSON object a line.')
    .action(act(events));
};

interface EventsOptions extends ReadingOptions, MachineOptions, FilterOptions {
  readonly rule?: readonly string[];
  readonly format: string;
  readonly color: ColourOption;
}

async function events(context: Context, traces: readonly string[], options: EventsOptions): Promise<number> {
  const { stdout, io } = context;
  const isShown = eventFilter(options) ?? (() => true);
  const isWanted = ruleFilter(
    options.rule,
    RULES.map(({ id }) => id),
  );
  let violates = false;
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  await look(inputsOf(traces, io, options.clockOffset), options, context, {
    take(machine, event, step) {
      if (!isShown(event)) {
        step();
        return;
      }
      violates = false;
      const taken = watchStep(machine, event, step, event.cpu < 0 ? undefined : event.cpu);
      if (isWanted !== undefined && !violates) return;
      const lines = options.format === 'json' ? [toJson(taken)] : stepLines(taken, '', paint);
      stdout.write(lines.map((line) => `${line}\n`).join(''));
    },
    violates(rule) {
      violates ||= isWanted?.(rule) === true;
    },
    get isOver() {
      return stdout.closed === true;
    },
  });
  return EXIT.ok;
}
