import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Btf, isBtfError, readBtf } from '../../lib/btf/blob.ts';
import { PROBES, TRACEPOINTS } from '../../lib/import/payload/probes.ts';
import { cksum } from '../../lib/tools/probes/cksum.ts';
import { isRefusal, type ProbesOptions, probes } from '../../lib/tools/probes/probes.ts';
import { array, int, member, pointer, struct, writeBtf } from '../btf/btf-writer.ts';
import { type FakeKernel, runFake } from '../support/fake-kernel.ts';
import { skipUnless } from '../support/skip.ts';

/** The members that the script asks for, where 6.12.107 has them. */
const LIKE_6_12 = writeBtf([
  int('int', 4),
  int('u8', 1),
  int('u64', 8),
  pointer(5),
  struct('user_fpsimd_state', 528),
  struct('kvm_cpu_context', 3104, member('fp_regs', 5, 304)),
  struct('kvm_vcpu_arch', 5808, member('ctxt', 6, 0), member('cflags', 2, 3184), member('iflags', 2, 3185)),
  struct('kvm_vcpu', 7056, member('kvm', 4, 0), member('cpu', 1, 32), member('vcpu_id', 1, 36), member('arch', 7, 256)),
  struct('kvm_host_data', 3664, member('fp_owner', 1, 3120)),
  struct('cpu_fp_state', 64, member('st', 4, 0)),
  array(3, 8),
  struct('vl_info', 160, member('max_vl', 1, 20), member('vq_map', 11, 32)),
]);

function open(bytes: Uint8Array): Btf {
  const btf = readBtf(bytes);
  if (isBtfError(btf)) throw new Error(btf.expected);
  return btf;
}

function written(options: ProbesOptions): string {
  const result = probes(options);
  if (isRefusal(result)) throw new Error(result.refused.join('; '));
  return result.script;
}

const FUNCTIONS = Object.fromEntries(
  [...PROBES.map((probe) => probe.function), 'do_filp_open'].map((name, n) => [
    name,
    `ffff8000800100${(16 + n).toString(16)}`,
  ]),
);
/** Two CPUs; their data lie past 2^63 and the sums carry and wrap. */
const KERNEL: FakeKernel = {
  symbols: {
    ...FUNCTIONS,
    __per_cpu_offset: 'ffff800081fffff8',
    kvm_host_data: 'ffff8000821234f0',
    fpsimd_last_state: 'ffff800082120000',
    kvm_protected_mode_initialized: 'ffff800082200000',
    __kvm_nvhe_kvm_arm_hyp_percpu_base: 'ffff800082300000',
    __kvm_nvhe_kvm_host_data: 'ffff800082405080',
    __kvm_nvhe___per_cpu_start: 'ffff800082400000',
    vl_info: 'ffff800082500000',
    core_num_brps: 'ffff800082600000',
    core_num_wrps: 'ffff800082600004',
  },
  memory: {
    ffff800081fffff8: '0x7fff7e000000',
    ffff800082000000: '0xffff80007e010000',
    ffff800082200000: '0',
    ffff800082300000: '0xffff000001000000',
    ffff800082300008: '0xffff000001010000',
    ffff800082500014: '64',
    ffff8000825000b4: '16',
    ffff800082600000: '6',
    ffff800082600004: '4',
  },
};
const VHE: FakeKernel = {
  ...KERNEL,
  memory: { ...KERNEL.memory, ffff800082300000: '0x0', ffff800082300008: '0x0' },
};

const withoutSymbols = (kernel: FakeKernel, ...names: string[]): FakeKernel => ({
  ...kernel,
  symbols: Object.fromEntries(Object.entries(kernel.symbols).filter(([name]) => !names.includes(name))),
});

