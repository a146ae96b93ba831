/** The emulated machine: QEMU's command line. */

import { MODE_PARAMETERS, type Mode } from './kernels.ts';

export interface Machine {
  readonly mode: Mode;
  readonly sme: boolean;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  readonly kernel: string;
  readonly initrd: string;
  /** QEMU's share folder. */
  readonly firmware: string;
  /** The counting plugin, its plan and its output; undefined: nothing is counted. */
  readonly count: { readonly plugin: string; readonly plan: string; readonly output: string } | undefined;
}

/** Vectors of 64 bytes: the longest that SVE and SME both have here. */
const VECTORS = 'sve=on,sve-max-vq=4';

export function machineArguments(machine: Machine): string[] {
  const sme = machine.sme ? 'sme=on,sme1024=off,sme2048=off' : 'sme=off';
  const { count } = machine;
  return [
    ...['-M', 'virt,virtualization=on,gic-version=3', '-cpu', `max,${VECTORS},${sme}`],
    ...['-smp', String(machine.cpus), '-m', String(machine.memory), '-L', machine.firmware],
    ...['-nographic', '-no-reboot', '-nic', 'none'],
    // Programs of the machine write files here: the capture comes out that way.
    ...['-semihosting-config', 'enable=on,userspace=on,target=native'],
    ...['-kernel', machine.kernel, '-initrd', machine.initrd, '-append', kernelParameters(machine.mode)],
    ...(count === undefined ? [] : ['-plugin', `${count.plugin},plan=${count.plan},out=${count.output}`]),
  ];
}

/** nokaslr: what is counted is found by its linked address. */
function kernelParameters(mode: Mode): string {
  return ['console=ttyAMA0', 'rdinit=/init', 'panic=-1', 'loglevel=4', 'nokaslr', MODE_PARAMETERS[mode]]
    .filter((word) => word !== '')
    .join(' ');
}
