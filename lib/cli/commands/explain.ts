/** `worldswitch explain`: the causes of a trace at length, or the history of one value. */

import { readCaptures } from '../../import/read.ts';
import { findingsOf } from '../../replay/findings.ts';
import { createReplay } from '../../replay/replay.ts';
import { asGiven } from '../../show/text.ts';
import { escapeText } from '../../text/escape.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { didYouMean } from '../../text/suggest.ts';
import { createOrigins } from '../../tools/explain/origins.ts';
import { formatCauses } from '../../tools/explain/text.ts';
import { createHistory, FIELD_NAMES, fieldNamed, type Subject } from '../../tools/state/history.ts';
import { formatHistory } from '../../tools/state/history-text.ts';
import { MAX_CPU } from '../../trace/vocabulary.ts';
import { readingOf, tellPresumed } from '../captures.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { checkExplainable, explain as explainReport } from '../explaining.ts';
import { look, placeOf } from '../looking.ts';
import { integer, vcpuName } from '../options/arguments.ts';
import { addMachine, type MachineOptions, wishesOf } from '../options/machine.ts';
import { inputsOf } from '../options/replay-options.ts';
import { all, readsTraces, TRACES, textOrJson } from '../options/shared.ts';
import { type At, at, spotOf } from '../options/spot.ts';
import { type ReadingOptions, readEvents } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

export const declare: Declare = (command, act) => {
  addMachine(
    readsTraces(
      command
        .description(
          'Says at length what the violations of a trace come of: each cause step by step, which single switch of the model prevents it, and its violations. With --at and --field: the history of one value up to a line, who wrote it, from what to what.',
        )
        .argument('[TRACE...]', TRACES)
        .addOption(all())
        .option('--cause <n>', 'only this cause', integer(1, Number.MAX_SAFE_INTEGER))
        .option('--strict', 'implied steps and known weak orderings are violations', false)
        .option('--at <line>', 'a line, FILE:LINE, or a time such as 4.1s: the first event then or later', at)
        .option(
          '--field <name>',
          "whose history: fp_owner, registers, last, tif_foreign, ...; 'state' prints all names",
        )
        .option('--cpu <n>', 'of this CPU; default: that of the line', integer(0, MAX_CPU))
        .option('--vcpu <name>', 'of this vCPU, VM/VCPU; default: that of the line', vcpuName)
        .addOption(textOrJson()),
    ),
  )
    .addHelpText(
      'after',
      `
Who wrote the owner that the hypervisor read?
  worldswitch explain traces/bugs/seed-v1-chain.ndjson --at 22 --field fp_owner

The exit code is 0 whatever is found.`,
    )
    .action(act(explain));
};

interface ExplainOptions extends ReadingOptions, MachineOptions {
  readonly cause?: number;
  readonly strict: boolean;
  readonly at?: At;
  readonly field?: string;
  readonly cpu?: number;
  readonly vcpu?: { readonly vm: number; readonly vcpu: number };
  readonly format: string;
  readonly color: ColourOption;
}

async function explain(context: Context, traces: readonly string[], options: ExplainOptions): Promise<number> {
  const inputs = inputsOf(traces, context.io, options.clockOffset);
  if ((options.at === undefined) !== (options.field === undefined)) throw new Failure('--at and --field go together');
  if (options.at !== undefined && options.field !== undefined) {
    return history(context, inputs, options, options.at, options.field);
  }
  return causes(context, inputs, options);
}

async function history(
  context: Context,
  inputs: readonly string[],
  options: ExplainOptions,
  where: At,
  text: string,
): Promise<number> {
  const { stdout, io } = context;
  const field = fieldNamed(text);
  if (field === undefined) {
    throw new Failure(`unknown field '${escapeText(text, 80)}'${didYouMean(text, FIELD_NAMES)}`);
  }
  const subject: Subject = options.vcpu ?? (options.cpu === undefined ? undefined : { cpu: options.cpu });
  const spot = await spotOf(where, inputs, options, context);
  const looking = createHistory(spot, field, subject);
  const read = await look(inputs, options, context, looking);
  const place = placeOf(spot, inputs, read, looking);
  const result = looking.result();
  if (result === undefined) throw new Failure(`no event up to line ${spot.line} tells of ${field}`);
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  stdout.write(options.format === 'json' ? `${toJson(result, 2)}\n` : formatHistory(place, result, paint));
  return EXIT.ok;
}

async function causes(context: Context, inputs: readonly string[], options: ExplainOptions): Promise<number> {
  const { stdout, io } = context;
  checkExplainable(inputs);
  const settings = { ...wishesOf(options), strict: options.strict };
  const replay = createReplay(settings);
  const source = readCaptures(inputs, readingOf(options));
  await readEvents(inputs, options, context, replay.step, source);
  for (const capture of source.captures) if (capture !== undefined) replay.note(findingsOf(capture, true));
  const report = await explainReport(
    replay.finish(source.inputs),
    inputs,
    options,
    settings,
    options.progress,
    context,
  );
  tellPresumed(source.captures, inputs, report.model, io);
  const origins = createOrigins(report);
  if (!origins.isOver) await look(inputs, options, context, origins);
  const causes = origins.causes();
  const only = options.cause;
  if (only !== undefined && report.causes[only - 1] === undefined) {
    throw new Failure(`there is no cause ${only}: the trace has ${report.causes.length}`);
  }
  const shown = only === undefined ? causes : causes.filter(({ cause }) => cause === only);
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  stdout.write(
    options.format === 'json'
      ? `${toJson({ causes: shown }, 2)}\n`
      : formatCauses(asGiven(report, inputs), shown, paint),
  );
  return EXIT.ok;
}