const definitions = (run: { written: readonly string[] }) => run.written.filter((line) => /^[pr]:fp\//.test(line));
const definition = (run: { written: readonly string[] }, event: string) =>
  definitions(run)
    .find((line) => line.includes(`:fp/${event} `))
    ?.replace(/ +/g, ' ');
const header = (output: string) =>
  Object.fromEntries(
    [...output.matchAll(/^# worldswitch-capture: ([\w.]+)=(.*)$/gm)].map((match) => [match[1], match[2]]),
  );

const VCPU = 'kvm=+0(%x0):x64 vcpu=+36(%x0):s32 vptr=%x0:x64 on=+32(%x0):s32 ifl=+3441(%x0):x8 cfl=+3440(%x0):x8';

test('the probes are those that captures are taken with: name, function, fields', () => {
  const listed = PROBES.map(({ event, function: name, fields }) => [event, name, ...fields].join(' '));
  assert.deepEqual(listed, [
    'vcpu_load kvm_arch_vcpu_load vcpu cpu owners lasts',
    'vcpu_put kvm_arch_vcpu_put vcpu owners lasts',
    'load_fp kvm_arch_vcpu_load_fp vcpu owners lasts',
    'load_fp_ret kvm_arch_vcpu_load_fp owners lasts',
    'flush_fp kvm_arch_vcpu_ctxflush_fp vcpu owners lasts',
    'flush_fp_ret kvm_arch_vcpu_ctxflush_fp owners lasts',
    'sync_fp kvm_arch_vcpu_ctxsync_fp vcpu owners lasts',
    'sync_fp_ret kvm_arch_vcpu_ctxsync_fp owners lasts',
    'put_fp kvm_arch_vcpu_put_fp vcpu owners lasts',
    'put_fp_ret kvm_arch_vcpu_put_fp owners lasts',
    'map_fp kvm_arch_vcpu_run_map_fp vcpu',
    'save_flush fpsimd_save_and_flush_cpu_state owners lasts',
    'neon_begin kernel_neon_begin owners lasts bound',
    'neon_end kernel_neon_end owners lasts',
    'thread_switch fpsimd_thread_switch next owners lasts transfers bound',
    'restore_current fpsimd_restore_current_state owners lasts bound',
    'restore_current_ret fpsimd_restore_current_state owners lasts transfers',
    'set_debug kvm_arch_vcpu_ioctl_set_guest_debug vcpu',
    'oslar kvm_debug_handle_oslar vcpu value',
    'user_save fpsimd_save_user_state lasts transfers',
    'fpsimd_save fpsimd_save lasts transfers',
    'user_load task_fpsimd_load lasts',
    'update_current_ret fpsimd_update_current_state lasts transfers',
    'flush_task fpsimd_flush_task_state next caller',
    'notify_resume do_notify_resume flags',
    'sve_acc do_sve_acc lasts',
    'sve_acc_ret do_sve_acc lasts',
    'sme_acc do_sme_acc lasts',
    'sme_acc_ret do_sme_acc lasts',
    'cpu_pm fpsimd_cpu_pm_notifier cmd owners lasts',
  ]);
});

/** The same with what says as what registers were saved: since v6.2, or up to v6.1. */
function withTransfers(hasType: boolean): Uint8Array {
  return writeBtf([
    int('int', 4),
    int('u64', 8),
    pointer(2),
    struct('user_fpsimd_state', 528),
    struct('kvm_vcpu', 7056, member('kvm', 3, 0), member('cpu', 1, 32), member('vcpu_id', 1, 36)),
    struct(
      'cpu_fp_state',
      64,
      member('st', 3, 0),
      member('svcr', 3, 24),
      ...(hasType ? [member('fp_type', 3, 48)] : []),
    ),
    struct('thread_info', 16, member('flags', 2, 8)),
    struct('uw', 1056, member('fpsimd_state', 4, 32)),
    struct('thread_struct', 2048, member('uw', 8, 16), member('fpsimd_cpu', 1, 1200)),
    struct('task_struct', 4096, member('thread_info', 7, 0), member('thread', 9, 1024)),
    struct('cpuinfo_arm64', 512, member('reg_id_aa64pfr0', 2, 96), member('reg_id_aa64dfr0', 2, 104)),
  ]);
}

test('as what registers were saved is read by what fpsimd_last_state points at, and ID registers of the first CPU', () => {
  const kernel = {
    ...KERNEL,
    symbols: { ...KERNEL.symbols, cpu_data: 'ffff800082700000', kvm_arm_pmu_available: 'ffff800082800000' },
    memory: {
      ...KERNEL.memory,
      ffff800082800000: '1',
      // Where the first CPU has them.
      '0000000000700060': '0x1100',
      '0000000000700068': '0x600',
    },
    files: { 'proc/cpuinfo': 'Features\t: fp asimd sve sme\n' },
  };
  const saved = (hasType: boolean) => {
    const btf = open(withTransfers(hasType));
    return runFake(written({ btf, cpus: 1 }), { ...kernel, btf: btf.bytes });
  };
  const last = 'l0=@0x0000000000120000:x64';
  const svcr = 's0=+0(@0x0000000000120018):x32';
  const typed = saved(true);
  assert.equal(
    definition(typed, 'user_save'),
    `r:fp/user_save fpsimd_save_user_state ${last} t0=+0(@0x0000000000120030):u32 ${svcr}`,
  );
  assert.match(definition(typed, 'thread_switch') ?? '', / c0=\+1152\(@0x0000000000120000\):u32$/);
  assert.equal(definition(typed, 'flush_task'), 'p:fp/flush_task fpsimd_flush_task_state next=%x0:x64 by=%lr:symbol');
  assert.equal(definition(typed, 'notify_resume'), undefined);
  const { id_aa64pfr0, id_aa64dfr0, pmu } = header(typed.output);
  assert.deepEqual([id_aa64pfr0, id_aa64dfr0, pmu], ['0x1100', '0x600', '1']);
  const flagged = saved(false);
  assert.equal(
    definition(flagged, 'fpsimd_save'),
    `r:fp/fpsimd_save fpsimd_save ${last} f0=-1064(@0x0000000000120000):x32 ${svcr}`,
  );
  // Without symbols of data, TIF_SVE is found where do_notify_resume() is called with it.
  const btf = open(withTransfers(false));
  const blind = runFake(written({ btf }), { ...withoutSymbols(kernel, 'fpsimd_last_state'), btf: btf.bytes });
  assert.equal(definition(blind, 'notify_resume'), 'p:fp/notify_resume do_notify_resume tif=%x1:x32');
});

test('nVHE: fp_owner is read at the address of the instance of the hypervisor', () => {
  const btf = open(LIKE_6_12);
  const run = runFake(
    written({ btf }),
    { ...KERNEL, btf: btf.bytes },
    'echo " vmm-1 [000] d.. 1.0: vcpu_load: (x) kvm=0x1" >>"$TRACE"; exit 7',
  );
  assert.equal(run.status, 7, run.stderr);
  const owners = 'o0=@0xffff000001005cb0:u32 o1=@0xffff000001015cb0:u32';
  const lasts = 'l0=@0x0000000000120000:x64 l1=@0xffff000100130000:x64';
  assert.equal(
    definition(run, 'vcpu_load'),
    `p:fp/vcpu_load kvm_arch_vcpu_load ${VCPU} cpu=%x1:s32 ${owners} ${lasts}`,
  );
  assert.equal(definition(run, 'load_fp_ret'), `r:fp/load_fp_ret kvm_arch_vcpu_load_fp ${owners} ${lasts}`);
  assert.equal(definition(run, 'set_debug'), `p:fp/set_debug kvm_arch_vcpu_ioctl_set_guest_debug ${VCPU}`);
  assert.equal(
    definition(run, 'thread_switch'),
    `p:fp/thread_switch fpsimd_thread_switch next=%x0:x64 ${owners} ${lasts}`,
  );
  const always = PROBES.filter(({ unless }) => unless === undefined);
  assert.equal(definitions(run).length, always.length);
  assert.deepEqual(header(run.output), {
    format: '1',
    release: '6.12.0-fake',
    machine: 'aarch64',
    mode: 'nvhe',
    cpus: '2',
    cpus_read: '0,1',
    clock: 'local',
    owners: 'hyp',
    btf: 'verified',
    vcpu_fp_regs_offset: '560',
    brps: '6',
    wrps: '4',
    sve_vl: '64',
    sve_default_vl: '64',
    nested: '0',
    probes: always.map(({ event }) => event).join(),
    probes_missing: '',
    tracepoints: 'kvm_entry',
    tracepoints_missing: TRACEPOINTS.map((name) => name.split('/')[1])
      .filter((name) => name !== 'kvm_entry')
      .join(),
    version: '6.12.0-fake',
    'entries.0': '5',
    'entries.1': '6',
    'overrun.1': '14',
    'missed.vcpu_load': '2',
    source: 'worldswitch probes',
  });
  assert.match(run.output, /vcpu_load: \(x\) kvm=0x1/);
  assert.doesNotMatch(run.output, /ask:/);
  // Everything that was set is removed again.
  const set = run.written.filter((line) => /^[pr]:/.test(line)).map((line) => line.split(/[: ]/)[1]);
  const removed = run.written.filter((line) => line.startsWith('-:')).map((line) => line.slice(2));
  for (const event of set) assert.ok(removed.includes(event as string), event);
  assert.equal(run.instanceLeft, false);
});

test('VHE, and both instances', () => {
  const btf = open(LIKE_6_12);
  const owners = 'o0=@0x0000000000124120:u32 o1=@0xffff000100134120:u32';
  const vhe = runFake(written({ btf, mode: 'vhe', bothInstances: true }), VHE);
  assert.equal(header(vhe.output).mode, 'vhe');
  assert.ok(definition(vhe, 'flush_fp')?.includes(` ${owners} l0=`), definition(vhe, 'flush_fp'));
  const both = runFake(written({ btf, bothInstances: true }), KERNEL, ':', { shell: 'bash' });
  assert.deepEqual(definition(both, 'save_flush')?.match(/[ok]\d=@0x\w+/g), [
    'o0=@0xffff000001005cb0',
    'k0=@0x0000000000124120',
    'o1=@0xffff000001015cb0',
    'k1=@0xffff000100134120',
  ]);
});

test('pKVM: no address of the hypervisor is read, not even to find out where its data are', () => {
  const btf = open(LIKE_6_12);
  const hypervisor = /^ffff8000823|^ffff8000824|^ffff000001/;
  for (const kernel of [
    { ...KERNEL, memory: { ...KERNEL.memory, ffff800082200000: '1' } },
    { ...KERNEL, cmdline: 'kvm-arm.mode=protected' },
    { ...withoutSymbols(KERNEL, 'kvm_protected_mode_initialized') },
  ]) {
    for (const mode of [undefined, 'nvhe'] as const) {
      const run = runFake(written({ btf, ...(mode ? { mode } : {}) }), kernel);
      assert.equal(run.status, 0, run.stderr);
      const addresses = [...run.accesses, ...run.written.flatMap((line) => line.match(/(?<=@0x)\w+/g) ?? [])];
      assert.ok(addresses.length > 0);
      for (const address of addresses) assert.doesNotMatch(address, hypervisor);
      if (kernel.symbols.kvm_protected_mode_initialized) {
        assert.equal(header(run.output).mode, 'pkvm');
        assert.equal(header(run.output).owners, 'kernel');
        assert.match(run.stderr, /would panic the host/);
      }
    }
  }
});

test('a kernel with less: functions, symbols, BTF', () => {
  const old = withoutSymbols(KERNEL, 'fpsimd_last_state', 'kvm_arch_vcpu_run_map_fp', '__kvm_nvhe___per_cpu_start');
  const btf = open(LIKE_6_12);
  const run = runFake(written({ btf }), old);
  assert.equal(run.status, 0, run.stderr);
  assert.equal(header(run.output).probes_missing, 'map_fp');
  assert.equal(header(run.output).owners, 'none');
  assert.equal(header(run.output).btf, 'unverified');
  assert.equal(definition(run, 'vcpu_put')?.trim(), `p:fp/vcpu_put kvm_arch_vcpu_put ${VCPU}`);
  const bare = runFake(written({}), KERNEL);
  assert.equal(bare.status, 0, bare.stderr);
  assert.match(definition(bare, 'vcpu_load') ?? '', /kvm_arch_vcpu_load vptr=%x0:x64 cpu=%x1:s32 l0=@0x\w{16}:x64 l1=/);
  assert.equal(header(bare.output).btf, 'none');
});

test('CPUs: a list with holes, --cpus, and the limit of a kprobe', () => {
  const btf = open(LIKE_6_12);
  const memory = { ...KERNEL.memory };
  for (let cpu = 0; cpu < 100; cpu++) {
    memory[(0xffff800081fffff8n + 8n * BigInt(cpu)).toString(16)] = '0x7fff7e000000';
    memory[(0xffff800082300000n + 8n * BigInt(cpu)).toString(16)] = '0xffff000001000000';
  }
  const holes = runFake(written({ btf, cpus: 5 }), { ...KERNEL, memory, online: '0,2-3,7' });
  assert.equal(header(holes.output).cpus_read, '0,2,3');
  assert.equal(header(holes.output).cpus, '4');
  const many = runFake(written({ btf }), { ...KERNEL, memory, online: '0-99' });
  assert.equal(header(many.output).cpus, '100');
  assert.match(many.stderr, /60 of 100 CPUs/);
  for (const line of many.written) {
    assert.ok(line.length < 4096, `${line.length}`);
    assert.ok((line.match(/=/g) ?? []).length <= 128);
    for (const argument of line.split(' ').slice(2)) assert.ok(argument.length <= 63 + 4, argument);
  }
});

test('a signal ends the capture, which is written, and what was set up is removed', () => {
  const script = written({ btf: open(LIKE_6_12) });
  const cleaned = (run: ReturnType<typeof runFake>) => {
    assert.equal(run.instanceLeft, false);
    assert.equal(run.written.filter((line) => line.startsWith('-:fp/')).length, definitions(run).length);
    assert.ok(definitions(run).length >= PROBES.length - 1);
    assert.match(run.output, /^# worldswitch-capture: format=1\n/);
  };
  const ended = runFake(script, KERNEL, 'kill -TERM $PPID');
  assert.equal(ended.status, 143, ended.stderr);
  cleaned(ended);
  const entered = runFake(script, KERNEL, null);
  assert.equal(entered.status, 0, entered.stderr);
  assert.match(entered.stderr, /press Enter/);
  cleaned(entered);
});

test('the trace of the hypervisor is taken along where the kernel has it, by the same clock, and left as it was', () => {
  const script = written({ btf: open(LIKE_6_12) });
  const remote = `"\${TRACE%/instances*}/remotes/hypervisor"`;
  const line = '[000]    12.345690: hyp_exit reason=eret_guest vcpu=91';
  const run = runFake(
    script,
    { ...KERNEL, hypervisor: '0' },
    `cat ${remote}/events/enable >&2; echo '${line}' >>${remote}/trace`,
  );
  assert.equal(run.hypervisor.output, `# worldswitch-capture: clock=boot\n${line}\n`);
  assert.match(run.stderr, /^1$/m);
  assert.match(run.output, /^# worldswitch-capture: clock=boot$/m);
  assert.match(run.stderr, /out\.hypervisor\.ftrace: to be replayed together with/);
  assert.deepEqual([run.hypervisor.on, run.hypervisor.events], ['0', '0']);

  const taken = runFake(script, { ...KERNEL, hypervisor: '1' });
  assert.match(taken.stderr, /taken by somebody else already/);
  assert.deepEqual([taken.hypervisor.output, taken.hypervisor.on], ['', '1']);
  assert.match(taken.output, /^# worldswitch-capture: clock=local$/m);

  const none = runFake(script, KERNEL);
  assert.equal(none.hypervisor.output, '');
});

test('what a killed capture left is neither used nor removed unasked', () => {
  const script = written({ btf: open(LIKE_6_12) });
  const left = {
    ...KERNEL,
    kprobeEvents: 'p:fp/vcpu_load kvm_arch_vcpu_load\np:mine/own do_exit\n',
    instanceExists: true,
  };
  for (const kernel of [left, { ...left, instanceExists: false }, { ...left, kprobeEvents: '' }]) {
    const run = runFake(script, kernel);
    assert.equal(run.status, 1);
    assert.match(run.stderr, /another capture.*--remove/);
    assert.equal(run.instanceLeft, kernel.instanceExists);
    assert.doesNotMatch(run.written.join(), /-:/);
  }
  const removed = runFake(script, left, null, { options: ['--remove'] });
  assert.equal(removed.status, 0, removed.stderr);
  assert.equal(removed.instanceLeft, false);
  assert.deepEqual(removed.written.slice(2), ['-:fp/vcpu_load']);
});

test('the script refuses, in words', () => {
  const btf = open(LIKE_6_12);
  const script = written({ btf });
  const zeros = Object.fromEntries(Object.keys(KERNEL.symbols).map((name) => [name, '0000000000000000']));
  const cases: readonly [FakeKernel, RegExp, string?][] = [
    [{ ...KERNEL, user: '1000' }, /root/],
    [{ ...KERNEL, machine: 'x86_64' }, /x86_64/],
    [{ ...KERNEL, symbols: zeros }, /kptr_restrict=0/],
    [{ ...KERNEL, symbols: {} }, /no KVM/],
    [{ ...KERNEL, btf: Buffer.from('another') }, /another kernel/],
    [KERNEL, /written for vhe mode, but this host runs in nvhe/, written({ btf, mode: 'vhe' })],
    [VHE, /written for nvhe mode, but this host runs in vhe/, written({ btf, mode: 'nvhe' })],
  ];
  for (const [kernel, words, other] of cases) {
    const run = runFake(other ?? script, kernel);
    assert.equal(run.status, 1, String(words));
    assert.match(run.stderr, words);
    assert.equal(definitions(run).length, 0);
    assert.equal(run.instanceLeft, false);
  }
});

test('hVHE is told from nVHE by what the kernel said at boot', () => {
  const btf = open(LIKE_6_12);
  const run = runFake(written({ btf }), { ...KERNEL, dmesg: 'kvm [1]: Hyp hVHE mode initialized successfully' });
  assert.equal(header(run.output).mode, 'hvhe');
});

/** Applets that a BusyBox has to have. */
const NEEDED = ['cat', 'grep', 'head', 'id', 'mkdir', 'rm', 'rmdir', 'sed', 'sleep', 'tr'];

test('a BusyBox with the applets that are needed is enough; what is missing is named', () => {
  const btf = open(LIKE_6_12);
  const script = written({ btf });
  const facts = { 'proc/sys/kernel/osrelease': '6.12.107\n', 'proc/sys/kernel/version': '#1 SMP Debian 6.12.107-1\n' };
  const kernel = { ...KERNEL, btf: btf.bytes, files: facts };
  const run = runFake(script, kernel, ':', { commands: [...NEEDED, 'sh'] });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stderr, /no cksum on this host/);
  const { release, version, btf: state } = header(run.output);
  assert.deepEqual([release, version, state], ['6.12.107', '#1 SMP Debian 6.12.107-1', 'unverified']);
  for (const name of NEEDED) {
    const without = runFake(script, kernel, ':', { commands: ['sh', ...NEEDED.filter((other) => other !== name)] });
    assert.equal(without.status, 1);
    assert.match(without.stderr, new RegExp(`not on this host: ${name}\\. `));
  }
  const another = { ...kernel, btf: Buffer.from('another') };
  assert.match(runFake(script, another, ':', { commands: [...NEEDED, 'sh', 'wc'] }).stderr, /another kernel/);
});

test('lockdown for confidentiality is said in words', () => {
  const locked = { ...KERNEL, files: { 'sys/kernel/security/lockdown': 'none integrity [confidentiality]\n' } };
  assert.match(runFake(written({}), locked).stderr, /locked down for confidentiality/);
  const open = { ...KERNEL, files: { 'sys/kernel/security/lockdown': 'none [integrity] confidentiality\n' } };
  assert.equal(runFake(written({}), open).status, 0);
});

test('without symbols of data, the exception level of the kernel tells the mode', () => {
  const bare = withoutSymbols(KERNEL, '__kvm_nvhe_kvm_arm_hyp_percpu_base', 'kvm_protected_mode_initialized');
  const modeOf = (pstate: string, more: Partial<FakeKernel> = {}) =>
    header(runFake(written({}), { ...bare, pstate, ...more }).output).mode;
  assert.equal(modeOf('0x60400009'), 'vhe');
  assert.equal(modeOf('0x60400005'), 'nvhe');
  assert.equal(modeOf('0x60400005', { dmesg: 'kvm [1]: Hyp hVHE mode initialized successfully' }), 'hvhe');
  assert.equal(modeOf('0x60400005', { dmesg: 'kvm [1]: Protected nVHE mode initialized successfully' }), 'pkvm');
  assert.equal(modeOf(''), undefined);
});

test('a signal ends the workload as well, and what that has started', () => {
  const run = runFake(
    written({}),
    KERNEL,
    'sh -c "sleep 300; :" & echo "pid $!" >>"$TRACE"; sleep 300 & echo "pid $!" >>"$TRACE"; kill -TERM $PPID; wait',
  );
  assert.equal(run.status, 143, run.stderr);
  const started = [...run.output.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
  assert.equal(started.length, 2);
  for (const pid of started) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('after kill -9 a retry removes what was left behind, unless the capture still runs', () => {
  const left = { ...KERNEL, kprobeEvents: 'p:fp/vcpu_load kvm_arch_vcpu_load\n', instanceExists: true };
  const ownedBy = (pid: number): FakeKernel => ({ ...left, files: { 'run/worldswitch-capture.pid': `${pid}\n` } });
  // Beyond PID_MAX_LIMIT.
  const retried = runFake(written({}), ownedBy(99_999_999));
  assert.equal(retried.status, 0, retried.stderr);
  assert.match(retried.stderr, /the last capture was killed/);
  assert.equal(retried.instanceLeft, false);
  const running = runFake(written({}), ownedBy(process.pid));
  assert.equal(running.status, 1);
  assert.match(running.stderr, /another capture is running/);
});

test('functions that must not be probed are refused, with the reason', () => {
  const cases: readonly [string, RegExp][] = [
    ['__kvm_nvhe_handle___kvm_vcpu_run', /hypervisor text/],
    ['__kvm_hyp_vector', /hypervisor text/],
    ['kvm_hyp_handle_fpsimd', /guest vectors/],
    ['__activate_traps', /guest vectors/],
    ['___deactivate_traps', /guest vectors/],
    ['__kvm_vcpu_run_vhe', /guest vectors/],
    ['sysreg_save_host_state_vhe', /guest vectors/],
    ['kvm_arm_vcpu_enter_exit', /noinstr/],
    ["x'; reboot; '", /not the name/],
    ['$(reboot)', /not the name/],
    ['vcpu_load', /already/],
  ];
  for (const [name, why] of cases) {
    const result = probes({ functions: ['kvm_vcpu_load_debug', name] });
    assert.ok(isRefusal(result), name);
    assert.equal(result.refused.length, 1);
    assert.match(result.refused[0] as string, why);
  }
  for (const probe of PROBES) assert.ok(!isRefusal(probes({ functions: [`${probe.function}_x`] })));
  assert.ok(isRefusal(probes({ mode: 'pkvm', bothInstances: true })));
  assert.ok(isRefusal(probes({ cpus: 0 })));
  assert.ok(isRefusal(probes({ btf: open(writeBtf([int('int', 4)])) })));
  const extra = runFake(written({ functions: ['kvm_vcpu_load_debug'] }), {
    ...KERNEL,
    symbols: { ...KERNEL.symbols, kvm_vcpu_load_debug: 'ffff800080020000' },
  });
  assert.match(definition(extra, 'kvm_vcpu_load_debug') ?? '', /^p:fp\/kvm_vcpu_load_debug kvm_vcpu_load_debug l0=/);
});

test('the script is POSIX sh, and shellcheck has nothing to say', () => {
  const scripts = [
    written({}),
    written({ btf: open(LIKE_6_12), mode: 'nvhe', bothInstances: true, functions: ['a.b'] }),
  ];
  for (const input of scripts) {
    assert.equal(spawnSync('sh', ['-n'], { input }).status, 0);
    const checked = spawnSync('shellcheck', ['--norc', '-s', 'sh', '-'], { input, encoding: 'utf8' });
    if (checked.error === undefined) assert.equal(checked.stdout, '');
  }
});

test('cksum is that of POSIX', () => {
  // From the coreutils manual and by hand: the empty file, and one of 9 bytes.
  assert.equal(cksum(new Uint8Array()), '4294967295 0');
  assert.equal(cksum(Buffer.from('123456789')), '930766865 9');
});

const SHARED = '../shared/captures';

/** Events of a raw capture: function, and names of the fields in order, hexadecimal ones marked. */
function captured(name: string): Map<string, string> {
  const text = gunzipSync(readFileSync(`${SHARED}/raw/${name}`)).toString();
  const events = new Map<string, string>();
  for (const match of text.matchAll(/: (\w+): \((?:.* <- )?(\w+)(?:\+0x0\/0x\w+)?\)(.*)$/gm)) {
    const fields = [...(match[3] as string).matchAll(/(\w+)=(0x)?/g)].map(
      (field) => `${field[1]}${field[2] ? ':x' : ''}`,
    );
    events.set(match[1] as string, [match[2], ...fields].join(' '));
  }
  return events;
}

/** What the script sets on a kernel with the BTF and the symbols of that of a capture. */
function captureAgain(version: string, mode: string | undefined, bothInstances: boolean) {
  const btf = open(readFileSync(`${SHARED}/btf/linux-${version}.btf.gz`));
  const kernel = mode === 'vhe' ? VHE : KERNEL;
  return runFake(written({ btf, bothInstances }), {
    ...(version === '6.1' ? withoutSymbols(kernel, 'fpsimd_last_state') : kernel),
    cmdline: mode === 'pkvm' ? 'kvm-arm.mode=protected' : '',
  });
}

test('the definitions are those that the captures were taken with', {
  skip: skipUnless(existsSync(`${SHARED}/raw`), 'no captures beside the project'),
}, () => {
  const runs = new Map<string, ReturnType<typeof runFake>>();
  for (const name of readdirSync(`${SHARED}/raw`)) {
    const version = (/^[\d.]+/.exec(name) ?? [''])[0];
    const mode = /-(vhe|[nh]vhe|pkvm)\./.exec(name)?.[1];
    const bothInstances = name.includes('seed-v1');
    const key = [version, mode, bothInstances].join();
    const run = runs.get(key) ?? captureAgain(version, mode, bothInstances);
    runs.set(key, run);
    const events = captured(name);
    assert.ok(events.size >= 15, name);
    for (const [event, expected] of events) {
      const [, target, ...fields] = (definition(run, event) ?? '').trim().split(' ');
      const got = [
        target,
        ...fields.map((field) => field.replace(/=.*:/, ':').replace(/:(x)?.*/, (_, x) => (x ? ':x' : ''))),
      ];
      // Captures that are at hand were taken without them.
      const old = got.filter((field) => field !== 'dbg' && !/^[tscf]\d/.test(field ?? ''));
      assert.equal(old.join(' '), expected, `${name} ${event}`);
    }
  }
});
