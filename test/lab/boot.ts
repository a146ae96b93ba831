/** Booting a kernel in the emulated machine. */

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './cache.ts';
import type { FetchedKernel } from './fetch-kernel.ts';
import { guestScript, initramfs } from './initramfs.ts';
import { type Machine, machineArguments } from './machine.ts';
import { must, run } from './process.ts';
import { program, type Tools } from './tools.ts';

/** What every boot needs. */
export interface Laboratory {
  readonly tools: Tools;
  readonly busybox: string;
  /** Folder of what was built for the machine. */
  readonly programs: string;
  /** Folder of the kernel's selftests, where they were built. */
  readonly selftests: string | undefined;
  /** Folder of the kernels, by release. */
  readonly kernels: string;
  /** Folder of results. */
  readonly runs: string;
  /** The built tool. */
  readonly worldswitch: string;
}

type Boot = Omit<Machine, 'initrd' | 'firmware'> & { readonly timeoutSeconds: number };

/** Runs the machine in a folder; its console is console.log there, and is returned. */
export async function boot(lab: Laboratory, folder: string, initrd: Buffer, machine: Boot): Promise<string> {
  const file = join(folder, 'initrd');
  writeFileSync(file, initrd);
  const firmware = join(lab.tools.folder, 'usr/share/qemu');
  const qemu = program(lab.tools, 'qemu-system-aarch64');
  const ended = await run('nice', [qemu, ...machineArguments({ ...machine, initrd: file, firmware })], 'the machine', {
    cwd: folder,
    env: lab.tools.env,
    timeoutSeconds: machine.timeoutSeconds,
  });
  rmSync(file);
  writeFileSync(join(folder, 'console.log'), ended.stdout + ended.stderr, 'latin1');
  if (ended.timedOut)
    throw new Error(
      `the machine did not turn off within ${machine.timeoutSeconds} s; its console:\n${tail(ended.stdout)}`,
    );
  if (ended.status !== 0) throw new Error(`QEMU ended with ${ended.status}: ${tail(ended.stderr || ended.stdout)}`);
  return ended.stdout;
}

/** The end of a console, indented. */
export const tail = (text: string): string =>
  text
    .trim()
    .split('\n')
    .slice(-15)
    .map((line) => `    ${line.trimEnd()}`)
    .join('\n');

export interface Facts {
  readonly kallsyms: string;
  readonly btf: string;
}

/** Where the facts of a kernel are, by its folder. */
export function factsIn(kernel: string): Facts {
  return { kallsyms: join(kernel, 'facts/kallsyms'), btf: join(kernel, 'facts/vmlinux.btf') };
}

export const hasFacts = ({ kallsyms, btf }: Facts): boolean => existsSync(kallsyms) && existsSync(btf);

/** Symbols and types of a kernel, from one boot of it. */
export async function kernelFacts(lab: Laboratory, kernel: FetchedKernel): Promise<Facts> {
  const facts = factsIn(kernel.folder);
  if (hasFacts(facts)) return facts;
  say(`boots ${kernel.release} once for its symbols and types`);
  const folder = join(kernel.folder, 'facts');
  mkdirSync(folder, { recursive: true });
  const initrd = initramfs({ busybox: lab.busybox, programs: lab.programs, job: guestScript('facts.sh') });
  const console = await boot(lab, folder, initrd, {
    mode: 'vhe',
    sme: false,
    cpus: 2,
    memory: 1536,
    kernel: kernel.image,
    timeoutSeconds: 120,
    count: undefined,
  });
  if (!hasFacts(facts))
    throw new Error(`${kernel.release} handed out no symbols or types; its console:\n${tail(console)}`);
  return facts;
}

/** What `worldswitch probes` writes for a kernel. */
export async function captureScript(lab: Laboratory, kernel: FetchedKernel): Promise<string> {
  const { btf } = await kernelFacts(lab, kernel);
  return must('node', [lab.worldswitch, 'probes', '--btf', btf], 'the capture script');
}
