/** The three commands of README, as they are written there, on a kernel of the laboratory. */

import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { boot, factsIn } from './boot.ts';
import { cacheFolder } from './cache.ts';
import { initramfs } from './initramfs.ts';
import { bootableKernel, emptyLaboratory, WORLDSWITCH } from './laboratory.ts';
import { must } from './process.ts';
import { build } from './tools.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const CACHE = { folder: cacheFolder(undefined, process.env) };
const LAB = emptyLaboratory(CACHE);
const KERNEL = bootableKernel(LAB, CACHE);
const MACHINE = { mode: 'vhe', sme: false, cpus: 2, memory: 1536, timeoutSeconds: 400, count: undefined } as const;

/** The commands of the block that writes the capture script. */
function commands(): string[] {
  const block = /```sh\n(worldswitch probes [^`]*)```/.exec(README)?.[1] ?? '';
  return block.trimEnd().split('\n');
}

test('README has three commands: on the desk, on the host, on the desk', () => {
  assert.deepEqual(
    commands().map((command) => command.split(' ').slice(0, 2).join(' ')),
    ['worldswitch probes', 'sh capture.sh', 'worldswitch replay'],
  );
});

test('they work as they are written', skipped(), async () => {
  assert.ok(typeof KERNEL !== 'string');
  const folder = mkdtempSync(join(tmpdir(), 'worldswitch-readme-'));
  try {
    const [probes = '', capture = '', replay = ''] = commands();
    writeFileSync(join(folder, 'worldswitch'), `#!/bin/sh\nexec "${process.execPath}" "${WORLDSWITCH}" "$@"\n`);
    chmodSync(join(folder, 'worldswitch'), 0o755);
    copyFileSync(factsIn(KERNEL.folder).btf, join(folder, 'vmlinux.btf'));
    const atTheDesk = (command: string): Promise<string> =>
      must('sh', ['-c', command], command, { cwd: folder, env: { PATH: `${folder}:${process.env.PATH}` } });
    await atTheDesk(probes);
    await build(LAB.tools, LAB.programs);
    const initrd = initramfs({
      busybox: LAB.busybox,
      programs: LAB.programs,
      captureScript: readFileSync(join(folder, 'capture.sh'), 'utf8'),
      workload: '#!/bin/busybox sh\n/lab/vmm -n 20\n',
      job: `cp /lab/capture.sh .; cp /lab/workload.sh workload\n${capture}\necho "lab: ended with $?"\n/lab/to_host capture.ftrace capture.ftrace\n`,
    });
    const console = await boot(LAB, folder, initrd, { ...MACHINE, kernel: KERNEL.image });
    assert.match(console, /^lab: ended with 0\r?$/m, console);
    const report = await atTheDesk(replay);
    assert.match(report, /^PASS/, report);
    assert.match(report, /^Observations +[1-9][\d,]* values compared, 0 diverged/m);
    assert.match(report, /^ *debug_save +[1-9]/m);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function skipped(): { skip: string | false } {
  return { skip: skipUnless(typeof KERNEL !== 'string', 'no laboratory cache') };
}
