/** `--selftest`: one kernel boots, a capture comes out, and guest entries are counted alike. Fetches nothing. */

import type { Laboratory } from './boot.ts';
import type { Cache } from './cache.ts';
import { evaluate, takeAgain } from './cell.ts';
import { bootableKernel } from './laboratory.ts';
import { build } from './tools.ts';
import { workloadNamed } from './workloads.ts';

export async function selftest(lab: Laboratory, cache: Cache): Promise<boolean> {
  const kernel = bootableKernel(lab, cache);
  if (typeof kernel === 'string') {
    process.stdout.write(
      `lab: selftest skipped: ${kernel} is not in the cache; "npm run lab -- 6.12 vhe" fetches it\n`,
    );
    return true;
  }
  await build(lab.tools, lab.programs);
  // Not a cell of the matrix, whose capture stays.
  const cell = { series: seriesOf(kernel.release), mode: 'vhe', workload: 'selftest' } as const;
  const result = await evaluate(lab, await takeAgain(lab, kernel, cell, workloadNamed('vmm')));
  const entries = result.rows.find(({ primitive }) => primitive === 'guest_enter');
  const good = entries !== undefined && entries.kernel > 0 && entries.kernel === entries.tool;
  process.stdout.write(
    `lab: selftest of ${kernel.release} in ${result.seconds} s: guest entries ${entries?.kernel} / ${entries?.tool}, verdict ${result.verdict}\n`,
  );
  return good;
}

const seriesOf = (release: string): string => release.split('.').slice(0, 2).join('.');
