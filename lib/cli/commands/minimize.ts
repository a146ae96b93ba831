/** `worldswitch minimize`: the shortest trace that still shows it. */

import { RULES } from '../../check/rules.ts';
import { readCaptures } from '../../import/read.ts';
import type { InputError } from '../../ingest/source.ts';
import { createByteLines } from '../../text/byte-lines.ts';
import { formatCount } from '../../text/numbers.ts';
import { createCollector, createFinder, type FindOptions, type Found, type Wanted } from '../../tools/minimize/find.ts';
import { endOf, minimize } from '../../tools/minimize/minimize.ts';
import { createShows } from '../../tools/minimize/target.ts';
import { createIsOwn, sliceOf, spotOf } from '../../tools/minimize/units.ts';
import { encodeLine } from '../../trace/encode.ts';
import type { EventRecord } from '../../trace/event.ts';
import { readingOf } from '../captures.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { integer } from '../options/arguments.ts';
import { checkNames } from '../options/filters.ts';
import { addMachine, type MachineOptions, wishesOf } from '../options/machine.ts';
import { inputsOf } from '../options/replay-options.ts';
import { readsTraces, TRACES } from '../options/shared.ts';
import { type ReadingOptions, readEvents } from '../read-events.ts';
import { isReadOnce } from '../read-twice.ts';
import { openOutputFile } from '../terminal/output-file.ts';

export const declare: Declare = (command, act) => {
  addMachine(
    readsTraces(
      command
        .description(
          'Writes the shortest trace that still shows a violation, by the same cause: without any of its lines it does not. CPUs, vCPUs and tasks are numbered anew; meta says model and mode, so that the trace is replayed as it is.',
        )
        .argument('[TRACE...]', TRACES)
        .option('--rule <id>', "the first violation of this rule, of 'worldswitch rules'")
        .option('--cause <n>', 'the first violation of this cause of the report (default 1)', integer(1, 1_000_000))
        .option('--strict', 'implied steps and known weak orderings are violations', false)
        .option('-o, --output <file>', 'write the trace here; default: stdout'),
    ),
  )
    .addHelpText(
      'after',
      `
  worldswitch minimize capture.ftrace.gz --rule FP-03 -o fp-03.ndjson`,
    )
    .action(act(minimizeTraces));
};

interface MinimizeOptions extends ReadingOptions, MachineOptions {
  readonly rule?: string;
  readonly cause?: number;
  readonly strict: boolean;
  readonly output?: string;
}

async function minimizeTraces(context: Context, traces: readonly string[], options: MinimizeOptions): Promise<number> {
  const { stdout, io } = context;
  const { rule, cause } = options;
  if (rule !== undefined && cause !== undefined) throw new Failure('--rule and --cause: one of them');
  if (rule !== undefined) {
    checkNames(
      'rule',
      [rule],
      RULES.map(({ id }) => id),
    );
  }
  const wanted: Wanted = rule === undefined ? { cause: cause ?? 1 } : { rule };
  const inputs = inputsOf(traces, io, options.clockOffset);
  const output = (options.output && (await openOutputFile(options.output, inputs))) || stdout;
  try {
    const { found, shortest } = await findShortest(wanted, inputs, options, context);
    const events = [found.meta, ...shortest];
    const lines = createByteLines((piece) => output.write(piece));
    for (const event of events) {
      lines.text(encodeLine(event));
      lines.end();
    }
    lines.flush();
    if (output !== stdout) await output.finish();
    const { rule: shown } = found.target;
    const all = found.count + 1;
    io.stderr.write(`${formatCount(events.length)} of ${formatCount(all)} events show ${shown}\n`);
    return EXIT.ok;
  } finally {
    if (output !== stdout) output.discard();
  }
}

/** Lines that are enough mostly, and take no time. */
const FEW = 1 << 13;

/** Of what led to it. Throws `Failure` where the trace does not show it. */
async function findShortest(wanted: Wanted, inputs: readonly string[], options: MinimizeOptions, context: Context) {
  const found = await find(wanted, inputs, options, { ...wishesOf(options), strict: options.strict }, context);
  const shows = createShows(found.target, found.settings, options.strict);
  for await (const events of candidates(found, inputs, options, context)) {
    const shortest = minimize(found.meta, events, shows);
    if (shortest !== undefined) return { found, shortest };
  }
  throw new Failure('the violation does not show where the trace is read line by line');
}

/** Events that may be enough, those first of which most can be hoped for the least time. */
async function* candidates(
  { events, count }: Found,
  inputs: readonly string[],
  options: MinimizeOptions,
  context: Context,
): AsyncGenerator<readonly EventRecord[]> {
  const isWhole = events.length === count;
  const canRepeat = !inputs.some(isReadOnce);
  const again = (isWanted: (event: EventRecord) => boolean) => collect(count, isWanted, inputs, options, context);
  yield endOf(events, FEW);
  const spot = spotOf(events);
  yield isWhole || !canRepeat ? sliceOf(events) : await again(createIsOwn(spot));
  yield events;
  if (isWhole) return;
  if (!canRepeat) throw new Failure('it takes more than the end of the trace, which is read twice then: no pipe');
  yield await again(() => true);
}

async function find(
  wanted: Wanted,
  inputs: readonly string[],
  options: MinimizeOptions,
  settings: FindOptions,
  context: Context,
): Promise<Found> {
  const finder = createFinder(wanted, settings);
  await readUntil(finder, (event) => finder.step(event), inputs, options, context);
  const found = finder.result();
  if (found !== undefined) return found;
  const seen = [...finder.seen].join(', ');
  const what = 'rule' in wanted ? `no violation of ${wanted.rule}` : `no cause ${wanted.cause}`;
  throw new Failure(`the trace shows ${what}${seen === '' ? ': nothing is violated' : `, but ${seen}`}`);
}

async function collect(
  count: number,
  isWanted: (event: EventRecord) => boolean,
  inputs: readonly string[],
  options: MinimizeOptions,
  context: Context,
): Promise<readonly EventRecord[]> {
  const collector = createCollector(count, isWanted);
  await readUntil(collector, (event) => void collector.add(event), inputs, options, context);
  return collector.events;
}

/** Shows the events to `visit` until `end` is over. */
async function readUntil(
  end: { readonly isOver: boolean },
  visit: (event: EventRecord) => InputError | undefined,
  inputs: readonly string[],
  options: MinimizeOptions,
  { stdout, io }: Context,
): Promise<void> {
  const output = {
    get closed() {
      return end.isOver;
    },
    ready: () => stdout.ready(),
  };
  const source = readCaptures(inputs, readingOf(options));
  await readEvents(inputs, options, { stdout: output, io }, (event) => (end.isOver ? undefined : visit(event)), source);
}
