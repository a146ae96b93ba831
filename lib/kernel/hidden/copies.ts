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
        o.svcrOpen === v[8] &&
        o.speSaved === v[9] &&
        o.trbeSaved === v[10] &&
        o.brbeSaved === v[11] &&
        o.buffersWindow === v[12] &&
        o.pmuserenrSaved === v[13] &&
        o.pmuserenrOnCpu === v[14] &&
        o.trapsWindow === v[15] &&
        o.smeTrapSeen === v[16] &&
        o.debugSet === v[17] &&
        o.mdcrGuest === v[18] &&
        o.zen_el0en === v[19] &&
        o.smen_el0en === v[20] &&
        o.e0poe === v[21] &&
        o.hostVq === v[22] &&
        o.hostSveTraps === v[23] &&
        o.zcrEl2Set === v[24] &&
        o.host_sve_enabled === v[25] &&
        o.mpidrGood === v[26] &&
        o.mpidr === v[27] &&
        o.last === v[28] &&
        o.lastSve === v[29] &&
        o.current === v[30] &&
        o.loaded === v[31] &&
        o.loadedUnknown === v[32] &&
        o.lastLoaded === v[33] &&
        o.running === v[34] &&
        o.justLoaded === v[35] &&
        o.window === v[36] &&
        o.trapFp === v[37] &&
        o.trapSve === v[38] &&
        o.trapSme === v[39] &&
        o.dirtyAtSetup === v[40] &&
        o.dirtyAtEnter === v[41] &&
        o.dirtyAtExit === v[42] &&
        o.debugSwitched === v[43] &&
        o.debugOpen === v[44] &&
        o.exitImplied === v[45] &&
        o.exitImpliedLine === v[46] &&
        o.softirqNeon === v[47] &&
        o.neonInSoftirq === v[48] &&
        o.initialised === v[49]
      );
    },
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
      if (o.svcrOpen !== v[8]) o.svcrOpen = v[8] as never;
      if (o.speSaved !== v[9]) o.speSaved = v[9] as never;
      if (o.trbeSaved !== v[10]) o.trbeSaved = v[10] as never;
      if (o.brbeSaved !== v[11]) o.brbeSaved = v[11] as never;
      if (o.buffersWindow !== v[12]) o.buffersWindow = v[12] as never;
      if (o.pmuserenrSaved !== v[13]) o.pmuserenrSaved = v[13] as never;
      if (o.pmuserenrOnCpu !== v[14]) o.pmuserenrOnCpu = v[14] as never;
      if (o.trapsWindow !== v[15]) o.trapsWindow = v[15] as never;
      if (o.smeTrapSeen !== v[16]) o.smeTrapSeen = v[16] as never;
      if (o.debugSet !== v[17]) o.debugSet = v[17] as never;
      if (o.mdcrGuest !== v[18]) o.mdcrGuest = v[18] as never;
      if (o.zen_el0en !== v[19]) o.zen_el0en = v[19] as never;
      if (o.smen_el0en !== v[20]) o.smen_el0en = v[20] as never;
      if (o.e0poe !== v[21]) o.e0poe = v[21] as never;
      if (o.hostVq !== v[22]) o.hostVq = v[22] as never;
      if (o.hostSveTraps !== v[23]) o.hostSveTraps = v[23] as never;
      if (o.zcrEl2Set !== v[24]) o.zcrEl2Set = v[24] as never;
      if (o.host_sve_enabled !== v[25]) o.host_sve_enabled = v[25] as never;
      if (o.mpidrGood !== v[26]) o.mpidrGood = v[26] as never;
      if (o.mpidr !== v[27]) o.mpidr = v[27] as never;
      if (o.last !== v[28]) o.last = v[28] as never;
      if (o.lastSve !== v[29]) o.lastSve = v[29] as never;
      if (o.current !== v[30]) o.current = v[30] as never;
      if (o.loaded !== v[31]) o.loaded = v[31] as never;
      if (o.loadedUnknown !== v[32]) o.loadedUnknown = v[32] as never;
      if (o.lastLoaded !== v[33]) o.lastLoaded = v[33] as never;
      if (o.running !== v[34]) o.running = v[34] as never;
      if (o.justLoaded !== v[35]) o.justLoaded = v[35] as never;
      if (o.window !== v[36]) o.window = v[36] as never;
      if (o.trapFp !== v[37]) o.trapFp = v[37] as never;
      if (o.trapSve !== v[38]) o.trapSve = v[38] as never;
      if (o.trapSme !== v[39]) o.trapSme = v[39] as never;
      if (o.dirtyAtSetup !== v[40]) o.dirtyAtSetup = v[40] as never;
      if (o.dirtyAtEnter !== v[41]) o.dirtyAtEnter = v[41] as never;
      if (o.dirtyAtExit !== v[42]) o.dirtyAtExit = v[42] as never;
      if (o.debugSwitched !== v[43]) o.debugSwitched = v[43] as never;
      if (o.debugOpen !== v[44]) o.debugOpen = v[44] as never;
      if (o.exitImplied !== v[45]) o.exitImplied = v[45] as never;
      if (o.exitImpliedLine !== v[46]) o.exitImpliedLine = v[46] as never;
      if (o.softirqNeon !== v[47]) o.softirqNeon = v[47] as never;
      if (o.neonInSoftirq !== v[48]) o.neonInSoftirq = v[48] as never;
      if (o.initialised !== v[49]) o.initialised = v[49] as never;
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
        o.condemned === v[5] &&
        o.tif_foreign_fpstate === v[6] &&
        o.tif_sve === v[7] &&
        o.tif_sme === v[8] &&
        o.fp_type_sve === v[9] &&
        o.inAcc === v[10] &&
        o.sveMisdescribed === v[11] &&
        o.svcr_sm === v[12] &&
        o.svcr_za === v[13] &&
        o.svcrOpen === v[14] &&
        o.tif_kernel_fpstate === v[15] &&
        o.regionMayRun === v[16] &&
        o.mayBeInNeon === v[17] &&
        o.fpsimd_cpu === v[18] &&
        o.cpu === v[19] &&
        o.kernelNeon === v[20] &&
        o.seen === v[21] &&
        o.epoch === v[22]
      );
    },
    write: (of, v) => {
      const o = of as Task;
      if (o.generation !== v[0]) o.generation = v[0] as never;
      if (o.memory !== v[1]) o.memory = v[1] as never;
      if (o.auth !== v[2]) o.auth = v[2] as never;
      if (o.fpmr !== v[3]) o.fpmr = v[3] as never;
      if (o.fpmrMemory !== v[4]) o.fpmrMemory = v[4] as never;
      if (o.condemned !== v[5]) o.condemned = v[5] as never;
      if (o.tif_foreign_fpstate !== v[6]) o.tif_foreign_fpstate = v[6] as never;
      if (o.tif_sve !== v[7]) o.tif_sve = v[7] as never;
      if (o.tif_sme !== v[8]) o.tif_sme = v[8] as never;
      if (o.fp_type_sve !== v[9]) o.fp_type_sve = v[9] as never;
      if (o.inAcc !== v[10]) o.inAcc = v[10] as never;
      if (o.sveMisdescribed !== v[11]) o.sveMisdescribed = v[11] as never;
      if (o.svcr_sm !== v[12]) o.svcr_sm = v[12] as never;
      if (o.svcr_za !== v[13]) o.svcr_za = v[13] as never;
      if (o.svcrOpen !== v[14]) o.svcrOpen = v[14] as never;
      if (o.tif_kernel_fpstate !== v[15]) o.tif_kernel_fpstate = v[15] as never;
      if (o.regionMayRun !== v[16]) o.regionMayRun = v[16] as never;
      if (o.mayBeInNeon !== v[17]) o.mayBeInNeon = v[17] as never;
      if (o.fpsimd_cpu !== v[18]) o.fpsimd_cpu = v[18] as never;
      if (o.cpu !== v[19]) o.cpu = v[19] as never;
      if (o.kernelNeon !== v[20]) o.kernelNeon = v[20] as never;
      if (o.seen !== v[21]) o.seen = v[21] as never;
      if (o.epoch !== v[22]) o.epoch = v[22] as never;
    },
  },
  [VCPU]: {
    names: [
      'generation',
      'memory',
      'auth',
      'fpmr',
      'fpmrMemory',
      'condemned',
      'svcr_sm',
      'svcr_za',
      'formatSm',
      'userFormat',
      'zaGeneration',
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
        o.condemned,
        o.svcr_sm,
        o.svcr_za,
        o.formatSm,
        o.userFormat,
        o.zaGeneration,
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
        o.condemned === v[5] &&
        o.svcr_sm === v[6] &&
        o.svcr_za === v[7] &&
        o.formatSm === v[8] &&
        o.userFormat === v[9] &&
        o.zaGeneration === v[10] &&
        o.vectorsZero === v[11] &&
        o.vectorsWritten === v[12] &&
        o.zaWritten === v[13] &&
        o.fp_state === v[14] &&
        o.fp_stateLine === v[15] &&
        o.fp_stateEvent === v[16] &&
        o.cpu === v[17] &&
        o.task === v[18] &&
        o.debug_dirty === v[19] &&
        o.debug_owner === v[20] &&
        o.debugAssumed === v[21] &&
        o.guest_debug_singlestep === v[22] &&
        o.guest_debug_use_hw === v[23] &&
        o.guest_debugTold === v[24] &&
        o.debug_ptr === v[25] &&
        o.mdscr_mde === v[26] &&
        o.mdscr_kde === v[27] &&
        o.guest_debug_preserved === v[28] &&
        o.oslock === v[29] &&
        o.openSwitches === v[30] &&
        o.mdscrOpen === v[31] &&
        o.ownerOpen === v[32] &&
        o.inNested === v[33] &&
        o.mdcr_tda === v[34] &&
        o.tda === v[35] &&
        o.mdcr_tde === v[36] &&
        o.mdcr_el2_host === v[37] &&
        o.mdcr_el2_hostWindow === v[38] &&
        o.host_debug_state === v[39] &&
        o.sysregs_on_cpu === v[40] &&
        o.zcr_el1 === v[41] &&
        o.zcr_el1Live === v[42] &&
        o.epoch === v[43]
      );
    },
    write: (of, v) => {
      const o = of as Vcpu;
      if (o.generation !== v[0]) o.generation = v[0] as never;
      if (o.memory !== v[1]) o.memory = v[1] as never;
      if (o.auth !== v[2]) o.auth = v[2] as never;
      if (o.fpmr !== v[3]) o.fpmr = v[3] as never;
      if (o.fpmrMemory !== v[4]) o.fpmrMemory = v[4] as never;
      if (o.condemned !== v[5]) o.condemned = v[5] as never;
      if (o.svcr_sm !== v[6]) o.svcr_sm = v[6] as never;
      if (o.svcr_za !== v[7]) o.svcr_za = v[7] as never;
      if (o.formatSm !== v[8]) o.formatSm = v[8] as never;
      if (o.userFormat !== v[9]) o.userFormat = v[9] as never;
      if (o.zaGeneration !== v[10]) o.zaGeneration = v[10] as never;
      if (o.vectorsZero !== v[11]) o.vectorsZero = v[11] as never;
      if (o.vectorsWritten !== v[12]) o.vectorsWritten = v[12] as never;
      if (o.zaWritten !== v[13]) o.zaWritten = v[13] as never;
      if (o.fp_state !== v[14]) o.fp_state = v[14] as never;
      if (o.fp_stateLine !== v[15]) o.fp_stateLine = v[15] as never;
      if (o.fp_stateEvent !== v[16]) o.fp_stateEvent = v[16] as never;
      if (o.cpu !== v[17]) o.cpu = v[17] as never;
      if (o.task !== v[18]) o.task = v[18] as never;
      if (o.debug_dirty !== v[19]) o.debug_dirty = v[19] as never;
      if (o.debug_owner !== v[20]) o.debug_owner = v[20] as never;
      if (o.debugAssumed !== v[21]) o.debugAssumed = v[21] as never;
      if (o.guest_debug_singlestep !== v[22]) o.guest_debug_singlestep = v[22] as never;
      if (o.guest_debug_use_hw !== v[23]) o.guest_debug_use_hw = v[23] as never;
      if (o.guest_debugTold !== v[24]) o.guest_debugTold = v[24] as never;
      if (o.debug_ptr !== v[25]) o.debug_ptr = v[25] as never;
      if (o.mdscr_mde !== v[26]) o.mdscr_mde = v[26] as never;
      if (o.mdscr_kde !== v[27]) o.mdscr_kde = v[27] as never;
      if (o.guest_debug_preserved !== v[28]) o.guest_debug_preserved = v[28] as never;
      if (o.oslock !== v[29]) o.oslock = v[29] as never;
      if (o.openSwitches !== v[30]) o.openSwitches = v[30] as never;
      if (o.mdscrOpen !== v[31]) o.mdscrOpen = v[31] as never;
      if (o.ownerOpen !== v[32]) o.ownerOpen = v[32] as never;
      if (o.inNested !== v[33]) o.inNested = v[33] as never;
      if (o.mdcr_tda !== v[34]) o.mdcr_tda = v[34] as never;
      if (o.tda !== v[35]) o.tda = v[35] as never;
      if (o.mdcr_tde !== v[36]) o.mdcr_tde = v[36] as never;
      if (o.mdcr_el2_host !== v[37]) o.mdcr_el2_host = v[37] as never;
      if (o.mdcr_el2_hostWindow !== v[38]) o.mdcr_el2_hostWindow = v[38] as never;
      if (o.host_debug_state !== v[39]) o.host_debug_state = v[39] as never;
      if (o.sysregs_on_cpu !== v[40]) o.sysregs_on_cpu = v[40] as never;
      if (o.zcr_el1 !== v[41]) o.zcr_el1 = v[41] as never;
      if (o.zcr_el1Live !== v[42]) o.zcr_el1Live = v[42] as never;
      if (o.epoch !== v[43]) o.epoch = v[43] as never;
    },
  },
  [KERNEL_NEON]: {
    names: ['generation', 'memory', 'auth', 'fpmr', 'fpmrMemory', 'condemned'],
    read: (of) => {
      const o = of as Entity;
      return [o.generation, o.memory, o.auth, o.fpmr, o.fpmrMemory, o.condemned];
    },
    isAs: (of, v) => {
      const o = of as Entity;
      return (
        o.generation === v[0] &&
        o.memory === v[1] &&
        o.auth === v[2] &&
        o.fpmr === v[3] &&
        o.fpmrMemory === v[4] &&
        o.condemned === v[5]
      );
    },
    write: (of, v) => {
      const o = of as Entity;
      if (o.generation !== v[0]) o.generation = v[0] as never;
      if (o.memory !== v[1]) o.memory = v[1] as never;
      if (o.auth !== v[2]) o.auth = v[2] as never;
      if (o.fpmr !== v[3]) o.fpmr = v[3] as never;
      if (o.fpmrMemory !== v[4]) o.fpmrMemory = v[4] as never;
      if (o.condemned !== v[5]) o.condemned = v[5] as never;
    },
  },
};
