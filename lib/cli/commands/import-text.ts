/** `worldswitch import text`: a recording as the lines that it is imported as, which messages about it count. */

import { asText } from '../../import/binary/as-text.ts';
import { type Block, createLineSplitter, DEFAULT_MAX_LINE_BYTES } from '../../ingest/lines.ts';
import { openBytes } from '../../ingest/open/open.ts';
import { escapeText } from '../../text/escape.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, InputFailure } from '../exit.ts';
import { addLimits, type LimitOptions, limitsOf } from '../options/limits.ts';
import { inputsOf } from '../options/replay-options.ts';
import { createBreather } from '../terminal/breather.ts';

export const declareText: Declare = (command, act) => {
  addLimits(command.command('text'))
    .summary('a recording as lines of text')
    .description(
      'Prints what trace.dat of trace-cmd and perf.data hold as the kernel prints it in its trace file: the lines that messages about the recording count. Text is printed as it is. Characters that are not plainly visible are escaped.',
    )
    .argument('[FILE]', "trace.dat or perf.data, plain, gzip or zstd; '-' or none: stdin")
    .action(act(importText));
};

/** Returns the exit code. Throws `Failure` where the recording cannot be read. */
async function importText({ stdout, io }: Context, file: string | undefined, options: LimitOptions): Promise<number> {
  const [path = '-'] = inputsOf(file === undefined ? [] : [file], io);
  const splitter = createLineSplitter(options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES, 'any');
  const breathe = createBreather(stdout);
  let line = 1;
  const print = ({ bytes, faults }: Block): void => {
    for (const [index, fault] of faults) {
      throw new InputFailure({ ...fault, input: 0, line: line + index }, [path]);
    }
    const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
    stdout.write(lines.map((line) => `${escapeText(line)}\n`).join(''));
    line += lines.length;
  };
  for await (const chunk of asText(openBytes(path, limitsOf(options)), path)) {
    if (!(chunk instanceof Uint8Array)) {
      throw new InputFailure({ input: 0, line: 0, ...chunk }, [path]);
    }
    for (const block of splitter.push(chunk)) print(block);
    await breathe();
    if (stdout.closed) return EXIT.ok;
  }
  for (const block of splitter.end()) print(block);
  return EXIT.ok;
}
