/** `worldswitch import ftrace`: a capture becomes a trace, line by line. */

import { describeAccount, type ImportAccount } from '../../import/account.ts';
import { asText } from '../../import/binary/as-text.ts';
import { detectFormat } from '../../import/columns/rendering.ts';
import { createEventLine } from '../../import/event-line.ts';
import { foreignFault, NO_TRACE } from '../../import/read.ts';
import type { TraceEvent } from '../../import/state/queue.ts';
import { createTextImport, type TextImport } from '../../import/text.ts';
import { openBytes, sizeOf } from '../../ingest/open/open.ts';
import type { InputProgress } from '../../ingest/source.ts';
import { findingsOf, linesOf } from '../../replay/findings.ts';
import { createByteLines } from '../../text/byte-lines.ts';
import { type CaptureCommandOptions, importingOf, nameOf } from '../captures.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure, InputFailure } from '../exit.ts';
import { vectorLength } from '../options/arguments.ts';
import { addLimits, limitsOf } from '../options/limits.ts';
import { checkKernel, inputsOf } from '../options/replay-options.ts';
import { file, ignore } from '../options/shared.ts';
import { createBreather } from '../terminal/breather.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { openOutputFile } from '../terminal/output-file.ts';
import { createProgress } from '../terminal/progress.ts';
import { declareText } from './import-text.ts';

export const declare: Declare = (command, act) => {
  command.description('Turns a capture of a running kernel into trace format 1.');
  addLimits(command.command('ftrace'))
    .summary('what ftrace, trace-cmd and perf print, or record')
    .description(
      'Turns what ftrace prints (trace, trace_pipe, trace-cmd report, perf script), and recordings (trace.dat of trace-cmd, perf.data), into trace format 1, a line for each event. What is not understood is counted and named on stderr.',
    )
    .argument(
      '[FILE]',
      "what ftrace, trace-cmd report or perf script printed, trace.dat or perf.data, plain, gzip or zstd; '-' or none: stdin",
    )
    .option('-o, --output <file>', 'write the trace here; default: stdout')
    .option('-m, --model <name>', "kernel, one of 'worldswitch models'; default: what the capture's header says")
    .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; default: what the capture's header says")
    .option('--sve-vl <bytes>', 'largest SVE vector length, which no line of a capture says', vectorLength)
    .addOption(ignore())
    .addOption(file())
    .option('--strict', 'exit 4 where something was not understood or is missing', false)
    .option('--no-progress', 'show no progress on stderr')
    .addHelpText(
      'after',
      `
  worldswitch import ftrace trace.ftrace.gz --mode nvhe -o trace.ndjson
  cat /sys/kernel/tracing/trace_pipe | worldswitch import ftrace - | gzip > trace.ndjson.gz

Exit codes:
  0         imported; with --strict: every line was understood, none is missing
  2         usage error, a file that cannot be read or written, or no trace
  4         with --strict: something was not understood, or is missing`,
    )
    .action(act(importFtrace));
  declareText(command, act);
};

export interface ImportCommandOptions extends CaptureCommandOptions {
  readonly output?: string;
  readonly strict: boolean;
  readonly progress: boolean;
}

/** Bytes that tell NDJSON from a capture. */
const MAGIC = 16;

/** Returns the exit code. Throws `Failure` where the capture cannot be read, or the trace not written. */
async function importFtrace(
  { stdout, io }: Context,
  file: string | undefined,
  options: ImportCommandOptions,
): Promise<number> {
  checkKernel(options.model, options.mode);
  const [path = '-'] = inputsOf(file === undefined ? [] : [file], io);
  const output = (options.output && (await openOutputFile(options.output, [path]))) || stdout;
  try {
    const account = await importTo(output, path, options, io);
    if (account === undefined) {
      // Nobody reads it any more, or it cannot be written, which is said here.
      if (output !== stdout) await output.finish();
      return EXIT.ok;
    }
    if (account.records === 0 && account.unused.length > 0) {
      throw new Failure(`${nameOf(path)}: no line of it is an entry of a trace`);
    }
    if (output !== stdout) await output.finish();
    for (const line of describeAccount(account)) io.stderr.write(`${line}\n`);
    const complete = account.unused.length === 0 && account.lost === 0;
    return options.strict && !complete ? EXIT.inconclusive : EXIT.ok;
  } finally {
    if (output !== stdout) output.discard();
  }
}

/** Undefined where nobody reads the output to its end. */
async function importTo(
  output: Output,
  path: string,
  options: ImportCommandOptions,
  io: Io,
): Promise<ImportAccount | undefined> {
  const input: InputProgress = { name: path, lines: 0, events: 0, bytes: 0, size: sizeOf(path) };
  const progress = createProgress(io, options.progress && (options.output !== undefined || io.stdout.isTTY !== true));
  const breathe = createBreather(output);
  const lines = createByteLines((piece) => output.write(piece));
  const writeEvent = createEventLine(lines);
  let meta: TraceEvent | undefined;
  const importer = createTextImport({ ...importingOf(options), ...limitsOf(options) }, (event) => {
    if (event.event === 'meta') meta = event;
    writeEvent(event);
    input.events++;
  });
  const onBytes = (count: number): void => {
    input.bytes += count;
  };
  let start = Buffer.alloc(0);
  let isBlank = true;
  try {
    for await (const chunk of asText(openBytes(path, { ...limitsOf(options), onBytes }), path, { onBytes })) {
      if (!(chunk instanceof Uint8Array)) {
        lines.flush();
        throw new InputFailure({ input: 0, line: 0, ...chunk }, [path]);
      }
      if (start.length < MAGIC) {
        start = Buffer.concat([start, chunk.subarray(0, MAGIC)]);
        checkText(start, path);
      }
      isBlank &&= !chunk.some((byte) => byte > SPACE);
      importer.push(chunk);
      refuseForeign(importer, path);
      // What comes from a pipe goes on at once: somebody may be watching.
      lines.flush();
      progress.update([input]);
      await breathe();
      if (output.closed) return undefined;
    }
    for (const _ of importer.rest()) {
      refuseForeign(importer, path);
      // Not yet, where nothing of it may turn out to be a line of a trace.
      if (input.events > 0) lines.flush();
      await breathe();
      if (output.closed) return undefined;
    }
    const account = importer.finish();
    // What keeps a replay of the capture from being a pass does so when the trace is replayed.
    const findings = findingsOf({ account, model: meta?.model, mode: meta?.mode }, true);
    for (const line of linesOf(findings)) writeEvent(line);
    // Of a file without a word the trace is one, too.
    if (!isBlank && (account.records > 0 || account.unused.length === 0)) lines.flush();
    return account;
  } finally {
    progress.clear();
  }
}

const SPACE = 0x20;

function refuseForeign({ foreign, isNone }: TextImport, path: string): void {
  if (isNone) throw new InputFailure({ input: 0, line: 0, ...NO_TRACE }, [path]);
  if (foreign === undefined) return;
  throw new InputFailure({ input: 0, line: foreign.line, ...foreignFault(foreign) }, [path]);
}

function checkText(start: Uint8Array, path: string): void {
  if (detectFormat(start) === 'ndjson') {
    throw new Failure(`${nameOf(path)} is a trace in NDJSON already: replay it as it is`);
  }
}
