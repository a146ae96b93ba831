/** Captures of KVM on other architectures are named for what they are, whichever command reads them. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { EVENT_NAMES, FUNCTIONS } from '../../lib/import/payload/event-names.ts';
import { otherMachineOf } from '../../lib/import/payload/other-machines.ts';
import { DATA } from '../support/captures.ts';
import { run } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const line = (what: string): string => `             vmm-108     [000] d..1.   100.000100: ${what}\n`;
const perf = (what: string): string => `             vmm     108 [000]   100.000100:  kvm:${what}\n`;

/** What their kernels print, and what trace-cmd's plugin makes of it. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  x86: [
    'kvm_entry: vcpu 0, rip 0xffffffff81000000 intr_info 0x0 error_code 0x0',
    'kvm_entry: vcpu 0',
    'kvm_exit: vcpu 0 reason EPT_VIOLATION rip 0xffffffff81000000 info1 0x0000000000000083 info2 0x0 intr_info 0x0',
    'kvm_exit: reason EXTERNAL_INTERRUPT rip 0xffffffff81000000 info 0 800000ec',
    'kvm_pio: pio_write at 0x3f8 size 1 count 1 val 0x41',
    'kvm_cpuid: func 0 idx 0 rax d rbx 756e6547 rcx 6c65746e rdx 49656e69, cpuid entry found',
    'kvm_page_fault: vcpu 0 rip 0x0 address 0x00000000fee000b0 error_code 0x6',
  ],
  s390: ['kvm_s390_sie_enter: 00[0000000180000000-0000000000010000]: entering sie flags 0'],
  powerpc: [
    'kvm_exit: exit=EXTERNAL | pc=0xc000 | msr=0x8000 | dar=0x0 | last_inst=0x0',
    'kvm_guest_enter: VCPU 0: pc=0x0',
  ],
  riscv: ['kvm_exit: SEPC:0x80200000, SCAUSE:0x15, STVAL:0x0, HTVAL:0x0, HTINST:0x0'],
  'MIPS or LoongArch': ['kvm_exit: [TLB miss (L)]PC: 0xffffffff80100000', 'kvm_out: PC: 0xffffffff80100000'],
};

describe('captures of other architectures', () => {
  for (const [machine, lines] of Object.entries(LINES)) {
    it(`${machine}: named at its first line that tells, exit code 2`, async () => {
      for (const [index, what] of lines.entries()) {
        for (const text of [line(what), perf(what)]) {
          const path = join(folder, 'capture');
          writeFileSync(path, `# tracer: nop\n${line('sched_wakeup: comm=a pid=1 prio=120 target_cpu=000')}${text}`);
          for (const command of [['replay'], ['import', 'ftrace'], ['identify']]) {
            const { code, stdout, stderr } = await run([...command, path]);
            assert.deepEqual([code, stdout], [2, ''], `${command.join(' ')} ${index}`);
            assert.match(
              stderr,
              new RegExp(`capture:3: error: expected a capture of KVM on arm64, found \\w+ of ${machine}`),
            );
          }
        }
      }
    });
  }

  it('nothing that arm64 prints is taken for another', () => {
    for (const name of [...Object.keys(EVENT_NAMES), ...Object.keys(FUNCTIONS)])
      assert.equal(otherMachineOf(name, ''), undefined);
    for (const text of readFileSync(new URL('lazy-vhe.ftrace', DATA), 'utf8').split('\n')) {
      const [, name = '', body = ''] = /: (\w+): (.*)$/.exec(text) ?? [];
      assert.equal(otherMachineOf(name, body), undefined);
    }
  });

  it('one whose header names its machine is refused before any line; arm64 by every name is read', async () => {
    const path = join(folder, 'headed');
    const text = line('sched_wakeup: comm=a pid=1 prio=120 target_cpu=000');
    for (const header of ['# worldswitch-capture: machine=', '# arch : ']) {
      for (const machine of ['x86_64', 'riscv64', 's390x', 'ppc64le', 'loongarch64']) {
        writeFileSync(path, `# captured on : Sunday\n${header}${machine}\n${text}`);
        const { code, stderr } = await run(['replay', path]);
        assert.equal(code, 2);
        assert.match(stderr, new RegExp(`:2: error: expected a capture of KVM on arm64, found a header of ${machine}`));
      }
      for (const machine of ['aarch64', 'arm64', 'armv8l']) {
        writeFileSync(path, `${header}${machine}\n${text}`);
        assert.doesNotMatch((await run(['replay', path])).stderr, /a header of/);
      }
    }
  });
});
