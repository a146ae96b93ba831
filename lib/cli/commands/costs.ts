/** `worldswitch costs`: what world switches cost, as distributions. */

import { Option } from 'commander';
import { findingsOf } from '../../replay/findings.ts';
import { createReplay } from '../../replay/replay.ts';
import { toJson } from '../../text/json.ts';
import { createPaint } from '../../text/paint.ts';
import { labelled } from '../../text/wrap.ts';
import { type CostsReport, createCosts, MOST_SPANS } from '../../tools/costs/costs.ts';
import { formatCostsCsv, formatCostsMarkdown, formatCostsText } from '../../tools/costs/formats.ts';
import { MEASURES } from '../../tools/costs/measures.ts';
import { UNITS, type UnitKind } from '../../tools/costs/units.ts';
import { MAX_CPU } from '../../trace/vocabulary.ts';
import { tellPresumed } from '../captures.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { ranges, time, vcpuRanges, vectorLength } from '../options/arguments.ts';
import { eventFilter, type FilterOptions } from '../options/filters.ts';
import { checkKernel, inputsOf } from '../options/replay-options.ts';
import { readsTraces, TRACES } from '../options/shared.ts';
import { type ReadingOptions, readEverything } from '../read-events.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

const FORMATS = ['text', 'csv', 'markdown', 'json'] as const;
type CostsFormat = (typeof FORMATS)[number];
const MAX = Number.MAX_SAFE_INTEGER;

const list = (rows: Readonly<Record<string, string>>): string =>
  Object.entries(rows)
    .flatMap(([name, doc]) => labelled(2, 10, name, doc, (text) => text))
    .join('\n');

export const declare: Declare = (command, act) => {
  readsTraces(
    command
      .description(
        'Replays traces and prints what world switches cost, as distributions over entries, loads, seconds, vCPUs or CPUs.',
      )
      .argument('[TRACE...]', TRACES)
      .addOption(
        new Option('--per <unit>', 'one of the units below (default entry)')
          .choices(Object.keys(UNITS))
          .default('entry'),
      )
      .option('--every <time>', 'also as a series over time, in spans of 10ms, 1s, ...', time)
      .addOption(
        new Option('-f, --format <format>', 'text (default), csv, markdown or json').choices(FORMATS).default('text'),
      )
      .option('-m, --model <name>', "kernel, one of 'worldswitch models'; without it the trace's own, else v6.10")
      .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; without it the trace's own, else vhe")
      .option('--sve-vl <bytes>', 'largest SVE vector length; 0: no SVE', vectorLength)
      .option('--sme-vl <bytes>', 'largest SME vector length; 0: no SME', vectorLength)
      .option('--cpu <list>', 'only of these physical CPUs, such as 0-3,7', ranges(MAX_CPU))
      .option('--vm <list>', 'only of these VMs', ranges(MAX))
      .option('--vcpu <list>', 'only of these vCPUs (vcpu_id), or with their VM: 0/1', vcpuRanges)
      .option('--event <names>', 'only of these events', (text: string) => text.split(','))
      .option('--from <time>', 'only from this ts on, in ns, or 1.5s, 20ms, 3us, 3.917238', time)
      .option('--to <time>', 'only up to this ts', time),
  )
    .addHelpText('after', `\nUnits:\n${list(UNITS)}\n\nWhat is measured:\n${list(MEASURES)}\n${EXAMPLES}`)
    .action(act(costs));
};

const EXAMPLES = `
Examples:
  worldswitch costs traces/real/6.12-lazy-nvhe.ndjson
  worldswitch costs traces/real/6.12-vhe.ndjson --per load --format markdown
  worldswitch costs traces/real/6.12-lazy-nvhe.ndjson --every 10ms --format csv`;

interface CostsOptions extends ReadingOptions, FilterOptions {
  readonly per: UnitKind;
  readonly every?: bigint;
  readonly format: CostsFormat;
  readonly model?: string;
  readonly mode?: string;
  readonly smeVl?: number;
  readonly color: ColourOption;
}

/** Returns the exit code. Throws `Failure` where a trace cannot be read, or is not one that this can be told of. */
async function costs(context: Context, traces: readonly string[], options: CostsOptions): Promise<number> {
  const { stdout, io } = context;
  const { model, mode, sveVl, smeVl, per, every } = options;
  checkKernel(model, mode);
  if (every === 0n) throw new Failure('--every 0: expected a time above 0');
  const inputs = inputsOf(traces, io);
  const collector = createCosts(per, every === undefined ? undefined : Number(every));
  const reported = eventFilter(options);
  const replay = createReplay({
    maxViolations: 0,
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    ...(sveVl !== undefined && { sveVl }),
    ...(smeVl !== undefined && { smeVl }),
    ...(reported && { reported }),
    onCharge: (event, vcpu, step, bytes, table) => collector.add({ event, vcpu, step, bytes }, table),
  });
  const { inputs: read, captures } = await readEverything(inputs, options, context, replay.step);
  for (const capture of captures) if (capture !== undefined) replay.note(findingsOf(capture, true));
  const report = replay.finish(read);
  tellPresumed(captures, inputs, report.model, io);
  if (report.verdict !== 'pass') {
    io.stderr.write(`note: the verdict on this trace is ${report.verdict}; 'worldswitch replay' says why\n`);
  }
  const result = collector.finish(report.model);
  if (result === undefined) throw new Failure(`--every: more than ${MOST_SPANS} spans, name a longer one`);
  if (result.units === 0) throw new Failure(NOTHING[per]);
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  stdout.write(format(result, options.format, () => formatCostsText(result, paint)));
  return EXIT.ok;
}

const NOTHING: Readonly<Record<UnitKind, string>> = {
  entry: 'no guest is entered in what was looked at: --per load, cpu or vcpu may have something',
  load: 'no vCPU is loaded in what was looked at',
  second: 'nothing that has a cost has a time (ts)',
  vcpu: 'nothing that has a cost is of a vCPU',
  cpu: 'nothing has a cost in what was looked at',
};

function format(result: CostsReport, name: CostsFormat, asText: () => string): string {
  if (name === 'csv') return formatCostsCsv(result);
  if (name === 'markdown') return formatCostsMarkdown(result);
  return name === 'json' ? `${toJson(result, 2)}\n` : asText();
}
