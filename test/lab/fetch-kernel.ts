/** Kernels: the newest of a series that can be had, and those that are in the cache. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Apt, aptRun, unpack } from './apt.ts';
import { type Cache, DONE, isDone, markDone } from './cache.ts';
import { compareReleases, kernelPackages } from './packages.ts';
import { run } from './process.ts';

export interface FetchedKernel {
  readonly release: string;
  /** The uncompressed Image. */
  readonly image: string;
  /** Where its facts are kept. */
  readonly folder: string;
}

/** The newest kernel of a series in the package lists; where they have none any more, one that was fetched before. */
export async function fetchKernel(apt: Apt, series: string): Promise<FetchedKernel> {
  const names = (await aptRun(apt, 'apt-cache', ['pkgnames', 'linux-'], 'names of packages')).split('\n');
  const candidates = kernelPackages(names, series);
  for (const { package: name, release } of candidates) {
    const folder = join(apt.cache.folder, 'kernels', release);
    if (!isDone(folder, name)) {
      const shown = await run('apt-cache', ['show', `${name}:arm64`], 'facts of a package', {
        env: { APT_CONFIG: apt.configuration },
      });
      if (shown.status !== 0 || !/^Filename:/m.test(shown.stdout)) continue;
      await unpack(apt, `${name}:arm64`, folder);
      markDone(folder, name);
    }
    return { release, image: findImage(folder, release), folder };
  }
  const cached = cachedKernels(apt.cache).findLast(({ release }) => release.startsWith(`${series}.`));
  if (cached !== undefined) return cached;
  throw new Error(
    `no kernel ${series} for arm64 in the package lists: expected a package linux-image-${series}.*-arm64 or linux-binary-${series}.*-arm64, found ${candidates.map((candidate) => candidate.package).join(', ') || 'none'}. Remove ${join(apt.cache.folder, 'apt')} to fetch the lists again.`,
  );
}

/** Kernels that were fetched, oldest first. */
export function cachedKernels(cache: Cache): FetchedKernel[] {
  const kernels = join(cache.folder, 'kernels');
  const releases = existsSync(kernels) ? readdirSync(kernels).sort(compareReleases) : [];
  return releases.flatMap((release) => {
    const folder = join(kernels, release);
    return existsSync(join(folder, DONE)) ? [{ release, folder, image: findImage(folder, release) }] : [];
  });
}

export function findImage(folder: string, release: string): string {
  const names = [`boot/vmlinuz-${release}`, `usr/lib/modules/${release}/vmlinuz`, `lib/modules/${release}/vmlinuz`];
  const there = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const name = names.find((candidate) => there.includes(candidate));
  if (name === undefined) throw new Error(`no kernel in ${folder}: expected one of ${names.join(', ')}`);
  return join(folder, name);
}
