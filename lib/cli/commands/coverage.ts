/** `worldswitch coverage`: what a set of traces reaches, what it does not, and traces that would. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { filesOf } from '../../fleet/report-stream.ts';
import { readCaptures } from '../../import/read.ts';
import { escapeText } from '../../text/escape.ts';
import { toJson } from '../../text/json.ts';
import { countOf } from '../../text/numbers.ts';
import { type Coverage, createCoverage, suggest } from '../../tools/coverage/coverage.ts';
import { coveragePage } from '../../tools/coverage/page.ts';
import { formatCoverage } from '../../tools/coverage/text.ts';
import { type CaptureCommandOptions, nameOf, readingOf } from '../captures.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure, reasonOf } from '../exit.ts';
import { addLimits } from '../options/limits.ts';
import { checkKernel } from '../options/replay-options.ts';
import { ignore } from '../options/shared.ts';
import { readEvents } from '../read-events.ts';
import { openOutputFile } from '../terminal/output-file.ts';

export const declare: Declare = (command, act) => {
  command
    .description(
      'Which situations (state of a CPU, event) of each kernel the traces are in, and\n' +
        'which of those that its emulator can be brought to they are not; rules and\n' +
        'steps that no trace has; which trace violates which rule.',
    )
    .argument('<PATH...>', 'traces and captures, or folders of them: .ndjson, .ftrace, .trace, also .gz and .zst')
    .option('-m, --model <name>', "kernel, one of 'worldswitch models'; without it the trace's own, else v6.10")
    .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; without it the trace's own, else vhe")
    .option('--kill', 'also change each switch of the kernel, and tell which traces notice it', false)
    .option('--suggest <dir>', 'write the shortest traces that reach what no trace does to a folder')
    .addOption(
      new Option('-f, --format <format>', 'text (default), json, or html: a page that needs nothing else')
        .choices(['text', 'json', 'html'])
        .default('text'),
    )
    .addOption(ignore())
    .option('--no-progress', 'show no progress on stderr')
    .addHelpText('after', EXAMPLES);
  addLimits(command).action(act(coverage));
};

const EXAMPLES = `
Examples:
  worldswitch coverage traces/golden traces/bugs
  worldswitch coverage --kill --format html traces > coverage.html
  worldswitch coverage --suggest new traces && worldswitch coverage traces new`;

interface CoverageOptions extends CaptureCommandOptions {
  readonly kill: boolean;
  readonly suggest?: string;
  readonly format: 'text' | 'json' | 'html';
  readonly progress: boolean;
}

const TRACE = /\.(?:ndjson|ftrace|trace)(?:\.(?:gz|zst))?$/;

/** Throws `Failure` for what cannot be read. */
async function coverage(context: Context, paths: readonly string[], options: CoverageOptions): Promise<number> {
  const { stdout, io } = context;
  const { model, mode } = options;
  checkKernel(model, mode);
  const account = createCoverage();
  let leftOut = 0;
  for (const path of paths) {
    for (const file of tracesOf(path, () => leftOut++)) await addTrace(file);
  }
  if (leftOut > 0) io.stderr.write(`note: ${countOf(leftOut, 'file')} in folders left out: no traces by their names\n`);
  const result = account.coverage();
  if (options.suggest !== undefined) await writeSuggestions(result, options.suggest, context);
  stdout.write(FORMATS[options.format](result));
  return EXIT.ok;

  async function addTrace(file: string): Promise<void> {
    const wishes = { ...(model !== undefined && { model }), ...(mode !== undefined && { mode }) };
    const trace = account.trace(wishes, options.kill);
    const visit = (event: Parameters<typeof trace.step>[0]) => {
      const wrong = trace.step(event);
      return wrong && { input: event.input, line: event.line, ...wrong };
    };
    await readEvents([file], options, context, visit, readCaptures([file], readingOf(options)));
    trace.finish(file);
  }
}

const FORMATS: Readonly<Record<CoverageOptions['format'], (coverage: Coverage) => string>> = {
  text: formatCoverage,
  json: (coverage) => `${toJson(coverage, 2)}\n`,
  html: coveragePage,
};

function* tracesOf(path: string, leftOut: () => void): Generator<string> {
  try {
    yield* filesOf(path, leftOut, TRACE);
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new Failure(`cannot read ${nameOf(path)}: ${reasonOf(error)}`);
    throw error;
  }
}

/** A trace a file, which can be added to a corpus as it is. */
async function writeSuggestions(coverage: Coverage, folder: string, { io }: Context): Promise<void> {
  const suggestions = suggest(coverage);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Failure(`cannot write to ${escapeText(folder, 200)}: ${reasonOf(error)}`);
  }
  for (const { name, trace } of suggestions) {
    const file = await openOutputFile(join(folder, `${name}.ndjson`), []);
    try {
      file?.write(trace.map((line) => `${JSON.stringify(line)}\n`).join(''));
      await file?.finish();
    } finally {
      file?.discard();
    }
  }
  io.stderr.write(`note: ${countOf(suggestions.length, 'trace')} written to ${escapeText(folder, 200)}\n`);
}
