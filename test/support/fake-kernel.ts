/**
 * A fake kernel for the capture script: a directory with the files of /proc and /sys that it uses, and stand-ins for the
 * commands whose answer depends on the host. Its kprobe reads memory from a table, so that addresses are computed for real.
 */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface FakeKernel {
  /** Name to address, 16 digits. */
  readonly symbols: { readonly [name: string]: string };
  /** Address (16 digits) to the value that a kprobe prints. */
  readonly memory: { readonly [address: string]: string };
  readonly online?: string;
  readonly cmdline?: string;
  readonly btf?: Uint8Array;
  readonly dmesg?: string;
  readonly user?: string;
  readonly machine?: string;
  /** What kprobe_events lists at the start. */
  readonly kprobeEvents?: string;
  readonly instanceExists?: boolean;
  /** What tracing_on of the hypervisor's trace says at the start; undefined where the kernel has none. */
  readonly hypervisor?: '0' | '1';
  /** PSTATE that a probe finds, such as 0x60400009. */
  readonly pstate?: string;
  /** Further files, by their path. */
  readonly files?: { readonly [path: string]: string };
}

export interface RunOptions {
  readonly shell?: string;
  /** Arguments instead of `-o FILE`. */
  readonly options?: readonly string[];
  /** The only commands there are. */
  readonly commands?: readonly string[];
}

export interface FakeRun {
  readonly status: number | null;
  readonly stderr: string;
  /** Everything written to kprobe_events, in order. */
  readonly written: readonly string[];
  readonly output: string;
  /** The file beside it with the hypervisor's trace, and what tracing_on and events/enable of that say at the end. */
  readonly hypervisor: { readonly output: string; readonly on: string; readonly events: string };
  readonly instanceLeft: boolean;
  /** Addresses that the fake kprobe was asked for. */
  readonly accesses: readonly string[];
}

const COMMANDS = {
  id: 'echo "$FAKE_USER"',
  uname: 'case $1 in -m) echo "$FAKE_MACHINE" ;; *) echo 6.12.0-fake ;; esac',
  dmesg: 'echo "$FAKE_DMESG"',
  rmdir: 'rm -r "$1"',
  mkdir: `/bin/mkdir -p "$1/events/worldswitch/ask" "$1/events/fp" "$1/events/kvm/kvm_entry" "$1/per_cpu/cpu0" "$1/per_cpu/cpu1"
: >"$1/trace"
printf '[local] global boot\\n' >"$1/trace_clock"
: >"$1/events/kvm/kvm_entry/enable"
printf 'entries: 5\\noverrun: 0\\n' >"$1/per_cpu/cpu0/stats"
printf 'entries: 6\\noverrun: 1\\ncommit overrun: 9\\ndropped events: 4\\n' >"$1/per_cpu/cpu1/stats"`,
  cat: `tracing=$WORLDSWITCH_ROOT/sys/kernel/tracing
instance=$tracing/instances/worldswitch
definition=$(tail -n 1 "$tracing/kprobe_events")
case $definition in p:worldswitch/ask*)
	if [ "$1" = "$WORLDSWITCH_ROOT/proc/cmdline" ] && [ "$(tail -n 1 "$instance/tracing_on")" = 1 ]; then
		for word in $definition; do
			case $word in pstate=%pstate:*) [ -z "$FAKE_PSTATE" ] || answer="$answer pstate=$FAKE_PSTATE" ;; *=@0x*)
				address=\${word#*@0x}
				value=$(sed -n "s/^\${address%:*} //p" "$WORLDSWITCH_ROOT/memory")
				answer="$answer \${word%%=*}=\${value:-0xbad}"
				echo "\${address%:*}" >>"$WORLDSWITCH_ROOT/accesses" ;;
			esac
		done
		echo "  sh-1  [000] d....  1.000000: ask: (do_filp_open+0x0/0x100)$answer" >>"$instance/trace"
	fi ;;
esac
exec /bin/cat "$@"`,
} as const;

/**
 * Runs the script on the fake kernel; `command` is what it traces, a shell command that finds the trace in $TRACE. Without
 * one (null) the script waits for Enter, and finds the end of its input.
 */
