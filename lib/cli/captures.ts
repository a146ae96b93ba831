/** What the commands that read captures have in common: how they are imported, and what is said of them. */

import { describeUnused } from '../import/account.ts';
import type { ImportOptions } from '../import/importer.ts';
import type { Capture, CaptureOptions } from '../import/read.ts';
import type { ReaderName } from '../ingest/reader.ts';
import { escapeText } from '../text/escape.ts';
import { type LimitOptions, limitsOf } from './options/limits.ts';
import type { Io } from './terminal/io.ts';

export interface CaptureCommandOptions extends LimitOptions {
  readonly model?: string;
  readonly mode?: string;
  /** Bytes; 0: none. */
  readonly sveVl?: number;
  /** Events of a capture not to look at. */
  readonly ignore: readonly string[];
  /** Which file's lines to read, where a report is of several. */
  readonly file?: string;
  /** What is added to the times of an input, in ns, by its name. */
  readonly clockOffset?: ReadonlyMap<string, bigint>;
  /** Which reader takes NDJSON. */
  readonly reader?: ReaderName;
  /** How many threads read one input; default: 2 where that is faster. */
  readonly threads?: 1 | 2;
}

export function importingOf(options: CaptureCommandOptions): ImportOptions {
  const { model, mode, sveVl, ignore, file } = options;
  return {
    ignore,
    ...(file !== undefined && { file }),
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    // 0 is how the command line says that there is no SVE; then no vCPU has a vector length.
    ...(sveVl !== undefined && sveVl > 0 && { sveVl }),
  };
}

export function readingOf(options: CaptureCommandOptions): CaptureOptions {
  const { reader, threads, clockOffset } = options;
  return {
    ...limitsOf(options),
    ...(reader !== undefined && { reader }),
    ...(threads !== undefined && { threads }),
    ...(clockOffset !== undefined && { clockOffsets: clockOffset }),
    importing: importingOf(options),
  };
}

type Captures = readonly (Capture | undefined)[];

/** Says on stderr what of the captures was not used. */
export function tellUnused(captures: Captures, inputs: readonly string[], io: Io): void {
  for (const [input, capture] of captures.entries()) {
    for (const line of capture === undefined ? [] : describeUnused(capture.account)) {
      io.stderr.write(`note: ${nameOf(inputs[input])}: ${line}\n`);
    }
  }
}

/** Says on stderr which kernel was presumed where a capture names none. */
export function tellPresumed(
  captures: Captures,
  inputs: readonly string[],
  presumed: { readonly name: string; readonly mode: string },
  io: Io,
): void {
  for (const [input, capture] of captures.entries()) {
    if (capture === undefined) continue;
    const isNamed = capture.model !== undefined && capture.mode !== undefined;
    const { presumed: guesses = [] } = capture;
    if (isNamed && guesses.length === 0) continue;
    const what = capture.model === undefined ? 'which kernel it is of' : 'the mode of the hypervisor';
    const said = guesses.map(({ what: guess }) => `note: ${nameOf(inputs[input])}: ${escapeText(guess, 200)}\n`);
    if (!isNamed)
      said.push(`note: ${nameOf(inputs[input])} does not say ${what}: taken for ${presumed.name}, ${presumed.mode}\n`);
    io.stderr.write(`${said.join('')}  --model and --mode say it; 'worldswitch identify' finds out\n`);
  }
}

export function nameOf(path: string | undefined): string {
  return path === undefined || path === '-' ? '<stdin>' : escapeText(path, 200);
}
