/** `npm run lab`: boots kernels, and holds what they execute against what the tool reports. */

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Apt, fetchBusybox, fetchKernel, fetchTools, openApt } from './apt.ts';
import { type Arguments, parseArguments, USAGE } from './arguments.ts';
import { type Cache, cacheFolder, say } from './cache.ts';
import { type Laboratory, runCell } from './cell.ts';
import { cellTable } from './tables.ts';
import { build, SOURCES, toolsIn } from './tools.ts';

async function main(words: readonly string[]): Promise<number> {
  let args: Arguments;
  try {
    args = parseArguments(words);
  } catch (error) {
    process.stderr.write(`lab: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const { request } = args;
  const cache = { folder: cacheFolder(args.cache, process.env) };
  if (request.kind === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const apt = await openApt(cache);
  const lab = await openLaboratory(cache, apt);
  if (request.kind !== 'cell') throw new Error('not yet');
  const kernel = await fetchKernel(apt, request.kernel.series);
  say(`boots ${kernel.release} in mode ${request.mode}, workload ${request.workload.name}`);
  const result = await runCell(lab, request.kernel.series, kernel, request.mode, request.workload);
  process.stdout.write(`${cellTable(result)}\n`);
  return result.verdict === 'pass' && result.rows.every(({ kernel: executed, tool }) => executed === tool) ? 0 : 1;
}

async function openLaboratory(cache: Cache, apt: Apt): Promise<Laboratory> {
  const worldswitch = join(SOURCES, '../../dist/bin/worldswitch.js');
  if (!existsSync(worldswitch)) throw new Error(`${worldswitch} is not there: expected a build ("npm run build")`);
  const tools = toolsIn(await fetchTools(apt));
  const programs = join(cache.folder, 'programs');
  await build(tools, programs);
  const runs = join(cache.folder, 'runs');
  mkdirSync(runs, { recursive: true });
  return { tools, busybox: await fetchBusybox(apt), programs, selftests: undefined, runs, worldswitch };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lab: ${(error as Error).message}\n`);
  process.exitCode = 3;
}
