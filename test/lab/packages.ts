/** Which packages are fetched, and how apt is told so without the system's own state. Pure. */

import { SECURITY_SUITES, SUITES, TOOLS_SUITE } from './kernels.ts';

/** QEMU 10 has plugins, and boots in a tenth of the time of 7.2; the rest is for the programs of the machine and the plugin. */
export const TOOL_PACKAGES: readonly string[] = [
  ...['qemu-system-arm', 'qemu-system-common', 'qemu-system-data'].map((name) => `${name}/${TOOLS_SUITE}-backports`),
  ...['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'gcc', 'libc6-dev', 'make', 'xz-utils'],
];
/** Libraries that have to be those of the machine, because its dynamic linker is. */
export const NOT_UNPACKED: readonly string[] = ['libc6', 'libc-bin'];
export interface SelftestSource {
  readonly series: string;
  readonly source: string;
  readonly headers: string;
  /** In the package. */
  readonly tarball: string;
}

const selftestSource = (series: string, suite: string, headers: string): SelftestSource => ({
  series,
  source: `linux-source-${series}/${suite}`,
  headers: `linux-libc-dev:${headers}/${suite}`,
  tarball: `usr/src/linux-source-${series}.tar.xz`,
});

/** Sources of the selftests that are packaged. Those of newer kernels skip most of themselves on 6.1. */
const SELFTEST_SOURCES: readonly SelftestSource[] = [
  selftestSource('6.1', 'bookworm', 'arm64'),
  selftestSource('6.12', 'trixie', 'all'),
  selftestSource('7.3', 'trixie-backports', 'all'),
];
/** What is needed of a source, below its only folder. */
export const SOURCE_FOLDERS: readonly string[] = ['tools', 'lib', 'scripts', 'include', 'arch/arm64'];

/** Its own, or else those of the next kernel that has any. */
export function selftestsFor(series: string): SelftestSource {
  const source = SELFTEST_SOURCES.find((candidate) => compareReleases(candidate.series, series) >= 0);
  return source ?? (SELFTEST_SOURCES.at(-1) as SelftestSource);
}

export const BUSYBOX = `busybox-static:arm64/${TOOLS_SUITE}`;

/** `ORIGIN LABEL REPO_URI` of apt-get indextargets: the mirrors that this machine uses. */
export function mirrorsOf(targets: string): {
  readonly main: string | undefined;
  readonly security: string | undefined;
} {
  const rows = targets
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([origin]) => origin === 'Debian');
  const uri = (label: string): string | undefined => rows.find((row) => row[1] === label)?.[2];
  return { main: uri('Debian'), security: uri('Debian-Security') };
}

/** sources.list: kernels of all suites, tools of one. */
export function sourcesList(main: string, security: string | undefined, architecture: string): string {
  const line = (architectures: string, uri: string, suite: string): string =>
    `deb [arch=${architectures}] ${uri} ${suite} main`;
  const architectures = (suite: string): string => (suite === TOOLS_SUITE ? `${architecture},arm64` : 'arm64');
  return `${[
    ...SUITES.map((suite) => line(architectures(suite), main, suite)),
    line(architecture, main, `${TOOLS_SUITE}-backports`),
    ...(security === undefined ? [] : SECURITY_SUITES.map((suite) => line('arm64', security, suite))),
  ].join('\n')}\n`;
}

/** A configuration of apt whose whole state is in `folder`. */
export function aptConfiguration(folder: string, architecture: string): string {
  const settings = {
    'Dir::State': folder,
    'Dir::State::status': `${folder}/status`,
    'Dir::Cache': folder,
    'Dir::Etc::sourcelist': `${folder}/sources.list`,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Architecture': architecture,
    'APT::Install-Recommends': 'false',
    // Packages for all architectures are in every list: those of the tools' suite go with its compilers.
    'APT::Default-Release': TOOLS_SUITE,
    // Mirrors may be behind: a date that has passed is no reason to stop.
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
    'APT::Keep-Downloaded-Packages': 'true',
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} "${value}";`);
  return `${[...lines, `APT::Architectures { "${architecture}"; "arm64"; };`].join('\n')}\n`;
}

interface KernelPackage {
  readonly package: string;
  /** What uname -r prints. */
  readonly release: string;
}

/** The packages of a series, newest first. Where a kernel is split, linux-binary has it and linux-image only depends on it. */
export function kernelPackages(names: readonly string[], series: string): KernelPackage[] {
  const escaped = series.replaceAll('.', '\\.');
  const pattern = new RegExp(`^linux-(binary|image)-(${escaped}\\.\\d+(?:-\\d+)?(?:\\+deb\\d+)?-arm64)$`);
  const found = names.flatMap((name) => {
    const match = pattern.exec(name);
    return match === null ? [] : [{ package: name, release: match[2] as string, split: match[1] === 'binary' }];
  });
  found.sort((a, b) => compareReleases(b.release, a.release) || Number(b.split) - Number(a.split));
  return found.map(({ package: name, release }) => ({ package: name, release }));
}

/** By the numbers in them, from left to right. */
export function compareReleases(a: string, b: string): number {
  const numbers = (text: string): number[] => text.match(/\d+/g)?.map(Number) ?? [];
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
