/** Packages by apt, with a state of its own: nothing of the system is changed, and no root is needed. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cache, DONE, isDone, markDone, say } from './cache.ts';
import {
  aptConfiguration,
  BUSYBOX,
  compareReleases,
  kernelPackages,
  mirrorsOf,
  NOT_UNPACKED,
  sourcesList,
  TOOL_PACKAGES,
} from './packages.ts';
import { must, run } from './process.ts';

const DEBIAN = 'the laboratory needs apt and dpkg, of Debian or a system like it';

export interface Apt {
  readonly cache: Cache;
  /** APT_CONFIG. */
  readonly configuration: string;
}

/** Writes the configuration, and fetches the package lists once. */
export async function openApt(cache: Cache): Promise<Apt> {
  const folder = join(cache.folder, 'apt');
  const apt = { cache, configuration: join(folder, 'apt.conf') };
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, name), { recursive: true });
  const architecture = (await must('dpkg', ['--print-architecture'], DEBIAN)).trim();
  const [main, security] = await mirrors();
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(apt.configuration, aptConfiguration(folder, architecture));
  const sources = sourcesList(main, security, architecture);
  writeFileSync(join(folder, 'sources.list'), sources);
  if (!isDone(folder, sources)) {
    say('fetches the package lists of all suites (about 60 MB)');
    await aptRun(apt, 'apt-get', ['update', '-q'], 'package lists');
    markDone(folder, sources);
  }
  return apt;
}

/** Where packages come from: WORLDSWITCH_LAB_MIRROR, or what the system's own apt uses. */
async function mirrors(): Promise<[main: string, security: string | undefined]> {
  const given = process.env.WORLDSWITCH_LAB_MIRROR;
  const targets = await must('apt-get', ['indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(REPO_URI)'], DEBIAN);
  const { main, security } = mirrorsOf(targets);
  if (given !== undefined && given !== '') return [given, security];
  if (main === undefined)
    throw new Error(
      'apt knows no mirror of Debian: expected an index target with origin "Debian" (is "apt-get update" still to be run?); set WORLDSWITCH_LAB_MIRROR to the URI of one',
    );
  return [main, security];
}

function aptRun(apt: Apt, program: string, args: readonly string[], expected: string, cwd?: string): Promise<string> {
  return must(program, args, expected, {
    env: { APT_CONFIG: apt.configuration },
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** QEMU and the compilers with all that they need, unpacked into the folder that is returned. */
export async function fetchTools(apt: Apt): Promise<string> {
  const folder = join(apt.cache.folder, 'tools');
  const wanted = TOOL_PACKAGES.join(' ');
  if (isDone(folder, wanted)) return folder;
  say(`fetches QEMU and compilers (about 130 MB): ${wanted}`);
  const download = ['install', '-q', '-y', '--download-only', ...TOOL_PACKAGES];
  await aptRun(apt, 'apt-get', download, `packages ${wanted}`);
  const archives = join(apt.cache.folder, 'apt/archives');
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb') && !name.endsWith('_arm64.deb'));
  const unpacked = packages.filter((name) => !NOT_UNPACKED.includes(name.split('_')[0] ?? ''));
  say(`unpacks ${unpacked.length} packages into ${folder}; nothing is installed`);
  for (const name of unpacked) await must('dpkg-deb', ['-x', join(archives, name), folder], `unpacking ${name}`);
  markDone(folder, wanted);
  return folder;
}

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

/** Downloads one package and unpacks it. */
export async function unpack(apt: Apt, name: string, folder: string): Promise<void> {
  const downloads = join(apt.cache.folder, 'downloads');
  mkdirSync(downloads, { recursive: true });
  mkdirSync(folder, { recursive: true });
  say(`fetches ${name}`);
  await aptRun(
    apt,
    'apt-get',
    ['download', '-q', name],
    `package ${name} (if it has left the archive, remove ${join(apt.cache.folder, 'apt')} to fetch new lists)`,
    downloads,
  );
  const prefix = `${name.split(/[:/]/)[0]}_`;
  const archive = readdirSync(downloads).findLast((candidate) => candidate.startsWith(prefix));
  if (archive === undefined) throw new Error(`apt downloaded ${name}, but no ${prefix}*.deb is in ${downloads}`);
  await must('dpkg-deb', ['-x', join(downloads, archive), folder], `unpacking ${archive}`);
}

/** The static BusyBox for arm64. */
export async function fetchBusybox(apt: Apt): Promise<string> {
  const folder = join(apt.cache.folder, 'busybox');
  if (!isDone(folder, BUSYBOX)) {
    await unpack(apt, BUSYBOX, folder);
    markDone(folder, BUSYBOX);
  }
  const there = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const name = there.find((candidate) => /(^|\/)bin\/busybox$/.test(candidate));
  if (name === undefined) throw new Error(`no bin/busybox in ${folder}`);
  return join(folder, name);
}
