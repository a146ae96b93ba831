/**
 * Which commit set a switch, in which release, and how that was found out; the profile of a release, and of a stable one, is
 * worked out from it.
 */

import type { Profile } from './profile.ts';
import { isBefore, type Release } from './release-number.ts';

/**
 * How the first release was found: a tree with the change and one without were read, next to each other; an announcement,
 * pull request or change log names it; it is inferred from the dates of its patches; or the instructions of two kernels show it.
 */
export type Evidence = 'source' | 'announced' | 'inferred' | 'instructions';

/** One change of the kernel that sets switches. */
export interface Change {
  readonly sets: Partial<Profile>;
  /** The first release that has it; its first release candidate need not. */
  readonly since: Release;
  /** Mainline commits; of a series, those that set the switches. None where only instructions show it. */
  readonly commits: readonly string[];
  readonly found: Evidence;
  /** By stable series: the patch level that brought it. */
  readonly stable?: Readonly<Record<string, number>>;
}

/** v5.18, the oldest kernel there is a model of. */
const BASE: Profile = {
  ownerLoc: 'vcpu',
  accessor: 'explicit',
  hostSave: 'lazy',
  tifSveAtLoad: 'BUG',
  el0enTracking: true,
  zcr: 'put',
  hostSveTz: true,
  pkvmFp: 'direct',
  pkvmLoadPut: false,
  nestedVlCap: false,
  sveStateSize: 'sve',
  userFormat: false,
  guestSme: false,
  cptrCompute: 'const',
  cptrVhe: 'rmw',
  trapReactivate: false,
  runMapFp: 'share+pin',
  dbg: 'dirty',
  mdcrSite: 'common',
  hostBuf: 'vcpu',
  runningVcpuVhe: 'run',
  fpmr: false,
  nestedSkip: false,
  neonPreemptible: false,
  neonIrqsOff: false,
  pmuserenrFlag: false,
  dsbNsh: false,
  hostSme: false,
  fgt: 'sme',
  hcrxRestore: 'none',
  cpuOnSctlr: false,
  fpcrLoad: 'differs',
  mdcrAtLoad: 'once',
  csselr: true,
  vpidr: false,
  stage2Vhe: 'run',
  isbBeforeFp: false,
  isbBeforeUnmask: false,
  isbAfterFpexc: true,
  mpam: 'none',
  e0poe: 'none',
  panicGuard: false,
  pkvmDebug: 'all',
  el2Synchronises: true,
  saveCurrent: 'preserve',
  accFlushes: 'none',
  neonFlushFirst: false,
  execFpmr: false,
  ptraceKeepsZa: true,
};

/** The rework of February 2025 (CVE-2025-22013). */
const REWORK = { '6.1': 135, '6.6': 85, '6.12': 21, '6.13': 9 };

