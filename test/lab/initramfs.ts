/** The machine's only file system. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { archive, directory, type Entry, file } from './cpio.ts';
import { guestPrograms, SOURCES } from './tools.ts';

export interface Content {
  readonly busybox: string;
  /** Folder of the programs that were built. */
  readonly programs: string;
  /** Shell commands: what the machine runs before it is turned off. */
  readonly job: string;
  /** The script that `worldswitch probes` wrote. */
  readonly captureScript?: string;
  /** Shell commands. */
  readonly workload?: string;
  /** A folder that becomes /selftests. */
  readonly selftests?: string;
  /** Kernel modules by name, in the order in which they are loaded. */
  readonly modules?: readonly (readonly [name: string, module: Uint8Array])[];
}

/** A script of guest/. */
export const guestScript = (name: string): string => readFileSync(join(SOURCES, 'guest', name), 'utf8');

export function initramfs(content: Content): Buffer {
  const optional = (path: string, text: string | undefined): Entry[] => (text === undefined ? [] : [file(path, text)]);
  return archive([
    ...['dev', 'proc', 'sys', 'tmp'].map(directory),
    file('init', guestScript('init')),
    file('bin/busybox', readFileSync(content.busybox)),
    ...guestPrograms(content.programs).map(([name, path]) => file(`lab/${name}`, readFileSync(path))),
    file('lab/job.sh', content.job),
    ...optional('lab/capture.sh', content.captureScript),
    ...optional('lab/workload.sh', content.workload),
    ...(content.modules ?? []).map(([name, module], index) => file(`lab/modules/${index}-${name}.ko`, module)),
    ...(content.selftests === undefined ? [] : filesIn(content.selftests, 'selftests')),
  ]);
}

function filesIn(folder: string, as: string): Entry[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => file(`${as}/${name}`, readFileSync(join(folder, name))));
}
