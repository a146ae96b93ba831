/** Runs an input through the command line in this process, and says what is wrong with what came of it. */

import { writeFileSync } from 'node:fs';
import { FORMATS, type Format } from '../../lib/show/formats.ts';
import { type Outcome, run } from '../support/cli.ts';

/** Exit codes that an input may give. */
const CODES: readonly (number | null)[] = [0, 1, 2, 4];

/** Longest time for an input, in ms of this process. */
const LONGEST = 1000;

/** Most characters of an output, where nothing asks for a line for each event. */
const MOST_WRITTEN = 32 * 1024 * 1024;

/** What is tried: bytes of a file, and the arguments before its name. */
interface Tried {
  readonly bytes: Uint8Array;
  readonly argv: readonly string[];
}

/** What may not stand in an output, beside the line feed. */
const UNSAFE = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** What is wrong, in words; undefined where nothing is. `path`: a file to use. */
export async function tryInput(input: Tried, path: string): Promise<string | undefined> {
  writeFileSync(path, input.bytes);
  try {
    const outcome = await timed(() => run([...input.argv, path]));
    return typeof outcome === 'string' ? outcome : faultOf(outcome, input);
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack : String(error)}`;
  }
}

/** A machine that is busy may take long once; an input that is slow takes long again. */
async function timed(action: () => Promise<Outcome>): Promise<Outcome | string> {
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3; times++) {
    const start = process.cpuUsage();
    const outcome = await action();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
    if (least < LONGEST) return outcome;
  }
  return `took ${Math.round(least)} ms`;
}

function faultOf({ code, stdout, stderr }: Outcome, { argv }: Tried): string | undefined {
  if (!CODES.includes(code)) return `exit code ${code}: ${stderr.slice(0, 2000)}`;
  const written = stdout.length + stderr.length;
  if (written > MOST_WRITTEN) return `wrote ${written} characters`;
  // The script that takes captures is indented with tabs of its own.
  const shown = argv[0] === 'probes' ? stdout.replaceAll('\t', ' ') : stdout;
  const unsafe = UNSAFE.exec(shown + stderr);
  if (unsafe !== null) return `wrote U+${unsafe[0].codePointAt(0)?.toString(16)}`;
  if (argv[0] !== 'replay' || argv.includes('--golden'))
    return code === 2 && !/^(\S+:\d+: )?error: /.test(stderr) ? `said ${stderr}` : undefined;
  if (code === 2)
    return /^((\S+:\d+: )?error: .+\n)+$/.test(stderr) && notReported(stdout, argv) ? undefined : `said ${stderr}`;
  const format = formatOf(argv);
  if (!format.includes('json')) return stdout === '' ? 'no report' : undefined;
  const last = stdout.trimEnd().split('\n');
  return JSON.parse(format === 'ndjson' ? (last.at(-1) ?? '') : stdout).format === 2 ? undefined : 'no report';
}

/** What cannot be read has no report; only what is told as it happens may have been written. */
function notReported(stdout: string, argv: readonly string[]): boolean {
  return FORMATS[formatOf(argv)].streams ? !stdout.includes('"verdict":') : stdout === '';
}

function formatOf(argv: readonly string[]): Format {
  return argv[argv.indexOf('--format') + 1] as Format;
}
