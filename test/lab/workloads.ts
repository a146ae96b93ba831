/** What runs in the machine while the capture is taken. Data: shell commands for BusyBox; /lab has the programs, SEED a number. */

export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly commands: string;
  /** SEED of the commands. */
  readonly seed: number;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  /** KiB of trace buffer for each CPU. */
  readonly bufferKb: number;
  readonly sme: boolean;
  /** Modules with which user space can have the kernel use NEON are loaded, where the kernel's package has them. */
  readonly hash: boolean;
  /** The kernel's own selftests have to be built for it. */
  readonly selftests: boolean;
  /** How long the machine may run. */
  readonly timeoutSeconds: number;
}

const ORDINARY = {
  seed: 7,
  cpus: 2,
  memory: 1536,
  bufferKb: 32768,
  sme: false,
  hash: false,
  selftests: false,
  timeoutSeconds: 240,
};

/** Both at once; the exit code is that of the first, or else of the second. */
function beside(first: string, second: string): string {
  return `${first} &\n${second}\nsecond=$?\nwait $! && exit $second`;
}

/** The kernel's KVM selftests, in the order in which they run. */
export const KVM_SELFTESTS: readonly string[] = [
  'debug-exceptions -n -i 200',
  'debug-exceptions -i 200',
  ...[
    'hypercalls',
    'psci_test',
    'smccc_filter',
    'vpmu_counter_access',
    'vcpu_width_config',
    'get-reg-list',
    'host_sve',
  ],
  ...['set_id_regs', 'no-vgic', 'external_aborts', 'mmio_sign_ext', 'at', 'steal_time'],
];
const SELFTESTS = {
  ...ORDINARY,
  commands: [
    '(cd /selftests/fp && ./fp-stress -t 20 >/tmp/fp-stress.log 2>&1) & /lab/vmm -s $SEED -n 60 &',
    'cd /selftests/kvm || exit 1',
    ...KVM_SELFTESTS.map(selftest),
    'wait',
    "grep '^# Totals' /tmp/fp-stress.log | sed 's/^/lab: fp-stress /'",
  ].join('\n'),
  memory: 3072,
  bufferKb: 131072,
  selftests: true,
  timeoutSeconds: 900,
};

export const WORKLOADS: readonly Workload[] = [
  {
    ...ORDINARY,
    name: 'vmm',
    what: 'two VMs of two vCPUs that use FP, SVE and debug registers, moved between CPUs',
    commands: '/lab/vmm -s $SEED -n 60',
  },
  {
    ...ORDINARY,
    name: 'debug',
    what: 'guests that debug themselves',
    commands: '/lab/vmm -s $SEED -d -n 200',
  },
  {
    ...ORDINARY,
    name: 'tasks',
    what: 'host tasks with live SVE state beside the VMs',
    commands: beside('/lab/tasks 6 sve sve sve fpsimd', '/lab/vmm -s $SEED -n 60'),
  },
  {
    ...ORDINARY,
    name: 'sme',
    what: 'host tasks in streaming mode and with ZA beside the VMs',
    commands: beside('/lab/tasks 6 sve sm za za fpsimd', '/lab/vmm -s $SEED -z -n 60'),
    sme: true,
  },
  {
    ...ORDINARY,
    name: 'signals',
    what: 'signals, fork, exec and ptrace of tasks with SVE beside the VMs',
    commands: beside('/lab/tasks 5 signal fork exec ptrace', '/lab/vmm -s $SEED -n 60'),
  },
  {
    ...ORDINARY,
    name: 'load',
    what: '4 CPUs, 16 vCPUs, and host tasks with SVE',
    commands: beside('/lab/tasks 6 sve sve fpsimd', '/lab/vmm -s $SEED -m 4 -v 4 -n 60'),
    cpus: 4,
    timeoutSeconds: 400,
  },
  {
    ...ORDINARY,
    name: 'small-buffer',
    what: 'a trace buffer that overflows',
    commands: '/lab/vmm -s $SEED -n 200',
    bufferKb: 64,
  },
  {
    ...ORDINARY,
    name: 'neon',
    what: 'kernel-mode NEON, preempted by host tasks with SVE, beside the VMs',
    commands: beside('/lab/tasks 6 hash hash bpf sve fpsimd', '/lab/vmm -s $SEED -n 60'),
    hash: true,
  },
  {
    ...ORDINARY,
    name: 'mixed',
    what: 'all kinds of host tasks at once on 3 CPUs, beside guests that debug themselves',
    commands: beside('/lab/tasks 5 sve hash bpf signal fork exec ptrace', '/lab/vmm -s $SEED -d -m 3 -v 2 -n 60'),
    cpus: 3,
    hash: true,
    timeoutSeconds: 400,
  },
  {
    ...ORDINARY,
    name: 'mixed-sme',
    what: 'the same with streaming mode and ZA',
    commands: beside('/lab/tasks 5 sve sm za hash bpf signal fork', '/lab/vmm -s $SEED -z -m 3 -v 2 -n 40'),
    cpus: 3,
    sme: true,
    hash: true,
    timeoutSeconds: 400,
  },
  {
    ...ORDINARY,
    name: 'one-cpu',
    what: 'one CPU for three vCPUs and for host tasks with SVE',
    commands: beside('/lab/tasks 5 sve fpsimd signal', '/lab/vmm -s $SEED -m 3 -v 1 -n 60'),
    cpus: 1,
  },
  {
    ...SELFTESTS,
    name: 'selftests',
    what: "the kernel's KVM selftests beside fp-stress and the VMs",
  },
  {
    ...SELFTESTS,
    name: 'selftests-sme',
    what: 'the same, where fp-stress has streaming mode and ZA too',
    sme: true,
  },
];

/** Exit code 4: skipped. */
function selftest(command: string): string {
  const run = `timeout 40 ./${command} >/tmp/selftest.log 2>&1`;
  const result = `echo "lab: selftest ${command}: $? $(tail -n 1 /tmp/selftest.log)"`;
  return `if [ -x ./${command.split(' ')[0]} ]; then ${run}; ${result}; fi`;
}

/** The same workload with another seed, or on another number of CPUs, under a name that says so. */
export function varied(workload: Workload, other: { readonly seed?: number; readonly cpus?: number }): Workload {
  const marks = Object.entries(other).map(([name, value]) => `${name}${value}`);
  return { ...workload, ...other, name: [workload.name, ...marks].join('-') };
}

/** The workloads of the nightly matrix. */
export const NIGHTLY: readonly string[] = ['vmm', 'tasks', 'debug'];

export function workloadNamed(name: string): Workload {
  const workload = WORKLOADS.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new Error(`no workload ${name}`);
  return workload;
}
