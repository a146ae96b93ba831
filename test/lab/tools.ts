/** The tools that were unpacked: how they are started, and what is built with them. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDone, markDone, say } from './cache.ts';
import { must, type Options } from './process.ts';

export interface Tools {
  readonly folder: string;
  /** Environment in which its programs find its libraries. */
  readonly env: Readonly<Record<string, string>>;
}

export function toolsIn(folder: string): Tools {
  const places = [join(folder, 'usr/lib'), join(folder, 'lib')];
  const libraries = places.flatMap((place) =>
    existsSync(place)
      ? readdirSync(place)
          .filter((name) => name.endsWith('-linux-gnu'))
          .map((name) => join(place, name))
      : [],
  );
  return { folder, env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

export const program = (tools: Tools, name: string): string => join(tools.folder, 'usr/bin', name);
export const crossCompiler = (tools: Tools): string => program(tools, 'aarch64-linux-gnu-gcc');

/** Sources, in this folder. */
export const SOURCES = import.meta.dirname;

const GUEST_PROGRAMS = ['vmm', 'tasks', 'to_host', 'cksum'] as const;

/** Builds the plugin and the programs of the machine, anew where a source has changed. */
export async function build(tools: Tools, folder: string): Promise<void> {
  const guest = join(SOURCES, 'guest');
  const from = hashOf([guest, join(SOURCES, 'plugin')]);
  if (isDone(folder, from)) return;
  say(`builds the counting plugin and the programs of the machine in ${folder}`);
  mkdirSync(folder, { recursive: true });
  const options: Options = { cwd: folder, env: tools.env };
  const cross = crossCompiler(tools);
  const step = (command: string, args: readonly string[], expected: string): Promise<string> =>
    must(command, args, expected, options);
  // The emulator that loads it has the C library: it is linked with nothing.
  const shared = ['--sysroot', tools.folder, '-shared', '-nostdlib', '-fPIC', '-O2', '-o', 'count.so'];
  await step(program(tools, 'gcc'), [...shared, join(SOURCES, 'plugin/count.c')], 'the counting plugin');
  await step(cross, ['-c', '-I', guest, '-o', 'guest.o', join(guest, 'guest.S')], 'the guest');
  await step(program(tools, 'aarch64-linux-gnu-objcopy'), ['-O', 'binary', 'guest.o', 'guest.bin'], 'the guest');
  for (const name of GUEST_PROGRAMS) {
    // -O1: nothing is turned into vector instructions beside those that are meant.
    const args = ['-O1', '-static', '-I', guest, '-Wa,-I.', '-o', name, join(guest, `${name}.c`)];
    await step(cross, args, `program ${name} of the machine`);
  }
  markDone(folder, from);
}

export const guestPrograms = (folder: string): [name: string, path: string][] =>
  GUEST_PROGRAMS.map((name) => [name, join(folder, name)]);

function hashOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders)
    for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}
