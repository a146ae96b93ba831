/** `--all`: every kernel in each of its modes under the nightly workloads. What was taken before is not taken again. */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSection } from '../docs/section.ts';
import type { Apt } from './apt.ts';
import type { Laboratory } from './boot.ts';
import { say } from './cache.ts';
import { agrees, type Cell, cellFolder, cellName, evaluate, type Result, readTaken, takeAgain } from './cell.ts';
import { type FetchedKernel, fetchKernel } from './fetch-kernel.ts';
import { KERNELS, MODES } from './kernels.ts';
import { type Failure, matrixDocument, matrixSummary, matrixTable } from './tables.ts';
import { SOURCES } from './tools.ts';
import { NIGHTLY, workloadNamed } from './workloads.ts';

export const CELLS: readonly Cell[] = NIGHTLY.flatMap((workload) =>
  KERNELS.flatMap(({ series, modes }) => modes.map((mode) => ({ series, mode, workload }))),
);

/** The whole table, the part of README.md beside it that shows it, and that of the project's README.md that sums it up. */
const TABLE = join(SOURCES, 'matrix.md');
const README = join(SOURCES, 'README.md');
const FRONT = join(SOURCES, '../../README.md');

export async function runMatrix(apt: Apt, lab: Laboratory, again: boolean): Promise<boolean> {
  const mark = markIn(lab);
  if (again) rmSync(mark, { force: true });
  if (!existsSync(mark)) writeFileSync(mark, String(Date.now()));
  const begun = Number(readFileSync(mark, 'utf8'));
  const results: (Result | Failure)[] = [];
  for (const [index, cell] of CELLS.entries()) {
    say(`${index + 1} of ${CELLS.length}: ${cellName(cell)}`);
    const result = await resultOf(apt, lab, cell, begun).catch(
      (error: Error): Failure => ({ ...cell, error: error.message }),
    );
    if ('error' in result) say(result.error);
    results.push(result);
  }
  rmSync(mark);
  writeTables(results);
  return results.every((result) => !('error' in result) && agrees(result));
}

/** `--all` wrote when it began, and has not come to its end. */
const markIn = (lab: Laboratory): string => join(lab.runs, 'matrix-begun');

export function writeTables(results: readonly (Result | Failure)[]): void {
  const date = new Date(Math.max(...results.map((result) => ('at' in result ? result.at : 0))))
    .toISOString()
    .slice(0, 10);
  writeFileSync(TABLE, matrixDocument(results, date, CELLS.length));
  const summary = matrixSummary(results, CELLS.length);
  const shown = `${matrixTable(results)}\n\n${date}: ${summary}\n[matrix.md](matrix.md) has what is not equal.`;
  writeFileSync(README, withSection(readFileSync(README, 'utf8'), 'lab', shown));
  writeFileSync(FRONT, withSection(readFileSync(FRONT, 'utf8'), 'lab', `${date}, ${summary}`));
  say(`wrote ${TABLE}, and the table of README.md`);
}

const kernels = new Map<string, FetchedKernel>();

async function resultOf(apt: Apt, lab: Laboratory, cell: Cell, begun: number): Promise<Result> {
  const kernel = kernels.get(cell.series) ?? (await fetchKernel(apt, cell.series));
  kernels.set(cell.series, kernel);
  const before = readTaken(cellFolder(lab, cell));
  const usable = before !== undefined && before.release === kernel.release && before.at >= begun;
  return evaluate(lab, usable ? before : await takeAgain(lab, kernel, cell, workloadNamed(cell.workload)));
}

/** `--replay`: what is in the cache, evaluated by the tool as it is now; the tables are written of a night that is whole, or was stopped. */
export async function replayAll(lab: Laboratory): Promise<Result[]> {
  const results: Result[] = [];
  const taken = readdirSync(lab.runs).flatMap((name) => readTaken(join(lab.runs, name)) ?? []);
  const place = ({ series, mode }: Cell) =>
    KERNELS.findIndex((kernel) => kernel.series === series) * 8 + MODES.indexOf(mode);
  taken.sort((a, b) => place(a) - place(b));
  for (const one of taken) results.push(await evaluate(lab, one));
  // Of a night that was stopped, what it has taken; its older captures are of another night.
  const begun = existsSync(markIn(lab)) ? Number(readFileSync(markIn(lab), 'utf8')) : 0;
  const night = CELLS.flatMap(
    (cell) => results.find((result) => cellName(result) === cellName(cell) && result.at >= begun) ?? [],
  );
  if (begun > 0 || night.length === CELLS.length) writeTables(night);
  return results;
}
