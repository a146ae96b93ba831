/** What a trace says of itself, and what has to be said for it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeAccount } from '../../lib/import/account.ts';
import { detectFormat } from '../../lib/import/columns/rendering.ts';
import { debugSchemeOf } from '../../lib/import/payload/capture-header.ts';
import { importText, only } from '../support/captures.ts';

const VCPU = 'kvm=0xffff000002fd8000 vcpu=0 vptr=0xffff000002f8cba0 on=-1 ifl=0x10 cfl=0x3';
const line = (name: string, payload: string, time = '1.000001') =>
  `             vmm-108     [000] d.... ${time.padStart(12)}: ${name}: ${payload}`;
const LOAD = line('vcpu_load', `(kvm_arch_vcpu_load+0x0/0x1dc) ${VCPU} cpu=0`);

describe('the header of a capture', () => {
  it('becomes the meta line; options win over it', () => {
    const header = [
      'release=6.12.107',
      'model=v6.12-stable',
      'mode=nvhe',
      'cpus=8',
      'sve_vl=32',
      'sme_vl=64',
      'color=blue',
    ];
    const text = `${header.map((entry) => `# worldswitch-capture: ${entry}`).join('\n')}\n${LOAD}\n`;
    assert.deepEqual(importText(text).events[0], {
      event: 'meta',
      format: 1,
      model: 'v6.12-stable',
      mode: 'nvhe',
      cpus: 8,
      sve_vl: 32,
      sme_vl: 64,
      records: ['vcpu_load', 'sched_in'],
      source: 'Linux 6.12.107',
    });
    const { model, mode, sve_vl } = importText(text, { model: 'v6.10', mode: 'vhe', sveVl: 64 }).events[0] ?? {};
    assert.deepEqual([model, mode, sve_vl], ['v6.10', 'vhe', 64]);
  });

  it('perf script --header names the kernel and its CPUs; what the script wrote counts more', () => {
    const perf = '# hostname : host\n# os release : 7.1.2\n# arch : aarch64\n# nrcpus online : 6\n# nrcpus avail : 8\n';
    const { model, cpus, source } = importText(`${perf}${LOAD}\n`).events[0] ?? {};
    assert.deepEqual([model, cpus, source], ['v7.1', 6, 'Linux 7.1.2']);
    const own = '# worldswitch-capture: release=7.2.1\n';
    assert.equal(importText(`${own}${perf}${LOAD}\n`).events[0]?.model, 'v7.2');
  });

  it("the kernel's own gives the CPUs, and what was overwritten", () => {
    const { events } = importText(`# tracer: nop\n# entries-in-buffer/entries-written: 1/41   #P:4\n${LOAD}\n`);
    assert.equal(events[0]?.cpus, 4);
    assert.deepEqual(
      only(events, 'lost').map(({ count, cpu }) => [count, cpu]),
      [[40, undefined]],
    );
  });

  it('probes that missed and buffers that ran over are lost events, wherever the lines stand', () => {
    const text = `${LOAD}\n# worldswitch-capture: missed.sync_fp=3\n# worldswitch-capture: overrun.1=5\n# worldswitch-capture: missed.put_fp=0\n`;
    assert.deepEqual(
      only(importText(text).events, 'lost').map(({ count, cpu }) => [count, cpu]),
      [
        [3, undefined],
        [5, 1],
      ],
    );
  });

  it('values that are none are left alone', () => {
    const text = `# worldswitch-capture: sve_vl=17\n# worldswitch-capture: cpus=0\n# worldswitch-capture: entries.9999=1\n${LOAD}\n`;
    const records = ['vcpu_load', 'sched_in'];
    assert.deepEqual(importText(text).events[0], { event: 'meta', format: 1, records, source: 'ftrace' });
  });

  it('a vector length that nobody gives is left out, and said', () => {
    const { events, account } = importText(LOAD);
    assert.deepEqual(only(events, 'vcpu_create'), [
      { event: 'vcpu_create', ts: 1_000_001_000, vm: 0, vcpu: 0, sve: true },
    ]);
    assert.ok(describeAccount(account).some((text) => text.includes('vector length')));
  });
});

describe('what depends on the kernel', () => {
  it('how the debug registers are kept: by release, else by model', () => {
    assert.equal(debugSchemeOf('6.13.12-arm64', undefined), 'dirty');
    assert.equal(debugSchemeOf('6.14.0', 'v6.1-stable'), 'owner');
    assert.equal(debugSchemeOf(undefined, 'v6.12-stable'), 'dirty');
    assert.equal(debugSchemeOf(undefined, 'v7.1'), 'owner');
    assert.equal(debugSchemeOf(undefined, 'seed-v1'), 'dirty');
    assert.equal(debugSchemeOf('next', 'mine'), undefined);
  });

  it('DEBUG_DIRTY is reported up to v6.13 only: later the bit is another flag', () => {
    const text = [LOAD, line('vcpu_put', `(kvm_arch_vcpu_put+0x0/0x80) ${VCPU}`, '1.000002')].join('\n');
    const dirty = (model: string) => importText(text, { model }).events.some((event) => event.debug_dirty === true);
    assert.equal(dirty('v6.12'), true);
    assert.equal(dirty('v7.1'), false);
  });

  it('a trapped read of a debug register counts since v6.14, a write always, the OS lock never', () => {
    const access = (what: string) => [LOAD, line('kvm_sys_access', `PC: 400000c4 ${what}`, '1.000002')].join('\n');
    const touched = (what: string, model: string) =>
      only(importText(access(what), { model }).events, 'debug_dirty').length;
    assert.equal(touched('SYS_MDSCR_EL1 (2,0,0,2,2) write', 'v6.12'), 1);
    assert.equal(touched('SYS_MDSCR_EL1 (2,0,0,2,2) read', 'v6.12'), 0);
    assert.equal(touched('SYS_MDSCR_EL1 (2,0,0,2,2) read', 'v7.1'), 1);
    assert.equal(touched('SYS_DBGWCRn_EL1(15) (2,0,0,15,7) write', 'v7.1'), 1);
    assert.equal(touched('SYS_OSLAR_EL1 (2,0,1,0,4) write', 'v7.1'), 0);
    assert.equal(touched('SYS_PMCR_EL0 (3,3,9,12,0) write', 'v7.1'), 0);
  });

  it('trap_reg tells of an access that kvm_sys_access has told of, or alone', () => {
    const trap = (time: string) => line('trap_reg', 'trap_bvr write to reg 0 (0x0000000000000001)', time);
    const both = [LOAD, line('kvm_sys_access', 'PC: 0 DBGBVR (2,0,0,0,4) write', '1.000002'), trap('1.000003')];
    assert.equal(only(importText(both.join('\n')).events, 'debug_dirty').length, 1);
    assert.equal(only(importText([LOAD, trap('1.000003')].join('\n')).events, 'debug_dirty').length, 1);
  });

  it('guest debug: the request with its vCPU, or what the next entry shows of one made before', () => {
    const request = [
      line('set_debug', `(kvm_arch_vcpu_ioctl_set_guest_debug+0x0/0xc0) ${VCPU}`),
      line('kvm_set_guest_debug', 'vcpu: 000000000166625f, flags: 0x00020003', '1.000002'),
      line('kvm_set_guest_debug', 'vcpu: 000000000166625f, flags: 0x00020000', '1.000003'),
      line('kvm_set_guest_debug', 'vcpu: 00000000deadbeef, flags: 0x00020000', '1.000004').replace('-108', '-109'),
    ];
    const { events, account } = importText(request.join('\n'));
    assert.deepEqual(
      only(events, 'guest_debug').map(({ singlestep, use_hw }) => [singlestep, use_hw]),
      [
        [true, true],
        [undefined, undefined],
      ],
    );
    assert.equal(account.unused[0]?.what, 'kvm_set_guest_debug of a vCPU that is not known');
    const setup = [LOAD, line('kvm_arm_setup_debug', 'vcpu: 000000000166625f, flags: 0x00000003', '1.000002')];
    assert.deepEqual(only(importText(setup.join('\n')).events, 'guest_debug'), [
      { event: 'guest_debug', ts: 1_000_002_000, vm: 0, vcpu: 0, singlestep: true, inferred: true },
    ]);
  });

  it('the end of kernel-mode NEON is taken where a probe gives it', () => {
    const neon = (...names: string[]) => {
      const text = names.map((name, index) => line(name, '(f+0x0/0x1)', `1.00000${index + 1}`)).join('\n');
      return importText(text)
        .events.slice(1)
        .map(({ event, inferred }) => (inferred ? `${event}*` : event));
    };
    assert.deepEqual(neon('neon_begin', 'neon_begin'), ['neon_begin', 'neon_end*', 'neon_begin', 'neon_end*']);
    assert.deepEqual(neon('neon_begin', 'neon_end', 'neon_begin', 'neon_end'), [
      'neon_begin',
      'neon_end',
      'neon_begin',
      'neon_end',
    ]);
  });
});

describe('the account', () => {
  it('names what was not understood, with its first line, and escapes it', () => {
    const text = [
      LOAD,
      line('my_event', 'a=1', '1.000002'),
      line('my_event', 'a=2', '1.000003'),
      line('evil\x1b[2J', 'x', '1.000004'),
    ];
    const { account } = importText(text.join('\n'));
    const [mine, evil] = account.unused;
    assert.deepEqual([mine?.what, mine?.count, mine?.firstLine], ['event my_event', 2, 2]);
    assert.equal(evil?.count, 1);
    const said = describeAccount(account);
    assert.ok(said.some((entry) => entry.includes('event my_event, 2 times, first in line 2')));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the absence of control characters is what is tested
    assert.ok(said.every((entry) => !/[\x00-\x1f]/.test(entry)));
  });

  it('stays small however many different names there are', () => {
    const text = Array.from({ length: 5000 }, (_, i) =>
      line(`event_${i}`, 'x', `1.${String(i).padStart(6, '0')}`),
    ).join('\n');
    const { account } = importText(text);
    assert.ok(account.unused.length <= 201);
    assert.equal(
      account.unused.reduce((sum, { count }) => sum + count, 0),
      5000,
    );
  });
});

describe('formats by content', () => {
  it('tells traces, events and binary files apart', () => {
    const of = (text: string) => detectFormat(Buffer.from(text, 'latin1'));
    assert.equal(of('# tracer: nop\n#\n'), 'ftrace');
    assert.equal(of('# worldswitch-capture: model=v6.10\n'), 'ftrace');
    assert.equal(of(`\n[    1.000000] Booting Linux\n${LOAD}\n`), 'ftrace');
    assert.equal(of('cpus=4\n'), 'ftrace');
    assert.equal(of('             vmm   108 [000]    15.881303:   kvm:kvm_entry: PC: 0x0\n'), 'ftrace');
    assert.equal(of('CPU:1 [LOST 12 EVENTS]\r\n'), 'ftrace');
    assert.equal(of(' \n{"event":"meta","format":1}\n'), 'ndjson');
    assert.equal(of('\u00ef\u00bb\u00bf{"event":"meta"'), 'ndjson');
    assert.equal(of('\x17\x08\x44tracing6\0'), 'trace.dat');
    assert.equal(of('PERFILE2h\0'), 'perf.data');
    assert.equal(of('hello\n'), 'unknown');
    assert.equal(of(''), 'unknown');
  });
});