/** What set the switches since, oldest first; a test holds that each of them does something. */
export const CHANGES: readonly Change[] = [
  { sets: { hostSme: true }, since: [5, 19], commits: ['a1f4ccd25cc2'], found: 'announced' },
  // As a prerequisite of the rework it came to v6.1.y together with that.
  { sets: { tifSveAtLoad: 'prepare' }, since: [6, 2], commits: ['93ae6b01bafe'], found: 'announced' },
  // The hypervisor's own copy of a vCPU.
  { sets: { pkvmFp: 'copy' }, since: [6, 2], commits: ['be66e67f1750'], found: 'inferred' },
  { sets: { csselr: false }, since: [6, 3], commits: ['7af0c2534f4c'], found: 'announced' },
  { sets: { pmuserenrFlag: true }, since: [6, 4], commits: ['0c2f9acf6ae7'], found: 'announced' },
  // "nvhe: Synchronise with page table walker on vcpu run"; some level of v6.3.y has it, v6.1.y has not.
  {
    sets: { dsbNsh: true },
    since: [6, 4],
    commits: ['ea8a8bbb6f89'],
    found: 'announced',
    stable: { '6.3': 1 },
  },
  { sets: { hcrxRestore: 'const' }, since: [6, 5], commits: ['306b4c9f7120'], found: 'inferred' },
  { sets: { cptrCompute: 'cached' }, since: [6, 5], commits: ['75c76ab5a641'], found: 'announced' },
  // CVE-2024-26618. Stable series had it for a while as well, 6.1.47 and later, 6.4.12; mended in 6.6.15 and 6.7.3. Those levels are
  // left out: no capture tells what a tracer writes.
  { sets: { ptraceKeepsZa: false }, since: [6, 5], commits: ['5d0a8d2fba50'], found: 'announced' },
  { sets: { fgt: 'cond' }, since: [6, 6], commits: ['15b4d82d69d7'], found: 'announced' },
  { sets: { stage2Vhe: 'load' }, since: [6, 7], commits: ['934bf871f011'], found: 'announced' },
  { sets: { neonPreemptible: true }, since: [6, 8], commits: ['aefbab8e77eb', '9b19700e623f'], found: 'announced' },
  { sets: { ptraceKeepsZa: true }, since: [6, 8], commits: ['dc7eb8755797'], found: 'announced' },
  { sets: { ownerLoc: 'hd' }, since: [6, 10], commits: ['5294afdbf45a'], found: 'announced' },
  { sets: { accessor: 'ok' }, since: [6, 10], commits: ['87f842c6c654'], found: 'announced' },
  { sets: { runningVcpuVhe: 'loadput' }, since: [6, 10], commits: ['9a39359903fe'], found: 'announced' },
  { sets: { pkvmFp: 'eager' }, since: [6, 10], commits: ['b5b9955617bc', 'e511e08a9f49'], found: 'announced' },
  { sets: { runMapFp: 'share' }, since: [6, 10], commits: ['d48965bc47e4'], found: 'inferred' },
  { sets: { cptrVhe: 'scratch' }, since: [6, 11], commits: ['1785f020b112', '5326303bb7d9'], found: 'announced' },
  { sets: { fpmr: true }, since: [6, 12], commits: ['ef3be86021c3'], found: 'announced' },
  // "Make SME depend on BROKEN for now". The levels of the stable series are those of the change that came with it.
  {
    sets: { hostSme: false },
    since: [6, 12],
    commits: ['81235ae0c846'],
    found: 'source',
    stable: { '6.1': 120, '6.6': 61, '6.11': 8 },
  },
  // CVE-2024-50275.
  {
    sets: { accFlushes: 'sve' },
    since: [6, 12],
    commits: ['751ecf6afd65'],
    found: 'announced',
    stable: { '6.1': 120, '6.6': 61, '6.11': 8 },
  },
  // Permission overlays for host user space (ARM64_POE).
  { sets: { e0poe: 'lost' }, since: [6, 12], commits: ['bf83dae90fbc'], found: 'source' },
  // FEAT_MPAM is trapped and hidden from guests.
  { sets: { mpam: 'write' }, since: [6, 13], commits: ['31ff96c38ea3'], found: 'announced' },
  { sets: { cptrCompute: 'scratch' }, since: [6, 14], commits: ['2fd5b4b0e7b4'], found: 'source', stable: REWORK },
  {
    sets: { hostSave: 'eager', tifSveAtLoad: 'none' },
    since: [6, 14],
    commits: ['fbc7e61195e2'],
    found: 'source',
    stable: REWORK,
  },
  {
    sets: { el0enTracking: false },
    since: [6, 14],
    commits: ['459f059be702', '407a99c4654e'],
    found: 'source',
    stable: REWORK,
  },
  {
    sets: { zcr: 'lazysw', hostSveTz: false },
    since: [6, 14],
    commits: ['59419f10045b'],
    found: 'source',
    stable: REWORK,
  },
  { sets: { dbg: 'owner' }, since: [6, 14], commits: ['58db67e9acca', 'beb470d96cec'], found: 'source' },
  { sets: { pkvmDebug: 'registers' }, since: [6, 14], commits: ['0f1a6c5c9784'], found: 'announced' },
  { sets: { mdcrSite: 'split' }, since: [6, 14], commits: ['b47ffd13fda8', '75a5fbaf6623'], found: 'source' },
  // kvm_arm_setup_mdcr_el2() writes it, and in 6.16.12 __activate_traps_common() does again; in 6.18.15 that no longer does.
  { sets: { mdcrAtLoad: 'either' }, since: [6, 14], commits: [], found: 'instructions' },
  { sets: { hostBuf: 'hd' }, since: [6, 14], commits: ['38131c02a53f'], found: 'source' },
  { sets: { pkvmLoadPut: true }, since: [6, 14], commits: ['f7d03fcbf1f4'], found: 'source' },
  { sets: { hcrxRestore: 'saved' }, since: [6, 15], commits: ['ffea7c73d181'], found: 'announced' },
  // Some level of v6.12.y has it; taken for that of the rework.
  {
    sets: { cpuOnSctlr: true },
    since: [6, 15],
    commits: ['3855a7b91d42'],
    found: 'announced',
    stable: { '6.12': REWORK['6.12'] },
  },
  { sets: { vpidr: true }, since: [6, 15], commits: ['d0d81e03e629'], found: 'announced' },
  {
    sets: { isbBeforeUnmask: true },
    since: [6, 16],
    commits: ['cade3d57e456'],
    found: 'announced',
    stable: { '6.15': 4 },
  },
  { sets: { isbBeforeFp: true }, since: [6, 16], commits: ['257d0aa8e250'], found: 'announced' },
  {
    sets: { trapReactivate: true },
    since: [6, 16],
    commits: ['59e6e101a6fa', '186b58bacd74', 'e62dd507844f'],
    found: 'announced',
  },
  { sets: { runMapFp: 'none' }, since: [6, 16], commits: ['42ce432522a1'], found: 'announced' },
  // SME can be selected again, with the rework of its signal and ptrace code.
  { sets: { hostSme: true }, since: [6, 16], commits: ['929fa99b1215', '99560c9452bb'], found: 'announced' },
  { sets: { saveCurrent: 'flush' }, since: [6, 16], commits: ['d3a181588df9', '929fa99b1215'], found: 'announced' },
  // Of the next two the levels of stable series (6.12.34, 6.1.142) are left out: without SME they change nothing there.
  { sets: { accFlushes: 'all' }, since: [6, 16], commits: ['d3eaab3c7090'], found: 'announced' },
  { sets: { neonFlushFirst: true }, since: [6, 16], commits: ['01098d893fa8'], found: 'announced' },
  { sets: { execFpmr: true }, since: [6, 16], commits: ['a90878f297d3'], found: 'announced', stable: { '6.12': 34 } },
  { sets: { fgt: 'always' }, since: [6, 16], commits: ['ea266c724968'], found: 'announced' },
  { sets: { mdcrAtLoad: 'once' }, since: [6, 19], commits: [], found: 'instructions' },
  { sets: { neonIrqsOff: true }, since: [6, 19], commits: ['7137a203b251'], found: 'source' },
  { sets: { isbAfterFpexc: false }, since: [7, 0], commits: ['b1a9a9b96169'], found: 'announced' },
  // SCTLR_EL2 is made of what the architecture's description says: its RES1 bits, EIS and EOS among them, became 0.
  { sets: { el2Synchronises: false }, since: [7, 0], commits: ['0a35bd285f43'], found: 'announced' },
  { sets: { el2Synchronises: true }, since: [7, 1], commits: ['d7396a72eae7'], found: 'announced' },
  { sets: { hostBuf: 'disable' }, since: [7, 1], commits: ['07695f7dc1e1', 'd133aa75e39d'], found: 'source' },
  { sets: { nestedVlCap: true }, since: [7, 1], commits: ['837263307489'], found: 'source', stable: { '7.0': 12 } },
  {
    sets: { e0poe: 'kept' },
    since: [7, 1],
    commits: ['cbaffe843a94'],
    found: 'source',
    stable: { '6.18': 36, '7.0': 13 },
  },
  { sets: { panicGuard: true }, since: [7, 1], commits: ['300fac4cc266'], found: 'source' },
  { sets: { mpam: 'update' }, since: [7, 1], commits: ['eda1cd1f9d29'], found: 'source' },
  // fpsimd_load_state() of 7.0.13 compares before it writes, what is inlined in 7.2.13 does not.
  { sets: { fpcrLoad: 'always' }, since: [7, 2], commits: [], found: 'instructions' },
  { sets: { nestedSkip: true }, since: [7, 2], commits: ['435c46619614', '27ae400e6e88'], found: 'source' },
  { sets: { pkvmDebug: 'all' }, since: [7, 3], commits: ['119a9a23fbae'], found: 'source' },
];

/** Whether a release has a change: mainline's of that number, and a patch level of a series that brought it. */
function hasChange([major, minor, patch = 0]: Release, { since, stable }: Change): boolean {
  if (!isBefore([major, minor], since)) return true;
  return patch >= (stable?.[`${major}.${minor}`] ?? Number.POSITIVE_INFINITY);
}

/** The switches of a release that Linus Torvalds or the stable team made. */
export function profileOf(release: Release): Profile {
  const sets = CHANGES.filter((change) => hasChange(release, change)).map((change) => change.sets);
  return Object.assign({ ...BASE }, ...sets);
}
