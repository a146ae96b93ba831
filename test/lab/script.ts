/** `--script`: a machine for trying things out. It runs a script of one's own, with the capture script at /lab/capture.sh. */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot, captureScript, type Laboratory } from './boot.ts';
import type { FetchedKernel } from './fetch-kernel.ts';
import { initramfs } from './initramfs.ts';
import type { Mode } from './kernels.ts';

const TIMEOUT_SECONDS = 600;

/** Returns the machine's console; what the script hands out with /lab/to_host is in `folder`. */
export async function runScript(
  lab: Laboratory,
  kernel: FetchedKernel,
  mode: Mode,
  script: string,
): Promise<{ readonly console: string; readonly folder: string }> {
  const folder = join(lab.runs, 'script');
  mkdirSync(folder, { recursive: true });
  const job = readFileSync(script, 'utf8');
  const initrd = initramfs({
    busybox: lab.busybox,
    programs: lab.programs,
    captureScript: await captureScript(lab, kernel),
    job,
  });
  const machine = { mode, sme: false, cpus: 2, memory: 1536, kernel: kernel.image, timeoutSeconds: TIMEOUT_SECONDS };
  return { console: await boot(lab, folder, initrd, { ...machine, count: undefined }), folder };
}
