/** Packages by apt, with a state of its own: nothing of the system is changed, and no root is needed. */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cache, isDone, markDone, say } from './cache.ts';
import { aptConfiguration, BUSYBOX, mirrorsOf, NOT_UNPACKED, sourcesList, TOOL_PACKAGES } from './packages.ts';
import { must } from './process.ts';

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

export function aptRun(
  apt: Apt,
  program: string,
  args: readonly string[],
  expected: string,
  cwd?: string,
): Promise<string> {
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

/** Downloads one package and unpacks it. */
export async function unpack(apt: Apt, name: string, folder: string): Promise<void> {
  const downloads = join(apt.cache.folder, 'download');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  mkdirSync(folder, { recursive: true });
  say(`fetches ${name}`);
  const gone = `if it has left the archive, remove ${join(apt.cache.folder, 'apt')} to fetch new lists`;
  await aptRun(apt, 'apt-get', ['download', '-q', name], `package ${name} (${gone})`, downloads);
  const archive = readdirSync(downloads)[0];
  if (archive === undefined) throw new Error(`apt has downloaded ${name}, but nothing is in ${downloads}`);
  await must('dpkg-deb', ['-x', join(downloads, archive), folder], `unpacking ${archive}`);
  rmSync(downloads, { recursive: true });
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
