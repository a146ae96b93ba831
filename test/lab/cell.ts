/** One kernel, in one mode, under one workload: what it executed while a capture was taken, and what the tool makes of that. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { boot, captureScript, type Laboratory, tail } from './boot.ts';
import { say } from './cache.ts';
import { type Executed, executedIn, holds, type Report, type Row, rowsOf } from './compare.ts';
import { capturedWindow, parseSnapshots } from './counts.ts';
import type { FetchedKernel } from './fetch-kernel.ts';
import { guestScript, initramfs } from './initramfs.ts';
import { kernelPlan } from './kernel-plan.ts';
import type { Mode } from './kernels.ts';
import { hashModules } from './modules.ts';
import { run } from './process.ts';
import { registersOf, registerTable } from './system-registers.ts';
import type { Workload } from './workloads.ts';

export interface Cell {
  readonly series: string;
  readonly mode: Mode;
  readonly workload: string;
}

/** A capture that was taken: `cell.json` in the cell's folder. */
export interface Taken extends Cell {
  readonly release: string;
  /** When it was taken, in milliseconds since 1970. */
  readonly at: number;
  readonly seconds: number;
  /** What the machine said of the capture and of the workload. */
  readonly notes: readonly string[];
}

/** What the tool makes of it: `result.json`. */
export interface Result extends Taken {
  readonly model: string;
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly checked: number;
  readonly diverged: number;
  readonly violations: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
  /** Entries of functions and calls that say where a difference comes from. */
  readonly entries: Executed['entries'];
}

export const cellName = ({ series, mode, workload }: Cell): string => `${series}-${mode}-${workload}`;
export const cellFolder = (lab: Laboratory, cell: Cell): string => join(lab.runs, cellName(cell));

interface Captured {
  readonly console: string;
  /** Compressed. */
  readonly file: string;
  /** Exit code of the workload. */
  readonly ended: string | undefined;
}

/** Boots the kernel and takes a capture, with everything counted meanwhile. */
export async function capture(
  lab: Laboratory,
  kernel: FetchedKernel,
  cell: Cell,
  workload: Workload,
): Promise<Captured> {
  const folder = cellFolder(lab, cell);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const initrd = initramfs({
    busybox: lab.busybox,
    programs: lab.programs,
    job: `export WORLDSWITCH_BUFFER_KB=${workload.bufferKb}\n${guestScript('capture.sh')}`,
    captureScript: await captureScript(lab, kernel),
    workload: `SEED=${workload.seed}\n${workload.commands}\n`,
    ...(workload.hash ? { modules: hashModules(kernel) } : {}),
    ...(workload.selftests && lab.selftests !== undefined ? { selftests: lab.selftests } : {}),
  });
  writeFileSync(join(folder, 'plan'), kernelPlan(lab, kernel.release).plan.text);
  const console = await boot(lab, folder, initrd, {
    ...workload,
    mode: cell.mode,
    kernel: kernel.image,
    count: { plugin: join(lab.programs, 'count.so'), plan: join(folder, 'plan'), output: join(folder, 'counts') },
  });
  const plain = join(folder, 'capture.ftrace');
  if (!existsSync(plain)) throw new Error(`no capture came out of ${cellName(cell)}; its console:\n${tail(console)}`);
  const file = `${plain}.gz`;
  writeFileSync(file, gzipSync(readFileSync(plain)));
  rmSync(plain);
  return { console, file, ended: /^lab: capture ended with (\d+)/m.exec(console)?.[1] };
}

/** The same of a kernel under which the workload has to end well. */
export async function take(...given: Parameters<typeof capture>): Promise<Taken> {
  const started = Date.now();
  const [lab, kernel, cell] = given;
  const { console, ended } = await capture(...given);
  if (ended !== '0')
    throw new Error(`the workload of ${cellName(cell)} ended with ${ended}; the console:\n${tail(console)}`);
  const taken: Taken = {
    ...cell,
    release: kernel.release,
    at: started,
    seconds: Math.round((Date.now() - started) / 1000),
    notes: notesOf(console),
  };
  writeFileSync(join(cellFolder(lab, cell), 'cell.json'), json(taken));
  return taken;
}

/** Emulated machines die now and then, of an SError that no hardware would raise: one more is booted, and that is said. */
export async function takeAgain(...given: Parameters<typeof take>): Promise<Taken> {
  try {
    return await take(...given);
  } catch (error) {
    say(`boots once more: ${(error as Error).message}`);
    return take(...given);
  }
}

/** The capture in a folder, if one was taken. */
export function readTaken(folder: string): Taken | undefined {
  const file = join(folder, 'cell.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Taken) : undefined;
}

/** What the kernel executed, and a replay of the capture with no option. */
export async function evaluate(lab: Laboratory, taken: Taken): Promise<Result> {
  const folder = cellFolder(lab, taken);
  const capture = join(folder, 'capture.ftrace.gz');
  const { report, said, stdout, stderr } = await reportOf(lab.worldswitch, capture);
  writeFileSync(join(folder, 'report.json'), stdout);
  const { plan, symbols } = kernelPlan(lab, taken.release);
  const counts = capturedWindow(parseSnapshots(readFileSync(join(folder, 'counts'), 'latin1')));
  writeFileSync(join(folder, 'registers.txt'), registerTable(registersOf(counts, symbols)));
  const kernel = executedIn(plan, counts, symbols);
  const result: Result = {
    ...taken,
    ...said,
    rows: rowsOf(kernel, report),
    entries: kernel.entries,
    notes: [...taken.notes, ...stderr.split('\n').filter((line) => line !== '')],
  };
  writeFileSync(join(folder, 'result.json'), json(result));
  return result;
}

/** A replay of a capture with no option. */
export async function reportOf(worldswitch: string, capture: string) {
  const { stdout, stderr } = await run('node', [worldswitch, 'replay', capture, '--format', 'json'], 'the replay');
  const report = parseReport(stdout, stderr);
  const said = {
    model: [report.model.name, report.model.mode].filter((word) => word !== undefined).join(' '),
    verdict: report.verdict,
    reasons: report.reasons ?? [],
    checked: report.observations?.checked ?? 0,
    diverged: report.observations?.diverged ?? 0,
    violations: Object.fromEntries(
      Object.entries(report.violation_counts ?? {}).map(([rule, { total }]) => [rule, total]),
    ),
  };
  return { report, said, stdout, stderr };
}

/** Pass, and every primitive as often as the kernel did it, or within what the tool says it can be. */
export const agrees = (result: Result): boolean => result.verdict === 'pass' && result.rows.every(holds);

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function parseReport(stdout: string, stderr: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`the replay gave no report: ${stderr.trim() || 'and said nothing'}`);
  }
}

function notesOf(console: string): string[] {
  const lines = console.split('\n').map((line) => line.trim());
  return lines.filter((line) => /^(lab|worldswitch): /.test(line) && !/^lab: (booted|end|job)/.test(line));
}
