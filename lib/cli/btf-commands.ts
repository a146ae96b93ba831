/** The commands that read BTF. What they do is loaded when they run, so that help is fast. */

import { type Command, Option } from 'commander';
import { collect, integer, names } from './options/arguments.ts';
import { COLOUR_OPTIONS } from './terminal/colour.ts';
import type { Io } from './terminal/io.ts';
import type { Output } from './terminal/output.ts';

/** Highest number of CPUs of the format, and more vCPUs than a host can have. */
const MAX_CPUS = 4096;
const MAX_VCPUS = 1_000_000;
const BTF_HELP = 'BTF of the kernel, plain or gzip: a copy of /sys/kernel/btf/vmlinux';

/** Adds `probes` and `footprint`. */
export function addBtfCommands(program: Command, stdout: Output, io: Io, exit: (code: number) => void): void {
  program
    .command('probes')
    .description('write the shell script that takes a capture on an arm64 host')
    .option('--btf <file>', `${BTF_HELP};\nwithout it the capture has fewer fields`)
    .addOption(
      new Option('--mode <mode>', 'refuse a host of another mode; default: the script finds out').choices([
        'vhe',
        'nvhe',
        'hvhe',
        'pkvm',
      ]),
    )
    .option('--cpus <n>', 'read the state of CPUs 0 to n-1; default: those online', integer(1, MAX_CPUS))
    .option('--function <name>', 'probe this kernel function too (repeatable)', collect, [])
    .option('--both-instances', "in nvhe and hvhe, read the kernel's own kvm_host_data too", false)
    .addHelpText(
      'after',
      `
The script goes to stdout. On the host, as root:
  worldswitch probes --btf vmlinux.btf > capture.sh
  sh capture.sh -o trace.ftrace ./run-the-vm
  worldswitch replay trace.ftrace`,
    )
    .action(async (options) => exit(await (await import('./commands/probes.ts')).probes(options, stdout, io)));
  program
    .command('footprint')
    .description('bytes of host state for each vCPU and CPU, and what the series saved')
    .option('--models <names>', "models to list (see 'worldswitch models'); default: all", names)
    .option('--btf <file>', `${BTF_HELP};\nits sizes and offsets instead of the models'`)
    .option('--vcpus <n>', 'vCPUs of the host in all', integer(1, MAX_VCPUS), 64)
    .option('--cpus <n>', 'physical CPUs', integer(1, MAX_CPUS), 16)
    .addOption(new Option('--format <format>', 'format').choices(['text', 'json']).default('text'))
    .addOption(new Option('--color <when>', 'colour').choices(COLOUR_OPTIONS).default('auto'))
    .action(async (options) => exit(await (await import('./commands/footprint.ts')).footprint(options, stdout, io)));
}
