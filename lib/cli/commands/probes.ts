/** `worldswitch probes`: the script that takes a capture, on stdout. */

import { Option } from 'commander';
import { MODES } from '../../models/profile.ts';
import { escapeText } from '../../text/escape.ts';
import { isRefusal, type ProbeMode, probes as writeProbes } from '../../tools/probes/probes.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT, Failure } from '../exit.ts';
import { collect, integer } from '../options/arguments.ts';
import { addBtfLimits, type BtfLimitOptions } from '../options/limits.ts';
import { BTF, MAX_CPUS } from '../options/shared.ts';
import { readBtfFile } from '../read-btf.ts';

export const declare: Declare = (command, act) => {
  addBtfLimits(
    command
      .description('write the shell script that takes a capture on an arm64 host')
      .option('--btf <file>', `${BTF};\nwithout it the capture has fewer fields`)
      .addOption(
        new Option('--mode <mode>', 'refuse a host of another mode; default: the script finds out').choices(MODES),
      )
      .option('--cpus <n>', 'read the state of CPUs 0 to n-1; default: those online', integer(1, MAX_CPUS))
      .option('--function <name>', 'probe this kernel function too (repeatable)', collect, [])
      .option('--both-instances', "in nvhe and hvhe, read the kernel's own kvm_host_data too", false),
  )
    .addHelpText(
      'after',
      `
The script goes to stdout. On the host, as root:
  worldswitch probes --btf vmlinux.btf > capture.sh
  sh capture.sh -o trace.ftrace ./run-the-vm
  worldswitch replay trace.ftrace

Since v7.1, but for VHE, the hypervisor's own trace is written too, where the
kernel has it, to trace.hypervisor.ftrace: both are replayed together.`,
    )
    .action(act(probes));
};

export interface ProbesCommandOptions extends BtfLimitOptions {
  readonly btf?: string;
  readonly mode?: ProbeMode;
  readonly cpus?: number;
  readonly function: readonly string[];
  readonly bothInstances: boolean;
}

async function probes({ stdout, io }: Context, options: ProbesCommandOptions): Promise<number> {
  const result = writeProbes({
    ...(options.btf === undefined ? {} : { btf: await readBtfFile(options.btf, options) }),
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    functions: options.function,
    bothInstances: options.bothInstances,
  });
  if (isRefusal(result)) throw new Failure(result.refused.map((reason) => escapeText(reason, 400)).join('\nerror: '));
  for (const note of result.notes) io.stderr.write(`note: ${note}\n`);
  stdout.write(result.script);
  return EXIT.ok;
}
