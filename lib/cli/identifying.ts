/** Which kernel traces are of: for `identify`, and for `--model auto`. */

import { type Capture, readCaptures } from '../import/read.ts';
import { createIdentifier, type Identification } from '../tools/identify/identify.ts';
import { alternatives, notNamed } from '../tools/identify/text.ts';
import { type CaptureCommandOptions, readingOf } from './captures.ts';
import type { Context } from './context.ts';
import { Failure } from './exit.ts';
import { readEvents } from './read-events.ts';

interface IdentifyingOptions extends CaptureCommandOptions {
  readonly smeVl?: number;
  readonly whole?: boolean;
  readonly progress: boolean;
}

/** Reads the inputs once, for all kernels. Throws `Failure` where one cannot be read. */
export async function identifyInputs(
  inputs: readonly string[],
  options: IdentifyingOptions,
  context: Context,
): Promise<{ readonly identification: Identification; readonly captures: readonly (Capture | undefined)[] }> {
  const { sveVl, smeVl, whole = false } = options;
  const identifier = createIdentifier({
    ...(whole && { first: Number.POSITIVE_INFINITY }),
    ...(sveVl !== undefined && { sveVl }),
    ...(smeVl !== undefined && { smeVl }),
  });
  const { importing, ...reading } = readingOf(options);
  const { model: _model, mode: _mode, ...unnamed } = importing ?? {};
  const source = readCaptures(inputs, {
    ...reading,
    importing: { ...unnamed, anonymous: true },
    onText: identifier.text,
  });
  await readEvents(inputs, options, context, identifier.step, source);
  return { identification: identifier.finish(), captures: source.captures };
}

/** The likeliest kernel, of that mode where one is asked for; says on stderr which. Nothing where nothing tells. */
export async function kernelOf(
  inputs: readonly string[],
  options: IdentifyingOptions,
  mode: string | undefined,
  context: Context,
): Promise<{ readonly model?: string; readonly mode?: string }> {
  const { ranking, tied, named } = (await identifyInputs(inputs, options, context)).identification;
  const first = ranking.find((candidate) => mode === undefined || candidate.mode === mode);
  if (first === undefined) throw new Failure(`no kernel has a mode ${mode}`);
  const { stderr } = context.io;
  if (first.confirmed + first.diverged === 0) {
    stderr.write('note: --model auto: no value was read inside the kernel, nothing tells which it is\n');
    return mode === undefined ? {} : { mode };
  }
  const isFirst = mode === undefined || ranking[0] === first;
  const found = isFirst ? alternatives(tied) : `${first.model}, ${first.mode}`;
  stderr.write(`note: identified as ${found}; replayed as ${first.model}, ${first.mode}\n`);
  if (named !== undefined && isFirst) stderr.write(`  ${notNamed(named)}\n`);
  return { model: first.model, mode: first.mode };
}
