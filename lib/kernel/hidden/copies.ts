/**
 * The properties of objects that can differ between things that may have happened, read, compared and written by their names.
 * Written by bin/write-copies.ts, which says what is left out; not to be changed by hand.
 */

import type { Cpu, HostData } from '../state/cpu.ts';
import { ANYBODY, type Entity, KERNEL_NEON, NOBODY, TASK, VCPU } from '../state/entity.ts';
import type { Task } from '../state/task.ts';
import type { Vcpu } from '../state/vcpu.ts';

export interface Copier {
  readonly names: readonly string[];
  readonly read: (of: object) => unknown[];
  readonly isAs: (of: object, values: readonly unknown[]) => boolean;
  /** Whether they differ in nothing but when it was. */
  readonly isLike: (values: readonly unknown[], others: readonly unknown[]) => boolean;
  /** Properties that hold what they are to hold are not written: some never are. */
  readonly write: (of: object, values: readonly unknown[]) => void;
}

/** In the place of the kinds of entities that are never written. */
export const CPU = NOBODY;
export const HOST_DATA = ANYBODY;

export const COPIERS: Readonly<Record<number, Copier>> = {
  [CPU]: {
    names: [
      'holder',
      'generation',
      'entryHolder',
      'entryGeneration',
      'el2Holder',
      'el2Generation',
      'svcr_sm',
      'svcr_za',
      'zaHolder',
      'zaGeneration',
      'svcrOpen',
      'speSaved',
      'trbeSaved',
      'brbeSaved',
      'buffersWindow',
      'pmuserenrSaved',
      'pmuserenrOnCpu',
      'trapsWindow',
      'smeTrapSeen',
      'debugSet',
      'mdcrGuest',
      'zen_el0en',
      'smen_el0en',
      'e0poe',
      'hostVq',
      'hostSveTraps',
      'zcrEl2Set',
      'host_sve_enabled',
      'mpidrGood',
      'mpidr',
      'last',
      'lastSve',
      'current',
      'loaded',
      'loadedUnknown',
      'lastLoaded',
      'running',
      'justLoaded',
      'window',
      'trapFp',
      'trapSve',
      'trapSme',
      'dirtyAtSetup',
      'dirtyAtEnter',
      'dirtyAtExit',
      'debugSwitched',
      'debugOpen',
      'exitImplied',
      'exitImpliedLine',
      'softirqNeon',
      'neonInSoftirq',
      'initialised',
    ],
    read: (of) => {
      const o = of as Cpu;
      return [
        o.holder,
        o.generation,
        o.entryHolder,
        o.entryGeneration,
        o.el2Holder,
        o.el2Generation,
        o.svcr_sm,
        o.svcr_za,
        o.zaHolder,
        o.zaGeneration,
        o.svcrOpen,
        o.speSaved,
        o.trbeSaved,
        o.brbeSaved,
        o.buffersWindow,
        o.pmuserenrSaved,
        o.pmuserenrOnCpu,
        o.trapsWindow,
        o.smeTrapSeen,
        o.debugSet,
        o.mdcrGuest,
        o.zen_el0en,
        o.smen_el0en,
        o.e0poe,
        o.hostVq,
        o.hostSveTraps,
        o.zcrEl2Set,
        o.host_sve_enabled,
        o.mpidrGood,
        o.mpidr,
        o.last,
        o.lastSve,
        o.current,
        o.loaded,
        o.loadedUnknown,
        o.lastLoaded,
        o.running,
        o.justLoaded,
        o.window,
        o.trapFp,
        o.trapSve,
        o.trapSme,
        o.dirtyAtSetup,
        o.dirtyAtEnter,
        o.dirtyAtExit,
        o.debugSwitched,
        o.debugOpen,
        o.exitImplied,
        o.exitImpliedLine,
        o.softirqNeon,
        o.neonInSoftirq,
        o.initialised,
      ];
    },
    isAs: (of, v) => {
      const o = of as Cpu;
      return (
        o.holder === v[0] &&
        o.generation === v[1] &&
        o.entryHolder === v[2] &&
        o.entryGeneration === v[3] &&
        o.el2Holder === v[4] &&
        o.el2Generation === v[5] &&
        o.svcr_sm === v[6] &&
        o.svcr_za === v[7] &&
        o.zaHolder === v[8] &&
        o.zaGeneration === v[9] &&
        o.svcrOpen === v[10] &&
        o.speSaved === v[11] &&
        o.trbeSaved === v[12] &&
        o.brbeSaved === v[13] &&
        o.buffersWindow === v[14] &&
        o.pmuserenrSaved === v[15] &&
        o.pmuserenrOnCpu === v[16] &&
        o.trapsWindow === v[17] &&
        o.smeTrapSeen === v[18] &&
        o.debugSet === v[19] &&
        o.mdcrGuest === v[20] &&
        o.zen_el0en === v[21] &&
        o.smen_el0en === v[22] &&
        o.e0poe === v[23] &&
        o.hostVq === v[24] &&
        o.hostSveTraps === v[25] &&
        o.zcrEl2Set === v[26] &&
        o.host_sve_enabled === v[27] &&
        o.mpidrGood === v[28] &&
        o.mpidr === v[29] &&
        o.last === v[30] &&
        o.lastSve === v[31] &&
        o.current === v[32] &&
        o.loaded === v[33] &&
        o.loadedUnknown === v[34] &&
        o.lastLoaded === v[35] &&
        o.running === v[36] &&
        o.justLoaded === v[37] &&
        o.window === v[38] &&
        o.trapFp === v[39] &&
        o.trapSve === v[40] &&
        o.trapSme === v[41] &&
        o.dirtyAtSetup === v[42] &&
        o.dirtyAtEnter === v[43] &&
        o.dirtyAtExit === v[44] &&
        o.debugSwitched === v[45] &&
        o.debugOpen === v[46] &&
        o.exitImplied === v[47] &&
        o.exitImpliedLine === v[48] &&
        o.softirqNeon === v[49] &&
        o.neonInSoftirq === v[50] &&
        o.initialised === v[51]
      );
    },
    isLike: (v, w) =>
      v[0] === w[0] &&
      v[2] === w[2] &&
      v[4] === w[4] &&
      v[6] === w[6] &&
      v[7] === w[7] &&
      v[8] === w[8] &&
      v[10] === w[10] &&
      v[11] === w[11] &&
      v[12] === w[12] &&
      v[13] === w[13] &&
      v[14] === w[14] &&
      v[15] === w[15] &&
      v[16] === w[16] &&
      v[17] === w[17] &&
      v[18] === w[18] &&
      v[19] === w[19] &&
      v[20] === w[20] &&
      v[21] === w[21] &&
      v[22] === w[22] &&
      v[23] === w[23] &&
      v[24] === w[24] &&
      v[25] === w[25] &&
      v[26] === w[26] &&
      v[27] === w[27] &&
      v[28] === w[28] &&
      v[29] === w[29] &&
      v[30] === w[30] &&
      v[31] === w[31] &&
      v[32] === w[32] &&
      v[33] === w[33] &&
      v[34] === w[34] &&
      v[35] === w[35] &&
      v[36] === w[36] &&
      v[37] === w[37] &&
      v[38] === w[38] &&
      v[39] === w[39] &&
      v[40] === w[40] &&
      v[41] === w[41] &&
      v[42] === w[42] &&
      v[43] === w[43] &&
      v[44] === w[44] &&
      v[45] === w[45] &&
      v[46] === w[46] &&
      v[47] === w[47] &&
      v[49] === w[49] &&
      v[50] === w[50] &&
      v[51] === w[51],
    write: (of, v) => {
      const o = of as Cpu;
      if (o.holder !== v[0]) o.holder = v[0] as never;
      if (o.generation !== v[1]) o.generation = v[1] as never;
      if (o.entryHolder !== v[2]) o.entryHolder = v[2] as never;
      if (o.entryGeneration !== v[3]) o.entryGeneration = v[3] as never;
      if (o.el2Holder !== v[4]) o.el2Holder = v[4] as never;
      if (o.el2Generation !== v[5]) o.el2Generation = v[5] as never;
      if (o.svcr_sm !== v[6]) o.svcr_sm = v[6] as never;
      if (o.svcr_za !== v[7]) o.svcr_za = v[7] as never;
      if (o.zaHolder !== v[8]) o.zaHolder = v[8] as never;
      if (o.zaGeneration !== v[9]) o.zaGeneration = v[9] as never;
      if (o.svcrOpen !== v[10]) o.svcrOpen = v[10] as never;
      if (o.speSaved !== v[11]) o.speSaved = v[11] as never;
      if (o.trbeSaved !== v[12]) o.trbeSaved = v[12] as never;
      if (o.brbeSaved !== v[13]) o.brbeSaved = v[13] as never;
      if (o.buffersWindow !== v[14]) o.buffersWindow = v[14] as never;
      if (o.pmuserenrSaved !== v[15]) o.pmuserenrSaved = v[15] as never;
      if (o.pmuserenrOnCpu !== v[16]) o.pmuserenrOnCpu = v[16] as never;
      if (o.trapsWindow !== v[17]) o.trapsWindow = v[17] as never;
      if (o.smeTrapSeen !== v[18]) o.smeTrapSeen = v[18] as never;
      if (o.debugSet !== v[19]) o.debugSet = v[19] as never;
      if (o.mdcrGuest !== v[20]) o.mdcrGuest = v[20] as never;
      if (o.zen_el0en !== v[21]) o.zen_el0en = v[21] as never;
      if (o.smen_el0en !== v[22]) o.smen_el0en = v[22] as never;
      if (o.e0poe !== v[23]) o.e0poe = v[23] as never;
      if (o.hostVq !== v[24]) o.hostVq = v[24] as never;
      if (o.hostSveTraps !== v[25]) o.hostSveTraps = v[25] as never;
      if (o.zcrEl2Set !== v[26]) o.zcrEl2Set = v[26] as never;
      if (o.host_sve_enabled !== v[27]) o.host_sve_enabled = v[27] as never;
      if (o.mpidrGood !== v[28]) o.mpidrGood = v[28] as never;
      if (o.mpidr !== v[29]) o.mpidr = v[29] as never;
      if (o.last !== v[30]) o.last = v[30] as never;
      if (o.lastSve !== v[31]) o.lastSve = v[31] as never;
      if (o.current !== v[32]) o.current = v[32] as never;
      if (o.loaded !== v[33]) o.loaded = v[33] as never;
      if (o.loadedUnknown !== v[34]) o.loadedUnknown = v[34] as never;
      if (o.lastLoaded !== v[35]) o.lastLoaded = v[35] as never;
      if (o.running !== v[36]) o.running = v[36] as never;
      if (o.justLoaded !== v[37]) o.justLoaded = v[37] as never;
      if (o.window !== v[38]) o.window = v[38] as never;
      if (o.trapFp !== v[39]) o.trapFp = v[39] as never;
      if (o.trapSve !== v[40]) o.trapSve = v[40] as never;
      if (o.trapSme !== v[41]) o.trapSme = v[41] as never;
      if (o.dirtyAtSetup !== v[42]) o.dirtyAtSetup = v[42] as never;
      if (o.dirtyAtEnter !== v[43]) o.dirtyAtEnter = v[43] as never;
      if (o.dirtyAtExit !== v[44]) o.dirtyAtExit = v[44] as never;
      if (o.debugSwitched !== v[45]) o.debugSwitched = v[45] as never;
      if (o.debugOpen !== v[46]) o.debugOpen = v[46] as never;
      if (o.exitImplied !== v[47]) o.exitImplied = v[47] as never;
      if (o.exitImpliedLine !== v[48]) o.exitImpliedLine = v[48] as never;
      if (o.softirqNeon !== v[49]) o.softirqNeon = v[49] as never;
      if (o.neonInSoftirq !== v[50]) o.neonInSoftirq = v[50] as never;
      if (o.initialised !== v[51]) o.initialised = v[51] as never;
    },
  },
  [HOST_DATA]: {
    names: [
      'fp_owner',
      'fp_ownerLine',
      'fp_ownerEvent',
      'fp_ownerWindow',
      'fpsimd_state',
      'mpidr_el1',
      '__hyp_running_vcpu',
      'runningUnknown',
      'mdcr_el2Window',
      'host_debug_state',
    ],
    read: (of) => {
      const o = of as HostData;
      return [
        o.fp_owner,
        o.fp_ownerLine,
        o.fp_ownerEvent,
        o.fp_ownerWindow,
        o.fpsimd_state,
        o.mpidr_el1,
        o.__hyp_running_vcpu,
        o.runningUnknown,
        o.mdcr_el2Window,
        o.host_debug_state,
      ];
    },
    isAs: (of, v) => {
      const o = of as HostData;
      return (
        o.fp_owner === v[0] &&
        o.fp_ownerLine === v[1] &&
        o.fp_ownerEvent === v[2] &&
        o.fp_ownerWindow === v[3] &&
        o.fpsimd_state === v[4] &&
        o.mpidr_el1 === v[5] &&
        o.__hyp_running_vcpu === v[6] &&
        o.runningUnknown === v[7] &&
        o.mdcr_el2Window === v[8] &&
        o.host_debug_state === v[9]
      );
    },
    isLike: (v, w) =>
      v[0] === w[0] &&
      v[3] === w[3] &&
      v[4] === w[4] &&
      v[5] === w[5] &&
      v[6] === w[6] &&
      v[7] === w[7] &&
      v[8] === w[8] &&
      v[9] === w[9],
    write: (of, v) => {
      const o = of as HostData;
      if (o.fp_owner !== v[0]) o.fp_owner = v[0] as never;
      if (o.fp_ownerLine !== v[1]) o.fp_ownerLine = v[1] as never;
      if (o.fp_ownerEvent !== v[2]) o.fp_ownerEvent = v[2] as never;
      if (o.fp_ownerWindow !== v[3]) o.fp_ownerWindow = v[3] as never;
      if (o.fpsimd_state !== v[4]) o.fpsimd_state = v[4] as never;
      if (o.mpidr_el1 !== v[5]) o.mpidr_el1 = v[5] as never;
      if (o.__hyp_running_vcpu !== v[6]) o.__hyp_running_vcpu = v[6] as never;
      if (o.runningUnknown !== v[7]) o.runningUnknown = v[7] as never;
      if (o.mdcr_el2Window !== v[8]) o.mdcr_el2Window = v[8] as never;
      if (o.host_debug_state !== v[9]) o.host_debug_state = v[9] as never;
    },
  },
  [TASK]: {
    names: [
      'generation',
      'memory',
      'auth',
      'fpmr',
      'fpmrMemory',
      'zaGeneration',
      'zaMemory',
      'zaAuth',
      'zaOn',
      'condemned',
      'tif_foreign_fpstate',
      'tif_sve',
      'tif_sme',
      'fp_type_sve',
      'inAcc',
      'sveMisdescribed',
      'svcr_sm',
      'svcr_za',
      'svcrOpen',
      'tif_kernel_fpstate',
      'regionMayRun',
      'mayBeInNeon',
      'fpsimd_cpu',
      'cpu',
      'kernelNeon',
      'seen',
      'epoch',
    ],
    read: (of) => {
      const o = of as Task;
      return [
        o.generation,
        o.memory,
        o.auth,
        o.fpmr,
        o.fpmrMemory,
        o.zaGeneration,
        o.zaMemory,
        o.zaAuth,
        o.zaOn,
        o.condemned,
        o.tif_foreign_fpstate,
        o.tif_sve,
        o.tif_sme,
        o.fp_type_sve,
        o.inAcc,
        o.sveMisdescribed,
        o.svcr_sm,
        o.svcr_za,
        o.svcrOpen,
        o.tif_kernel_fpstate,
        o.regionMayRun,
        o.mayBeInNeon,
        o.fpsimd_cpu,
        o.cpu,
        o.kernelNeon,
        o.seen,
        o.epoch,
      ];
    },
    isAs: (of, v) => {
      const o = of as Task;
      return (
        o.generation === v[0] &&
        o.memory === v[1] &&
        o.auth === v[2] &&
        o.fpmr === v[3] &&
        o.fpmrMemory === v[4] &&
        o.zaGeneration === v[5] &&
        o.zaMemory === v[6] &&
        o.zaAuth === v[7] &&
        o.zaOn === v[8] &&
        o.condemned === v[9] &&
        o.tif_foreign_fpstate === v[10] &&
        o.tif_sve === v[11] &&
        o.tif_sme === v[12] &&
        o.fp_type_sve === v[13] &&
        o.inAcc === v[14] &&
        o.sveMisdescribed === v[15] &&
        o.svcr_sm === v[16] &&
        o.svcr_za === v[17] &&
        o.svcrOpen === v[18] &&
        o.tif_kernel_fpstate === v[19] &&
        o.regionMayRun === v[20] &&
        o.mayBeInNeon === v[21] &&
        o.fpsimd_cpu === v[22] &&
        o.cpu === v[23] &&
        o.kernelNeon === v[24] &&
        o.seen === v[25] &&
        o.epoch === v[26]
      );
    },
    isLike: (v, w) =>
      v[2] === w[2] &&
      v[7] === w[7] &&
      v[8] === w[8] &&
      v[9] === w[9] &&
      v[10] === w[10] &&
      v[11] === w[11] &&
      v[12] === w[12] &&
      v[13] === w[13] &&
      v[14] === w[14] &&
      v[15] === w[15] &&
      v[16] === w[16] &&
      v[17] === w[17] &&
      v[18] === w[18] &&
      v[19] === w[19] &&
      v[20] === w[20] &&
      v[21] === w[21] &&
      v[22] === w[22] &&
      v[23] === w[23] &&
      v[24] === w[24] &&
      v[25] === w[25] &&
      v[26] === w[26],
    write: (of, v) => {
      const o = of as Task;
      if (o.generation !== v[0]) o.generation = v[0] as never;
      if (o.memory !== v[1]) o.memory = v[1] as never;
      if (o.auth !== v[2]) o.auth = v[2] as never;
      if (o.fpmr !== v[3]) o.fpmr = v[3] as never;
      if (o.fpmrMemory !== v[4]) o.fpmrMemory = v[4] as never;
      if (o.zaGeneration !== v[5]) o.zaGeneration = v[5] as never;
      if (o.zaMemory !== v[6]) o.zaMemory = v[6] as never;
      if (o.zaAuth !== v[7]) o.zaAuth = v[7] as never;
      if (o.zaOn !== v[8]) o.zaOn = v[8] as never;
      if (o.condemned !== v[9]) o.condemned = v[9] as never;
      if (o.tif_foreign_fpstate !== v[10]) o.tif_foreign_fpstate = v[10] as never;
      if (o.tif_sve !== v[11]) o.tif_sve = v[11] as never;
      if (o.tif_sme !== v[12]) o.tif_sme = v[12] as never;
      if (o.fp_type_sve !== v[13]) o.fp_type_sve = v[13] as never;
      if (o.inAcc !== v[14]) o.inAcc = v[14] as never;
      if (o.sveMisdescribed !== v[15]) o.sveMisdescribed = v[15] as never;
      if (o.svcr_sm !== v[16]) o.svcr_sm = v[16] as never;
      if (o.svcr_za !== v[17]) o.svcr_za = v[17] as never;
      if (o.svcrOpen !== v[18]) o.svcrOpen = v[18] as never;
      if (o.tif_kernel_fpstate !== v[19]) o.tif_kernel_fpstate = v[19] as never;
      if (o.regionMayRun !== v[20]) o.regionMayRun = v[20] as never;
      if (o.mayBeInNeon !== v[21]) o.mayBeInNeon = v[21] as never;
      if (o.fpsimd_cpu !== v[22]) o.fpsimd_cpu = v[22] as never;
      if (o.cpu !== v[23]) o.cpu = v[23] as never;
      if (o.kernelNeon !== v[24]) o.kernelNeon = v[24] as never;
      if (o.seen !== v[25]) o.seen = v[25] as never;
      if (o.epoch !== v[26]) o.epoch = v[26] as never;
    },
  },
  [VCPU]: {
    names: [
      'generation',
      'memory',
      'auth',
      'fpmr',
      'fpmrMemory',
      'zaGeneration',
      'zaMemory',
      'zaAuth',
      'zaOn',
      'condemned',
      'svcr_sm',
      'svcr_za',
      'formatSm',
      'userFormat',
      'vectorsZero',
      'vectorsWritten',
      'zaWritten',
      'fp_state',
      'fp_stateLine',
      'fp_stateEvent',
      'cpu',
      'task',
      'debug_dirty',
      'debug_owner',
      'debugAssumed',
      'guest_debug_singlestep',
      'guest_debug_use_hw',
      'guest_debugTold',
      'debug_ptr',
      'mdscr_mde',
      'mdscr_kde',
      'guest_debug_preserved',
      'oslock',
      'openSwitches',
      'mdscrOpen',
      'ownerOpen',
      'inNested',
      'mdcr_tda',
      'tda',
      'mdcr_tde',
      'mdcr_el2_host',
      'mdcr_el2_hostWindow',
      'host_debug_state',
      'sysregs_on_cpu',
      'zcr_el1',
      'zcr_el1Live',
      'epoch',
    ],
    read: (of) => {
      const o = of as Vcpu;
      return [
        o.generation,
        o.memory,
        o.auth,
        o.fpmr,
        o.fpmrMemory,
        o.zaGeneration,
        o.zaMemory,
        o.zaAuth,
        o.zaOn,
        o.condemned,
        o.svcr_sm,
        o.svcr_za,
        o.formatSm,
        o.userFormat,
        o.vectorsZero,
        o.vectorsWritten,
        o.zaWritten,
        o.fp_state,
        o.fp_stateLine,
        o.fp_stateEvent,
        o.cpu,
        o.task,
        o.debug_dirty,
        o.debug_owner,
        o.debugAssumed,
        o.guest_debug_singlestep,
        o.guest_debug_use_hw,
        o.guest_debugTold,
        o.debug_ptr,
        o.mdscr_mde,
        o.mdscr_kde,
        o.guest_debug_preserved,
        o.oslock,
        o.openSwitches,
        o.mdscrOpen,
        o.ownerOpen,
        o.inNested,
        o.mdcr_tda,
        o.tda,
        o.mdcr_tde,
        o.mdcr_el2_host,
        o.mdcr_el2_hostWindow,
        o.host_debug_state,
        o.sysregs_on_cpu,
        o.zcr_el1,
        o.zcr_el1Live,
        o.epoch,
      ];
    },
    isAs: (of, v) => {
      const o = of as Vcpu;
      return (
        o.generation === v[0] &&
        o.memory === v[1] &&
        o.auth === v[2] &&
        o.fpmr === v[3] &&
        o.fpmrMemory === v[4] &&
        o.zaGeneration === v[5] &&
        o.zaMemory === v[6] &&
        o.zaAuth === v[7] &&
        o.zaOn === v[8] &&
        o.condemned === v[9] &&
        o.svcr_sm === v[10] &&
        o.svcr_za === v[11] &&
        o.formatSm === v[12] &&
        o.userFormat === v[13] &&
        o.vectorsZero === v[14] &&
        o.vectorsWritten === v[15] &&
        o.zaWritten === v[16] &&
        o.fp_state === v[17] &&
        o.fp_stateLine === v[18] &&
        o.fp_stateEvent === v[19] &&
        o.cpu === v[20] &&
        o.task === v[21] &&
        o.debug_dirty === v[22] &&
        o.debug_owner === v[23] &&
        o.debugAssumed === v[24] &&
        o.guest_debug_singlestep === v[25] &&
        o.guest_debug_use_hw === v[26] &&
        o.guest_debugTold === v[27] &&
        o.debug_ptr === v[28] &&
        o.mdscr_mde === v[29] &&
        o.mdscr_kde === v[30] &&
        o.guest_debug_preserved === v[31] &&
        o.oslock === v[32] &&
        o.openSwitches === v[33] &&
        o.mdscrOpen === v[34] &&
        o.ownerOpen === v[35] &&
        o.inNested === v[36] &&
        o.mdcr_tda === v[37] &&
        o.tda === v[38] &&
        o.mdcr_tde === v[39] &&
        o.mdcr_el2_host === v[40] &&
        o.mdcr_el2_hostWindow === v[41] &&
        o.host_debug_state === v[42] &&
        o.sysregs_on_cpu === v[43] &&
        o.zcr_el1 === v[44] &&
        o.zcr_el1Live === v[45] &&
        o.epoch === v[46]
      );
    },
    isLike: (v, w) =>
      v[2] === w[2] &&
      v[7] === w[7] &&
      v[8] === w[8] &&
      v[9] === w[9] &&
      v[10] === w[10] &&
      v[11] === w[11] &&
      v[12] === w[12] &&
      v[13] === w[13] &&
      v[14] === w[14] &&
      v[15] === w[15] &&
      v[16] === w[16] &&
      v[17] === w[17] &&
      v[20] === w[20] &&
      v[21] === w[21] &&
      v[22] === w[22] &&
      v[23] === w[23] &&
      v[24] === w[24] &&
      v[25] === w[25] &&
      v[26] === w[26] &&
      v[27] === w[27] &&
      v[28] === w[28] &&
      v[29] === w[29] &&
      v[30] === w[30] &&
      v[31] === w[31] &&
      v[32] === w[32] &&
      v[33] === w[33] &&
      v[34] === w[34] &&
      v[35] === w[35] &&
      v[36] === w[36] &&
      v[37] === w[37] &&
      v[38] === w[38] &&
      v[39] === w[39] &&
      v[40] === w[40] &&
      v[41] === w[41] &&
      v[42] === w[42] &&
      v[43] === w[43] &&
      v[44] === w[44] &&
      v[45] === w[45] &&
      v[46] === w[46],
    write: (of, v) => {
      const o = of as Vcpu;
      if (o.generation !== v[0]) o.generation = v[0] as never;
      if (o.memory !== v[1]) o.memory = v[1] as never;
      if (o.auth !== v[2]) o.auth = v[2] as never;
      if (o.fpmr !== v[3]) o.fpmr = v[3] as never;
      if (o.fpmrMemory !== v[4]) o.fpmrMemory = v[4] as never;
      if (o.zaGeneration !== v[5]) o.zaGeneration = v[5] as never;
      if (o.zaMemory !== v[6]) o.zaMemory = v[6] as never;
      if (o.zaAuth !== v[7]) o.zaAuth = v[7] as never;
      if (o.zaOn !== v[8]) o.zaOn = v[8] as never;
      if (o.condemned !== v[9]) o.condemned = v[9] as never;
      if (o.svcr_sm !== v[10]) o.svcr_sm = v[10] as never;
      if (o.svcr_za !== v[11]) o.svcr_za = v[11] as never;
      if (o.formatSm !== v[12]) o.formatSm = v[12] as never;
      if (o.userFormat !== v[13]) o.userFormat = v[13] as never;
      if (o.vectorsZero !== v[14]) o.vectorsZero = v[14] as never;
      if (o.vectorsWritten !== v[15]) o.vectorsWritten = v[15] as never;
      if (o.zaWritten !== v[16]) o.zaWritten = v[16] as never;
      if (o.fp_state !== v[17]) o.fp_state = v[17] as never;
      if (o.fp_stateLine !== v[18]) o.fp_stateLine = v[18] as never;
      if (o.fp_stateEvent !== v[19]) o.fp_stateEvent = v[19] as never;
      if (o.cpu !== v[20]) o.cpu = v[20] as never;
      if (o.task !== v[21]) o.task = v[21] as never;
      if (o.debug_dirty !== v[22]) o.debug_dirty = v[22] as never;
      if (o.debug_owner !== v[23]) o.debug_owner = v[23] as never;
      if (o.debugAssumed !== v[24]) o.debugAssumed = v[24] as never;
      if (o.guest_debug_singlestep !== v[25]) o.guest_debug_singlestep = v[25] as never;
      if (o.guest_debug_use_hw !== v[26]) o.guest_debug_use_hw = v[26] as never;
      if (o.guest_debugTold !== v[27]) o.guest_debugTold = v[27] as never;
      if (o.debug_ptr !== v[28]) o.debug_ptr = v[28] as never;
      if (o.mdscr_mde !== v[29]) o.mdscr_mde = v[29] as never;
      if (o.mdscr_kde !== v[30]) o.mdscr_kde = v[30] as never;
      if (o.guest_debug_preserved !== v[31]) o.guest_debug_preserved = v[31] as never;
      if (o.oslock !== v[32]) o.oslock = v[32] as never;
      if (o.openSwitches !== v[33]) o.openSwitches = v[33] as never;
      if (o.mdscrOpen !== v[34]) o.mdscrOpen = v[34] as never;
      if (o.ownerOpen !== v[35]) o.ownerOpen = v[35] as never;
      if (o.inNested !== v[36]) o.inNested = v[36] as never;
      if (o.mdcr_tda !== v[37]) o.mdcr_tda = v[37] as never;
      if (o.tda !== v[38]) o.tda = v[38] as never;
      if (o.mdcr_tde !== v[39]) o.mdcr_tde = v[39] as never;
      if (o.mdcr_el2_host !== v[40]) o.mdcr_el2_host = v[40] as never;
      if (o.mdcr_el2_hostWindow !== v[41]) o.mdcr_el2_hostWindow = v[41] as never;
      if (o.host_debug_state !== v[42]) o.host_debug_state = v[42] as never;
      if (o.sysregs_on_cpu !== v[43]) o.sysregs_on_cpu = v[43] as never;
      if (o.zcr_el1 !== v[44]) o.zcr_el1 = v[44] as never;
      if (o.zcr_el1Live !== v[45]) o.zcr_el1Live = v[45] as never;
      if (o.epoch !== v[46]) o.epoch = v[46] as never;
    },
  },
  [KERNEL_NEON]: {
    names: [
      'generation',
      'memory',
      'auth',
      'fpmr',
      'fpmrMemory',
      'zaGeneration',
      'zaMemory',
      'zaAuth',
      'zaOn',
      'condemned',
    ],
    read: (of) => {
      const o = of as Entity;
      return [
        o.generation,
        o.memory,
        o.auth,
        o.fpmr,
        o.fpmrMemory,
        o.zaGeneration,
        o.zaMemory,
        o.zaAuth,
        o.zaOn,
        o.condemned,
      ];
    },
    isAs: (of, v) => {
      const o = of as Entity;
      return (
        o.generation === v[0] &&
        o.memory === v[1] &&
        o.auth === v[2] &&
        o.fpmr === v[3] &&
        o.fpmrMemory === v[4] &&
        o.zaGeneration === v[5] &&
        o.zaMemory === v[6] &&
        o.zaAuth === v[7] &&
        o.zaOn === v[8] &&
        o.condemned === v[9]
      );
    },
    isLike: (v, w) => v[2] === w[2] && v[7] === w[7] && v[8] === w[8] && v[9] === w[9],
    write: (of, v) => {
      const o = of as Entity;
      if (o.generation !== v[0]) o.generation = v[0] as never;
      if (o.memory !== v[1]) o.memory = v[1] as never;
      if (o.auth !== v[2]) o.auth = v[2] as never;
      if (o.fpmr !== v[3]) o.fpmr = v[3] as never;
      if (o.fpmrMemory !== v[4]) o.fpmrMemory = v[4] as never;
      if (o.zaGeneration !== v[5]) o.zaGeneration = v[5] as never;
      if (o.zaMemory !== v[6]) o.zaMemory = v[6] as never;
      if (o.zaAuth !== v[7]) o.zaAuth = v[7] as never;
      if (o.zaOn !== v[8]) o.zaOn = v[8] as never;
      if (o.condemned !== v[9]) o.condemned = v[9] as never;
    },
  },
};
