/** All reports that a run writes: one to stdout, the others to files, each in its format. */

import type { Divergence, Report, Transition, Violation } from '../report/report.ts';
import { type Format, reporterOf } from '../show/formats.ts';
import type { Reporter, Style } from '../show/reporter.ts';
import { escapeText } from '../text/escape.ts';
import { createPaint } from '../text/paint.ts';
import type { Context } from './context.ts';
import { Failure } from './exit.ts';
import { type ColourOption, hasColour } from './terminal/colour.ts';
import type { Writable } from './terminal/io.ts';
import type { Output } from './terminal/output.ts';
import { absolutePath, openOutputFile, parseOutputSpec } from './terminal/output-file.ts';
import { version } from './version.ts';

export interface ReportingOptions {
  /** Format on stdout. */
  readonly format: Format;
  /** A report that the run is compared with: then stdout gets the comparison, and no report. */
  readonly golden?: string;
  /** FORMAT:PATH, any number. */
  readonly out: readonly string[];
  readonly color: ColourOption;
  /** Lists of text are printed to their ends. */
  readonly all?: boolean;
}

type Screen = Pick<Style, 'rows' | 'columns'>;

const screenOf = ({ rows, columns }: Writable): Screen => ({ columns, ...(rows !== undefined && { rows }) });

export interface Listeners {
  readonly onTransition?: (transition: Transition) => void;
  readonly onViolation?: (violation: Violation) => void;
  readonly onDivergence?: (divergence: Divergence) => void;
}

export interface Reporting {
  /** Nobody reads any of the reports any more. */
  readonly closed: boolean;
  /** What is reported as it happens; absent where no format has it, so that nothing is made in vain. */
  readonly listeners: Listeners;
  report(report: Report): void;
  /** A promise where a reader is slow: to be awaited before the run goes on. */
  ready(): Promise<void> | undefined;
  /** Resolves when the files are in place and stdout is written. */
  finish(): Promise<void>;
  /** Removes files that are not finished. */
  discard(): void;
}

/**
 * Opens everything. `inputs`: traces that the run reads. `isOver`: nobody wants the reports any more; where a file is still
 * waited for, the result is then undefined. Throws `Failure`. In both cases nothing is left behind.
 */
export async function openReporting(
  options: ReportingOptions,
  inputs: readonly string[],
  { stdout, io }: Context,
  isOver: () => boolean,
): Promise<Reporting | undefined> {
  const specs = options.out.map(parseOutputSpec);
  const paths = specs.map(({ path }) => absolutePath(path));
  const twice = specs.find((_, at) => paths.indexOf(paths[at] as string) < at);
  if (twice !== undefined) throw new Failure(`--out names ${escapeText(twice.path, 200)} twice`);
  const files: Output[] = [];
  const discard = (): void => {
    for (const file of files) file.discard();
  };
  const reporters: Reporter[] = [];
  const add = async (format: Format, output: Output, colour: boolean, screen: Screen = {}): Promise<void> => {
    const createReporter = await reporterOf(format);
    const style = { paint: await createPaint(colour), paths: inputs, version: version() };
    reporters.push(createReporter(output, { ...style, all: options.all, ...screen }));
  };
  const toStdout = options.golden === undefined;
  if (toStdout)
    await add(
      options.format,
      stdout,
      hasColour(options.color, io.stdout, io.env),
      io.stdout.isTTY ? screenOf(io.stdout) : {},
    );
  try {
    for (const { format, path } of specs) {
      const file = await openOutputFile(path, toStdout ? inputs : [...inputs, options.golden], isOver);
      if (file === undefined) {
        discard();
        return undefined;
      }
      files.push(file);
      // What the environment says of colour, it says of terminals.
      await add(format, file, hasColour(options.color, {}, {}));
    }
  } catch (error) {
    discard();
    throw error;
  }
  const outputs = toStdout ? [stdout, ...files] : files;
  return {
    get closed() {
      return toStdout && outputs.every((output) => output.closed);
    },
    listeners: listenersOf(reporters),
    report: (report) => {
      for (const reporter of reporters) reporter.report(report);
    },
    ready: () => {
      const waits = outputs.map((output) => output.ready()).filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
    // One that cannot be written takes none of the others with it.
    finish: async () => {
      const failures: unknown[] = [];
      for (const output of outputs) await output.finish().catch((error) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
    discard,
  };
}

function listenersOf(reporters: readonly Reporter[]): Listeners {
  const transition = reporters.flatMap((reporter) => reporter.transition ?? []);
  const violation = reporters.flatMap((reporter) => reporter.violation ?? []);
  const divergence = reporters.flatMap((reporter) => reporter.divergence ?? []);
  return {
    ...(transition.length > 0 && { onTransition: toAll(transition) }),
    ...(violation.length > 0 && { onViolation: toAll(violation) }),
    ...(divergence.length > 0 && { onDivergence: toAll(divergence) }),
  };
}

function toAll<T>(functions: readonly ((value: T) => void)[]): (value: T) => void {
  const [only] = functions;
  if (only !== undefined && functions.length === 1) return only;
  return (value) => {
    for (const each of functions) each(value);
  };
}
