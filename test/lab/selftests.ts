/** The kernel's own selftests, built from its source for the machine: those of KVM, and fp-stress. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Apt, unpack } from './apt.ts';
import { isDone, markDone, say } from './cache.ts';
import { SELFTESTS } from './packages.ts';
import { must, type Options } from './process.ts';
import { crossCompiler, program, type Tools } from './tools.ts';
import { KVM_SELFTESTS } from './workloads.ts';

/** Those that are not of arm64 alone. */
const COMMON = new Set(['get-reg-list', 'steal_time']);
const FP_PROGRAMS = ['fp-stress', 'fpsimd-test', 'sve-test', 'ssve-test', 'za-test', 'zt-test', 'kernel-test'] as const;

/** Fetches the source (170 MB), builds, and returns the folder that becomes /selftests: `kvm` and `fp`. */
export async function buildSelftests(apt: Apt, tools: Tools): Promise<string> {
  const folder = join(apt.cache.folder, 'selftests');
  const installed = join(folder, 'programs');
  const names = [...new Set(KVM_SELFTESTS.map((command) => command.split(' ')[0] as string))];
  const from = [SELFTESTS.source, ...names, ...FP_PROGRAMS].join(' ');
  if (isDone(folder, from)) return installed;
  const packages = join(folder, 'packages');
  await unpack(apt, SELFTESTS.source, packages);
  await unpack(apt, SELFTESTS.headers, packages);
  const source = join(folder, 'source');
  mkdirSync(source, { recursive: true });
  await must('tar', tarArguments(join(packages, SELFTESTS.tarball), source), 'unpacking the kernel source');
  say(`builds the kernel's selftests in ${folder}`);
  const headers = join(packages, 'usr/include');
  const options: Options = { cwd: source, env: { PATH: `${join(tools.folder, 'usr/bin')}:${process.env.PATH}` } };
  const built = join(folder, 'built');
  for (const [suite, list] of suites(names)) {
    const output = join(built, suite);
    mkdirSync(join(output, 'arm64'), { recursive: true });
    const targets = list.map((name) => join(output, name));
    await must('make', makeArguments(tools, source, headers, suite, output, targets), `selftests of ${suite}`, options);
    mkdirSync(join(installed, suite), { recursive: true });
    for (const name of list) {
      const to = join(installed, suite, name.split('/').at(-1) as string);
      const strip = ['-o', to, join(output, name)];
      await must(program(tools, 'aarch64-linux-gnu-strip'), strip, `stripping ${name}`, { env: tools.env });
    }
  }
  markDone(folder, from);
  return installed;
}

/** Programs by suite, as paths in its output folder. */
function suites(names: readonly string[]): [suite: 'kvm' | 'fp', list: string[]][] {
  return [
    ['kvm', names.map((name) => (COMMON.has(name) ? name : `arm64/${name}`))],
    ['fp', [...FP_PROGRAMS]],
  ];
}

function tarArguments(tarball: string, to: string): string[] {
  const top = tarball.replace(/^.*\/(.*)\.tar\.xz$/, '$1');
  return ['-xJf', tarball, '-C', to, '--strip-components=1', ...SELFTESTS.folders.map((name) => `${top}/${name}`)];
}

function makeArguments(
  tools: Tools,
  source: string,
  headers: string,
  suite: 'kvm' | 'fp',
  output: string,
  targets: readonly string[],
): string[] {
  const system = `-isystem ${headers} -isystem ${headers}/aarch64-linux-gnu`;
  const selftests = join(source, 'tools/testing/selftests');
  return [
    ...['-C', join(selftests, suite === 'kvm' ? 'kvm' : 'arm64/fp'), 'ARCH=arm64', `OUTPUT=${output}`],
    ...[`top_srcdir=${source}`, 'CROSS_COMPILE=aarch64-linux-gnu-', `KHDR_INCLUDES=${system}`],
    // Only the compiler gets the libraries that were unpacked beside it; the machine has none.
    `CC=env LD_LIBRARY_PATH=${tools.env.LD_LIBRARY_PATH} ${crossCompiler(tools)} -static`,
    // In arm64/fp nothing but CFLAGS reaches the compiler.
    ...(suite === 'fp' ? [`CFLAGS=-I${selftests} -I${join(source, 'tools/include')} ${system}`] : []),
    ...targets,
  ];
}
