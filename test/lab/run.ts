/** `npm run lab`: boots kernels, and holds what they execute against what the tool reports. */

import { existsSync, mkdirSync } from 'node:fs';
import { type Apt, fetchBusybox, fetchTools, openApt } from './apt.ts';
import { type Arguments, parseArguments, type Request, USAGE } from './arguments.ts';
import type { Laboratory } from './boot.ts';
import { explainBroken } from './broken.ts';
import { type Cache, cacheFolder, say } from './cache.ts';
import { agrees, cellName, evaluate, type Result, take } from './cell.ts';
import { type FetchedKernel, fetchKernel } from './fetch-kernel.ts';
import { emptyLaboratory, WORLDSWITCH } from './laboratory.ts';
import { replayAll, runMatrix } from './matrix.ts';
import { writeRows } from './rows-document.ts';
import { runScript } from './script.ts';
import { selftest } from './selftest.ts';
import { buildSelftests } from './selftests.ts';
import { replayStored } from './stored.ts';
import { cellTable, printable, summaryTable } from './tables.ts';
import { build, toolsIn } from './tools.ts';

async function main(words: readonly string[]): Promise<number> {
  let args: Arguments;
  try {
    args = parseArguments(words);
  } catch (error) {
    process.stderr.write(`lab: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  return (await carryOut(args.request, { folder: cacheFolder(args.cache, process.env) })) ? 0 : 1;
}

async function carryOut(request: Request, cache: Cache): Promise<boolean> {
  if (request.kind === 'help') {
    process.stdout.write(USAGE);
    return true;
  }
  if (request.kind === 'rows') {
    if (!writeRows(cache)) throw new Error(`${cache.folder} has no kernel: "npm run lab -- 6.12 vhe" fetches one`);
    return true;
  }
  if (!existsSync(WORLDSWITCH)) throw new Error(`${WORLDSWITCH} is not there: expected a build ("npm run build")`);
  const empty = emptyLaboratory(cache);
  mkdirSync(empty.runs, { recursive: true });
  if (request.kind === 'selftest') return selftest(empty, cache);
  if (request.kind === 'replay') {
    const { folder } = request;
    const results = folder === undefined ? await replayAll(empty) : await replayStored(WORLDSWITCH, folder);
    process.stdout.write(summaryTable(results));
    return results.every(agrees);
  }
  const apt = await openApt(cache);
  const lab = await fillLaboratory(empty, apt);
  if (request.kind === 'all') return runMatrix(apt, lab, request.again);
  const kernel = await fetchKernel(apt, request.kernel.series);
  if (request.kind === 'script') {
    const { console, folder } = await runScript(lab, kernel, request.mode, request.script);
    process.stdout.write(`${printable(console)}\nlab: files that were handed out are in ${folder}\n`);
    return true;
  }
  if (request.kind === 'broken') {
    const cell = { series: request.kernel.series, mode: request.mode, workload: request.workload.name };
    process.stdout.write(await explainBroken(lab, kernel, cell, request.workload, request.without));
    return true;
  }
  const result = await runCell(request, apt, lab, kernel);
  process.stdout.write(cellTable(result));
  return agrees(result);
}

async function runCell(
  request: Extract<Request, { kind: 'cell' }>,
  apt: Apt,
  lab: Laboratory,
  kernel: FetchedKernel,
): Promise<Result> {
  const selftests = request.workload.selftests
    ? await buildSelftests(apt, lab.tools, request.kernel.series)
    : undefined;
  const cell = { series: request.kernel.series, mode: request.mode, workload: request.workload.name };
  say(`boots ${kernel.release}: ${cellName(cell)}`);
  return evaluate(lab, await take({ ...lab, selftests }, kernel, cell, request.workload));
}

async function fillLaboratory(empty: Laboratory, apt: Apt): Promise<Laboratory> {
  const tools = toolsIn(await fetchTools(apt));
  await build(tools, empty.programs);
  return { ...empty, tools, busybox: await fetchBusybox(apt) };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lab: ${(error as Error).message}\n`);
  process.exitCode = 3;
}
