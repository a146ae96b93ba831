/** The kernel's own selftests, built from its source for the machine: those of KVM, and fp-stress. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Apt, unpack } from './apt.ts';
import { isDone, markDone, say } from './cache.ts';
import { SOURCE_FOLDERS, selftestsFor } from './packages.ts';
import { must } from './process.ts';
import { crossCompiler, program, type Tools } from './tools.ts';
import { KVM_SELFTESTS } from './workloads.ts';

const FP_PROGRAMS = ['fp-stress', 'fpsimd-test', 'sve-test', 'ssve-test', 'za-test', 'zt-test', 'kernel-test'] as const;

/** Fetches the source (150 MB), builds, and returns the folder that becomes /selftests: `kvm` and `fp`. */
export async function buildSelftests(apt: Apt, tools: Tools, series: string): Promise<string> {
  const from = selftestsFor(series);
  const folder = join(apt.cache.folder, 'selftests', from.series);
  const installed = join(folder, 'programs');
  const wanted = [...new Set(KVM_SELFTESTS.map((command) => command.split(' ')[0] as string))];
  const made = [from.source, ...wanted, ...FP_PROGRAMS].join(' ');
  if (isDone(folder, made)) return installed;
  const packages = join(folder, 'packages');
  await unpack(apt, from.source, packages);
  await unpack(apt, from.headers, packages);
  const source = join(folder, 'source');
  mkdirSync(source, { recursive: true });
  await must('tar', tarArguments(join(packages, from.tarball), source), 'unpacking the kernel source');
  say(`builds the kernel's selftests in ${folder}`);
  const selftests = join(source, 'tools/testing/selftests');
  for (const [suite, below, names] of [
    ['kvm', 'kvm', wanted],
    ['fp', 'arm64/fp', FP_PROGRAMS],
  ] as const) {
    const programs = present(join(selftests, below), names);
    const output = join(folder, 'built', suite);
    for (const name of programs) mkdirSync(dirname(join(output, name)), { recursive: true });
    const args = makeArguments(tools, source, join(packages, 'usr/include'), below, output);
    const targets = programs.map((name) => join(output, name));
    const env = { PATH: `${join(tools.folder, 'usr/bin')}:${process.env.PATH}` };
    await must('make', [...args, ...targets], `selftests of ${suite}`, { cwd: source, env });
    mkdirSync(join(installed, suite), { recursive: true });
    for (const name of programs) {
      const strip = ['-o', join(installed, suite, basename(name)), join(output, name)];
      await must(program(tools, 'aarch64-linux-gnu-strip'), strip, `stripping ${name}`, { env: tools.env });
    }
  }
  markDone(folder, made);
  return installed;
}

/** Those that the Makefiles name, as paths: tests of arm64 alone have a folder, which was renamed in v6.14. */
function present(folder: string, names: readonly string[]): string[] {
  const files = ['Makefile', 'Makefile.kvm'].map((name) => join(folder, name)).filter((file) => existsSync(file));
  const makefiles = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  return programsNamed(makefiles, names);
}

export function programsNamed(makefiles: string, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const paths = [name, `arm64/${name}`, `aarch64/${name}`];
    const path = paths.find((one) => new RegExp(`(?<![\\w/-])${one}(?![\\w-])`).test(makefiles));
    return path === undefined ? [] : [path];
  });
}

function tarArguments(tarball: string, to: string): string[] {
  const top = basename(tarball, '.tar.xz');
  return ['-xJf', tarball, '-C', to, '--strip-components=1', ...SOURCE_FOLDERS.map((name) => `${top}/${name}`)];
}

function makeArguments(tools: Tools, source: string, headers: string, below: string, output: string): string[] {
  const system = `-isystem ${headers} -isystem ${headers}/aarch64-linux-gnu`;
  const selftests = join(source, 'tools/testing/selftests');
  return [
    ...['-C', join(selftests, below), 'ARCH=arm64', `OUTPUT=${output}`, `top_srcdir=${source}`],
    ...['CROSS_COMPILE=aarch64-linux-gnu-', `KHDR_INCLUDES=${system}`],
    // Only the compiler gets the libraries that were unpacked beside it; the machine has none.
    `CC=env LD_LIBRARY_PATH=${tools.env.LD_LIBRARY_PATH} ${crossCompiler(tools)} -static`,
    // In arm64/fp nothing but CFLAGS reaches the compiler.
    ...(below === 'kvm' ? [] : [`CFLAGS=-I${selftests} -I${join(source, 'tools/include')} ${system}`]),
  ];
}