export function runFake(
  script: string,
  kernel: FakeKernel,
  command: string | null = ':',
  more: RunOptions = {},
): FakeRun {
  const root = mkdtempSync(join(tmpdir(), 'fake-kernel-'));
  try {
    const put = (path: string, text: string | Uint8Array) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    const lines = (map: { readonly [key: string]: string }, join: (key: string, value: string) => string) =>
      Object.entries(map)
        .map(([key, value]) => `${join(key, value)}\n`)
        .join('');
    put(
      'proc/kallsyms',
      lines(kernel.symbols, (name, address) => `${address} D ${name}`),
    );
    put(
      'memory',
      lines(kernel.memory, (address, value) => `${address} ${value}`),
    );
    put('accesses', '');
    put('proc/cmdline', `console=ttyAMA0 ${kernel.cmdline ?? ''}\n`);
    put('proc/cpuinfo', 'processor\t: 0\nFeatures\t: fp asimd sve\n');
    put('proc/sys/abi/sve_default_vector_length', '64\n');
    put('sys/devices/system/cpu/online', `${kernel.online ?? '0-1'}\n`);
    put('dev/kvm', '');
    put('sys/kernel/tracing/kprobe_events', kernel.kprobeEvents ?? '');
    put('sys/kernel/tracing/kprobe_profile', '  vcpu_load   5   2\n  other   1   7\n');
    if (kernel.btf) put('sys/kernel/btf/vmlinux', kernel.btf);
    if (kernel.hypervisor !== undefined) {
      const files = { tracing_on: kernel.hypervisor, 'events/enable': '0', buffer_size_kb: '7', trace: 'old' };
      for (const [name, text] of Object.entries(files))
        put(`sys/kernel/tracing/remotes/hypervisor/${name}`, `${text}\n`);
    }
    put('script.sh', script);
    for (const [path, text] of Object.entries(kernel.files ?? {})) put(path, text);
    for (const [name, body] of Object.entries(COMMANDS)) {
      put(`bin/${name}`, `#!/bin/sh\n${body}\n`);
      chmodSync(join(root, 'bin', name), 0o755);
    }
    const { commands } = more;
    for (const name of commands ?? []) {
      const real = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
      if (real !== undefined && !existsSync(join(root, 'bin', name))) symlinkSync(real, join(root, 'bin', name));
    }
    for (const name of Object.keys(COMMANDS)) if (commands?.includes(name) === false) rmSync(join(root, 'bin', name));
    const tracing = join(root, 'sys/kernel/tracing');
    mkdirSync(join(tracing, 'instances'));
    if (kernel.instanceExists) mkdirSync(join(tracing, 'instances/worldswitch/events'), { recursive: true });
    const options = more.options ?? ['-o', join(root, 'out')];
    const traced = command === null ? [] : ['sh', '-c', command];
    const run = spawnSync(more.shell ?? '/bin/sh', [join(root, 'script.sh'), ...options, ...traced], {
      encoding: 'utf8',
      input: '',
      env: {
        PATH: commands === undefined ? `${join(root, 'bin')}:${process.env.PATH}` : join(root, 'bin'),
        WORLDSWITCH_ROOT: root,
        TRACE: join(tracing, 'instances/worldswitch/trace'),
        FAKE_USER: kernel.user ?? '0',
        FAKE_MACHINE: kernel.machine ?? 'aarch64',
        FAKE_DMESG: kernel.dmesg ?? '',
        FAKE_PSTATE: kernel.pstate ?? '',
      },
    });
    const text = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');
    return {
      status: run.status,
      stderr: run.stderr,
      written: text('sys/kernel/tracing/kprobe_events').split('\n').filter(Boolean),
      output: text('out'),
      hypervisor: {
        output: text('out.hypervisor.ftrace'),
        on: text('sys/kernel/tracing/remotes/hypervisor/tracing_on').trim(),
        events: text('sys/kernel/tracing/remotes/hypervisor/events/enable').trim(),
      },
      instanceLeft: existsSync(join(tracing, 'instances/worldswitch')),
      accesses: text('accesses').split('\n').filter(Boolean),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
