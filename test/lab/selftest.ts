/** `--selftest`: one kernel boots, a capture comes out, and guest entries are counted alike. Fetches nothing. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FetchedKernel, findImage } from './apt.ts';
import { factsIn, hasFacts, type Laboratory } from './boot.ts';
import type { Cache } from './cache.ts';
import { evaluate, takeAgain } from './cell.ts';
import { KERNELS } from './kernels.ts';
import { program } from './tools.ts';
import { workloadNamed } from './workloads.ts';

export async function selftest(lab: Laboratory, cache: Cache): Promise<boolean> {
  const kernel = kernelInCache(cache);
  const missing = [lab.busybox, program(lab.tools, 'qemu-system-aarch64'), join(lab.programs, 'count.so')].find(
    (path) => !existsSync(path),
  );
  if (kernel === undefined || missing !== undefined) {
    process.stdout.write(
      `lab: selftest skipped: ${missing ?? `a kernel in ${join(cache.folder, 'kernels')}`} is not in the cache; "npm run lab -- 6.12 vhe" fetches it\n`,
    );
    return true;
  }
  const cell = { series: seriesOf(kernel.release), mode: 'vhe', workload: 'vmm' } as const;
  const result = await evaluate(lab, await takeAgain(lab, kernel, cell, workloadNamed(cell.workload)));
  const entries = result.rows.find(({ primitive }) => primitive === 'guest_enter');
  const good = entries !== undefined && entries.kernel > 0 && entries.kernel === entries.tool;
  process.stdout.write(
    `lab: selftest of ${kernel.release} in ${result.seconds} s: guest entries ${entries?.kernel} / ${entries?.tool}, verdict ${result.verdict}\n`,
  );
  return good;
}

/** The last of the kernels whose facts are known. */
function kernelInCache(cache: Cache): FetchedKernel | undefined {
  const folder = join(cache.folder, 'kernels');
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .map((release) => ({ release, folder: join(folder, release), image: '' }))
    .filter(
      (kernel) => hasFacts(factsIn(kernel.folder)) && KERNELS.some(({ series }) => series === seriesOf(kernel.release)),
    )
    .map((kernel) => ({ ...kernel, image: findImage(kernel.folder, kernel.release) }))
    .at(-1);
}

const seriesOf = (release: string): string => release.split('.').slice(0, 2).join('.');
