/** Recordings of kinds that are not read here are printed by their own program, where that is installed. */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { run } from '../../support/cli.ts';
import { EVENTS, KVM_ENTRY } from '../../support/kvm-events.ts';
import { traceDat } from '../../support/recordings.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const PATH = process.env.PATH ?? '';
afterEach(() => {
  process.env.PATH = PATH;
});

/** Puts a program of that name before all others. */
function install(name: string, body: string): void {
  const bin = join(folder, `${name}-${body.length}`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
  process.env.PATH = `${bin}:${PATH}`;
}

/** The recording of a guest, whose times are those of its host: no times of its own clock. */
const GUEST = join(folder, '-guest.dat');
writeFileSync(
  GUEST,
  traceDat({
    ...{
      version: 7,
      bigEndian: false,
      longSize: 8,
      pageSize: 4096,
      cpus: 1,
      events: EVENTS,
      options: [[12, Buffer.alloc(16)]],
    },
    entries: [{ cpu: 0, time: 1n, event: KVM_ENTRY, pid: 9, values: {} }],
  }),
);

describe('a recording that is not read here', () => {
  it('is printed by its program, which gets the path of the file', async () => {
    install(
      'trace-cmd',
      `[ "$*" = "report -t -i ${GUEST}" ] && echo ' vmm-108 [000] 1.000000001: kvm_entry: PC: 0x0000000040000000'`,
    );
    const { code, stdout } = await run(['import', 'ftrace', GUEST, '--model', 'v7.1', '--mode', 'vhe']);
    assert.equal(code, 0);
    assert.match(stdout, /"event":"guest_enter","ts":1000000001/);
  });

  it('where the program fails, or is not installed, is an error that says so', async () => {
    install('trace-cmd', 'exit 3');
    const failing = await run(['replay', GUEST]);
    assert.equal(failing.code, 2);
    assert.match(failing.stderr, /a guest's recording, whose times are those of its host/);
    process.env.PATH = folder;
    const missing = await run(['replay', GUEST]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /expected times of the machine's own clock \(trace\.dat\)/);
  });
});
