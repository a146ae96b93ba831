/** The machine's only file system. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { archive, directory, type Entry, file } from './cpio.ts';
import { guestPrograms, SOURCES } from './tools.ts';

export interface Content {
  readonly busybox: string;
  /** Folder of the programs that were built. */
  readonly programs: string;
  /** Which script of guest/ the machine runs. */
  readonly job: 'facts.sh' | 'capture.sh';
  /** Shell commands that the job runs first. */
  readonly environment?: string;
  /** The script that `worldswitch probes` wrote. */
  readonly captureScript?: string;
  /** Shell commands. */
  readonly workload?: string;
  /** A folder that becomes /selftests. */
  readonly selftests?: string;
}

export function initramfs(content: Content): Buffer {
  const guest = (name: string): Buffer => readFileSync(join(SOURCES, 'guest', name));
  const optional = (path: string, text: string | undefined): Entry[] => (text === undefined ? [] : [file(path, text)]);
  return archive([
    ...['dev', 'proc', 'sys', 'tmp'].map(directory),
    file('init', guest('init')),
    file('bin/busybox', readFileSync(content.busybox)),
    ...guestPrograms(content.programs).map(([name, path]) => file(`lab/${name}`, readFileSync(path))),
    file('lab/job.sh', Buffer.concat([Buffer.from(content.environment ?? ''), guest(content.job)])),
    ...optional('lab/capture.sh', content.captureScript),
    ...optional('lab/workload.sh', content.workload),
    ...(content.selftests === undefined ? [] : filesIn(content.selftests, 'selftests')),
  ]);
}

function filesIn(folder: string, as: string): Entry[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => file(`${as}/${name}`, readFileSync(join(folder, name))));
}
