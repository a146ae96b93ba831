/** Kernel modules of a fetched kernel. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FetchedKernel } from './fetch-kernel.ts';

/** What user space needs to have the kernel hash with NEON (AF_ALG), each behind what it needs; where it is not built in. */
const HASH = ['af_alg', 'algif_hash', 'sha256-arm64', 'sha2-ce'] as const;

/** Those that the kernel's package has: from 7.0 on, it has none. */
export function hashModules(kernel: FetchedKernel): [name: string, module: Uint8Array][] {
  const files = readdirSync(kernel.folder, { recursive: true, encoding: 'utf8' });
  return HASH.flatMap((name) => {
    const path = files.find((file) => [`${name}.ko`, `${name}.ko.xz`].includes(basename(file)));
    return path === undefined ? [] : [[name, read(join(kernel.folder, path))] as [string, Uint8Array]];
  });
}

const read = (path: string): Uint8Array =>
  path.endsWith('.xz') ? execFileSync('xz', ['-dc', path], { maxBuffer: 16 << 20 }) : readFileSync(path);
