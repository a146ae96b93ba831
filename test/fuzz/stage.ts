/** Command lines that write, run in the middle of what goes wrong around them; and what must hold of what is left. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeInputs, printing, writing } from '../support/command-lines.ts';

/** What stands in the place of an output before it is written. */
const BEFORE = 'as it was\n';

export interface CommandLine {
  readonly name: string;
  /** Outputs are below `into` of the stage. */
  readonly argv: readonly string[];
  /** In ms, where nothing is in its way. */
  readonly duration: number;
  readonly code: number | null;
  /** What is below `into` at its end, by path there. */
  readonly whole: ReadonlyMap<string, string>;
}

export interface Stage {
  readonly program: string;
  /** Where outputs go. */
  readonly into: string;
  /** Where what a namespace of its own holds is copied to, at its end. */
  readonly kept: string;
  readonly lines: readonly CommandLine[];
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Files below a folder, by their path in it. */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map();
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true);
  return new Map(files.map((path) => [path, readFileSync(join(folder, path), 'latin1')]));
}

/** Takes what was left there away, and puts the trace there that `check` updates the report of. */
export function clear({ into, kept }: Pick<Stage, 'into' | 'kept'>, trace: string): void {
  for (const folder of [into, kept]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(into, 'copy.ndjson'), trace);
}

/** Files of an earlier run, in the places where the command line writes. Folders of reports would take them for reports. */
export function seed({ into }: Pick<Stage, 'into'>, { name, whole }: CommandLine): void {
  if (name === 'replay --each') return;
  for (const path of whole.keys()) {
    if (path === 'copy.ndjson') continue;
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), BEFORE);
  }
}

export async function endOf(
  command: readonly string[],
  during: (pid: number) => Promise<void> = async () => {},
): Promise<Ended> {
  const [program = '', ...argv] = command;
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const late = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), LATEST);
  const ended = once(child, 'close');
  await during(child.pid as number);
  const [code, signal] = await ended;
  clearTimeout(late);
  return { code, signal, stdout, stderr };
}

/** Longest time of a run that something goes wrong with, in ms; far more than it takes on a busy machine. */
const LATEST = 60_000;

/** Runs every command line once. `folder`: an empty one. */
export async function createStage(folder: string, program: string): Promise<Stage & { readonly trace: string }> {
  const inputs = makeInputs(join(folder, 'inputs'), program);
  const places = { into: join(folder, 'out'), kept: join(folder, 'kept') };
  const trace = readFileSync(inputs.trace, 'utf8');
  const lines: CommandLine[] = [];
  for (const [name, argv] of Object.entries(writing(inputs, places.into))) {
    clear(places, trace);
    const start = performance.now();
    const { code } = await endOf([program, ...argv]);
    lines.push({ name, argv, duration: performance.now() - start, code, whole: filesBelow(places.into) });
  }
  for (const [name, all] of Object.entries(printing(inputs))) {
    for (const argv of all) {
      const start = performance.now();
      const { code } = await endOf([program, name, ...argv]);
      lines.push({
        name,
        argv: [name, ...argv],
        duration: performance.now() - start,
        code,
        whole: new Map([['copy.ndjson', trace]]),
      });
    }
  }
  return { ...places, program, lines, trace };
}

export const isWriting = ({ whole }: CommandLine): boolean => whole.size > 1;

/** What is wrong with the files that are left, in words: each is as it was, whole, or not there. */
export function wrongWith(left: ReadonlyMap<string, string>, { name, whole }: CommandLine): string | undefined {
  for (const [path, text] of left) {
    if (path.endsWith('.tmp')) return `${path} is left`;
    const expected = whole.get(path);
    if (expected === undefined) return `${path} is none of its outputs`;
    const isPart = name.startsWith('replay --out') && isPartial(text);
    if (text !== expected && text !== BEFORE && !isPart)
      return `${path} is neither as it was nor whole: ${text.slice(0, 200)}`;
  }
  return undefined;
}

/** A report that says of itself that a signal ended it. */
const isPartial = (text: string): boolean => /only a part was replayed|"partial": ?true/.test(text);
