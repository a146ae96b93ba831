/** The laboratory as its cache has it. */

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { factsIn, hasFacts, type Laboratory } from './boot.ts';
import type { Cache } from './cache.ts';
import { cachedKernels, type FetchedKernel } from './fetch-kernel.ts';
import { crossCompiler, program, SOURCES, toolsIn } from './tools.ts';

/** The built tool. */
export const WORLDSWITCH = join(SOURCES, '../../dist/bin/worldswitch.js');

/** The laboratory in a cache that may have nothing yet. */
export function emptyLaboratory(cache: Cache): Laboratory {
  return {
    tools: toolsIn(join(cache.folder, 'tools')),
    busybox: join(cache.folder, 'busybox/bin/busybox'),
    programs: join(cache.folder, 'programs'),
    selftests: undefined,
    kernels: join(cache.folder, 'kernels'),
    runs: join(cache.folder, 'runs'),
    worldswitch: WORLDSWITCH,
  };
}

/** The newest kernel that can be booted with nothing fetched, or what is missing. */
export function bootableKernel(lab: Laboratory, cache: Cache): FetchedKernel | string {
  const kernel = cachedKernels(cache).findLast((one) => hasFacts(factsIn(one.folder)));
  const needed = [lab.busybox, program(lab.tools, 'qemu-system-aarch64'), crossCompiler(lab.tools)];
  const missing = needed.find((path) => !existsSync(path));
  if (missing !== undefined) return missing;
  if (kernel === undefined) return `a kernel in ${join(cache.folder, 'kernels')}`;
  mkdirSync(lab.runs, { recursive: true });
  return kernel;
}
