/** `worldswitch merge`: the reports of many traces as one, or as rows. */

import { Option } from 'commander';
import { has } from '../../fleet/additive.ts';
import { MERGED, type Merged, type Sums } from '../../fleet/merged.ts';
import { type Found, filesOf, readReports } from '../../fleet/report-stream.ts';
import { HOST, ROW_FORMATS, rowsOf } from '../../fleet/rows.ts';
import { isMergeable, type MergeableReport, tallyOf } from '../../fleet/tally.ts';
import { formatMerged } from '../../fleet/text.ts';
import { escapeText } from '../../text/escape.ts';
import { toJson } from '../../text/json.ts';
import { countOf } from '../../text/numbers.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure, reasonOf } from '../exit.ts';
import { integer } from '../options/arguments.ts';
import type { Output } from '../terminal/output.ts';
import { openOutputFile } from '../terminal/output-file.ts';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** Longest text that a string can hold, with room to spare. */
const MAX_BYTES = 256 * 1024 * 1024;

export const declare: Declare = (command, act) => {
  command
    .description(
      'Adds reports up by kernel: verdicts, violations by cause with three examples,\n' +
        'costs, coverage, ledgers. A merged report merges like a report; any order and\n' +
        'any grouping gives the same bytes. A report that is named twice counts twice.',
    )
    .argument('[REPORT...]', "reports as JSON or NDJSON, folders of them, '-' or none: stdin; plain, gzip or zstd")
    .addOption(
      new Option(
        '-f, --format <format>',
        'text (default) or json: the merged report; csv or ndjson: a row for each report, and for each rule, cause, primitive and doubt in it',
      )
        .choices(['text', 'json', 'csv', 'ndjson'])
        .default('text'),
    )
    .option('-o, --output <file>', 'write to a file, which is there when it is complete')
    .option('--host <regexp>', "what of an input's path is the host, in rows (default: the folder it is in)")
    .option('--keep-going', 'say what is no report and leave it out, instead of ending', false)
    .option('--max-bytes <n>', 'longest report (default 67108864)', integer(1, MAX_BYTES), DEFAULT_MAX_BYTES)
    .addHelpText('after', EXAMPLES)
    .action(act(merge));
};

const EXAMPLES = `
Examples:
  worldswitch replay --each --inputs captures.txt --reports reports
  worldswitch merge reports
  worldswitch merge --format json -o rack1.json reports/rack1
  worldswitch merge rack*.json
  worldswitch merge --format csv -o fleet.csv reports`;

interface MergeOptions {
  readonly format: 'text' | 'json' | 'csv' | 'ndjson';
  readonly output?: string;
  readonly host?: string;
  readonly keepGoing: boolean;
  readonly maxBytes: number;
}

/** Throws `Failure` for what is no report. */
async function merge(context: Context, reports: readonly string[], options: MergeOptions): Promise<number> {
  const { io } = context;
  if (reports.length === 0 && io.stdin.isTTY === true) throw new Failure('no report: name files, or pipe them in');
  const paths = reports.length === 0 ? ['-'] : reports;
  if (paths.filter((path) => path === '-').length > 1) throw new Failure('stdin can be only one of the reports');
  const host = patternOf(options.host);
  const output = (options.output && (await openOutputFile(options.output, paths))) || context.stdout;
  let bad = 0;
  try {
    const found = findAll(paths, options, context, (what) => {
      if (!options.keepGoing) throw new Failure(what);
      bad += 1;
      io.stderr.write(`error: ${what}\n`);
    });
    const { format } = options;
    if (format === 'csv' || format === 'ndjson') await writeRows(found, format, host, output);
    else {
      const merged = await mergeAll(found);
      output.write(format === 'json' ? `${toJson(merged, 2)}\n` : formatMerged(merged));
    }
    if (options.output !== undefined) await output.finish();
  } finally {
    if (options.output !== undefined) output.discard();
  }
  if (bad > 0) io.stderr.write(`note: ${countOf(bad, 'report')} left out\n`);
  return bad > 0 ? EXIT.usage : EXIT.ok;
}

type Piece = { readonly report: MergeableReport } | { readonly merged: Merged };

/** Each report that there is; `wrong` is told of everything else. */
async function* findAll(
  paths: readonly string[],
  { maxBytes }: MergeOptions,
  { io }: Context,
  wrong: (what: string) => void,
): AsyncGenerator<Piece & { readonly where: string }> {
  let leftOut = 0;
  for (const path of paths) {
    for (const file of files(path, () => leftOut++)) {
      for await (const found of readReports(file, maxBytes)) {
        const where = placeOf(found);
        const piece = pieceOf(found);
        if (typeof piece === 'string') wrong(`${where}: ${escapeText(piece, 400)}`);
        else yield { ...piece, where };
      }
    }
  }
  if (leftOut > 0)
    io.stderr.write(`note: ${countOf(leftOut, 'file')} in folders left out: neither .json nor .ndjson\n`);
}

function* files(path: string, leftOut: () => void): Generator<string> {
  try {
    yield* filesOf(path, leftOut);
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw new Failure(`cannot read ${escapeText(path, 200)}: ${reasonOf(error)}`);
    throw error;
  }
}

function placeOf({ path, line }: Found): string {
  const name = path === '-' ? '<stdin>' : escapeText(path, 4096);
  return line === 0 ? name : `${name}:${line}`;
}

/** A report, or what is wrong with it. */
function pieceOf(found: Found): Piece | string {
  if ('wrong' in found) return found.wrong;
  const { value } = found;
  if (has(value, 'merged')) return MERGED.check(value, '') ?? { merged: value as unknown as Merged };
  return isMergeable(value, '') ?? { report: value as MergeableReport };
}

async function mergeAll(pieces: AsyncIterable<Piece>): Promise<Merged> {
  let sums: Sums = MERGED.zero();
  for await (const piece of pieces) {
    sums = MERGED.add(sums, 'report' in piece ? tallyOf(piece.report) : MERGED.read(piece.merged));
  }
  return MERGED.write(sums);
}

async function writeRows(
  pieces: AsyncIterable<Piece & { readonly where: string }>,
  format: keyof typeof ROW_FORMATS,
  host: RegExp,
  output: Output,
): Promise<void> {
  const { head, line } = ROW_FORMATS[format];
  output.write(head);
  for await (const piece of pieces) {
    if (!('report' in piece))
      throw new Failure(`${piece.where} is merged already: rows are made of reports of replays`);
    output.write(
      rowsOf(piece.report, host)
        .map((row) => `${line(row)}\n`)
        .join(''),
    );
    await output.ready();
    if (output.closed) return;
  }
}

function patternOf(text: string | undefined): RegExp {
  if (text === undefined) return HOST;
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw new Failure(`--host: ${escapeText(error instanceof Error ? error.message : String(error), 200)}`);
  }
}
