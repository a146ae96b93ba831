/** The options of `worldswitch replay`, and what they mean to the pieces that it is made of. */

import { basename } from 'node:path';
import { RULES } from '../../check/rules.ts';
import { MODELS } from '../../models/models.ts';
import { MODES } from '../../models/profile.ts';
import type { ReplayOptions as MachineOptions } from '../../replay/replay.ts';
import type { RecordsWish } from '../../replay/settings.ts';
import { FORMATS, type Format } from '../../show/formats.ts';
import { escapeText } from '../../text/escape.ts';
import { didYouMean } from '../../text/suggest.ts';
import type { CaptureCommandOptions } from '../captures.ts';
import { type ExitOptions, Failure } from '../exit.ts';
import type { ColourOption } from '../terminal/colour.ts';
import type { Io } from '../terminal/io.ts';
import { checkNames, type FilterOptions, ruleFilter } from './filters.ts';
import type { ReportLimitOptions } from './limits.ts';
import { TEXT_OR_JSON } from './shared.ts';

/** As commander delivers them. */
export interface ReplayOptions extends FilterOptions, CaptureCommandOptions, ExitOptions, ReportLimitOptions {
  /** Which kinds of event the trace shows. */
  readonly records?: RecordsWish;
  readonly smeVl?: number;
  readonly format: Format;
  readonly out: readonly string[];
  /** A report to compare with, instead of printing one. */
  readonly golden?: string;
  /** Find out which switch of the model explains a divergence. */
  readonly explain: boolean;
  /** A timeline below the text. */
  readonly timeline: boolean;
  readonly maxViolations: number;
  /** Most tasks and vCPUs that the traces may name. */
  readonly maxEntities?: number;
  /** Say all bad lines, and leave them out. */
  readonly keepGoing: boolean;
  readonly color: ColourOption;
  readonly progress: boolean;
  /** Steps that were seen before may be taken from a table. */
  readonly cache: boolean;
  readonly rule?: readonly string[];
}

/**
 * The traces, or stdin where there are none and it is not a terminal. Throws `Failure` where there is nothing to read, and for a
 * clock offset of something else.
 */
export function inputsOf(
  traces: readonly string[],
  io: Io,
  clockOffset: CaptureCommandOptions['clockOffset'] = new Map(),
): readonly string[] {
  const names = traces.flatMap((path) => [path, basename(path)]);
  for (const name of clockOffset.keys()) {
    if (names.includes(name)) continue;
    throw new Failure(`--clock-offset: no trace is named '${escapeText(name, 200)}'${didYouMean(name, names)}`);
  }
  if (traces.length > 0) return traces;
  if (io.stdin.isTTY === true) throw new Failure('no trace: name a file, or pipe one in');
  return ['-'];
}

/** What the replay is told. Throws `Failure` for options that contradict each other and for unknown names. */
export function settingsOf(options: ReplayOptions): MachineOptions {
  const { model, mode, sveVl, smeVl, strict, maxViolations, maxEntities, records } = options;
  if (options.golden !== undefined && !TEXT_OR_JSON.includes(options.format)) {
    throw new Failure(`--golden prints a comparison, as text or json but not as ${options.format}`);
  }
  checkKernel(model, mode);
  const reportedRule = ruleFilter(
    options.rule,
    RULES.map(({ id }) => id),
  );
  return {
    strict,
    maxViolations,
    ...(maxEntities !== undefined && { maxEntities }),
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    ...(sveVl !== undefined && { sveVl }),
    ...(smeVl !== undefined && { smeVl }),
    ...(records !== undefined && { records }),
    ...(reportedRule !== undefined && { reportedRule }),
  };
}

/** Throws `Failure` for an unknown model or mode, and for a mode that the model does not have. */
export function checkKernel(model: string | undefined, mode: string | undefined): void {
  if (model !== undefined) {
    checkNames(
      'model',
      [model],
      MODELS.map(({ name }) => name),
    );
  }
  if (mode !== undefined) checkNames('mode', [mode], MODES);
  const modes: readonly string[] | undefined = MODELS.find(({ name }) => name === model)?.modes;
  if (mode !== undefined && modes !== undefined && !modes.includes(mode)) {
    throw new Failure(`model ${model} has no mode ${mode}, only ${modes.join(', ')}`);
  }
}

/** Not where the lines of a report would run through the progress on the same terminal. */
export function wantsProgress(options: ReplayOptions, io: Io): boolean {
  return options.progress && !(FORMATS[options.format].streams && io.stdout.isTTY === true);
}
