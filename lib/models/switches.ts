/** Where in the kernel each switch of the models is: the function that has it, and the commit that made a value of it. */

import { MODELS, type Model } from './models.ts';
import type { Profile } from './profile.ts';

interface SwitchRow {
  /** Kernel function, structure or macro. */
  readonly source: string;
  /** Value, as text -> commit, where one is known to have made it. */
  readonly commits?: Readonly<Record<string, string>>;
  /** What a value of the switch takes away with the bug is all use of a feature: told, behind what mends it. */
  readonly feature?: boolean;
}

export const SWITCHES: Readonly<Record<keyof Profile, SwitchRow>> = {
  ownerLoc: { source: 'struct kvm_host_data', commits: { hd: '5294afdbf45a' } },
  accessor: { source: 'host_data_ptr', commits: { ok: '87f842c6c654' } },
  hostSave: { source: 'kvm_arch_vcpu_load_fp', commits: { eager: 'fbc7e61195e2' } },
  tifSveAtLoad: { source: 'kvm_arch_vcpu_load_fp', commits: { none: 'fbc7e61195e2' } },
  el0enTracking: { source: 'kvm_arch_vcpu_put_fp', commits: { false: '459f059be702' } },
  zcr: { source: 'fpsimd_lazy_switch_to_guest', commits: { lazysw: '59419f10045b' } },
  hostSveTz: { source: '__deactivate_traps' },
  pkvmFp: { source: 'fpsimd_sve_sync', commits: { eager: 'b5b9955617bc' } },
  pkvmLoadPut: { source: 'kvm_arch_vcpu_load' },
  nestedVlCap: { source: 'fpsimd_lazy_switch_to_guest', commits: { true: '837263307489' } },
  sveStateSize: { source: 'vcpu_sve_state_size' },
  userFormat: { source: 'kvm_arm_get_reg' },
  guestSme: { source: 'kvm_vcpu_enable_sme' },
  cptrCompute: { source: 'kvm_get_reset_cptr_el2', commits: { scratch: '2fd5b4b0e7b4' } },
  cptrVhe: { source: '__activate_cptr_traps' },
  trapReactivate: { source: 'kvm_hyp_handle_fpsimd', commits: { true: '59e6e101a6fa' } },
  runMapFp: { source: 'kvm_arch_vcpu_run_map_fp', commits: { none: '42ce432522a1' } },
  dbg: { source: 'kvm_vcpu_load_debug' },
  mdcrSite: { source: '__activate_traps_common' },
  hostBuf: { source: '__debug_save_host_buffers_nvhe', commits: { disable: '07695f7dc1e1' } },
  runningVcpuVhe: { source: 'kvm_vcpu_load_vhe', commits: { loadput: '9a39359903fe' } },
  fpmr: { source: 'kvm_hyp_handle_fpsimd', commits: { true: 'ef3be86021c3' } },
  nestedSkip: { source: 'kvm_arch_vcpu_load_fp', commits: { true: '435c46619614' } },
  neonPreemptible: { source: 'fpsimd_thread_switch' },
  neonIrqsOff: { source: 'kernel_neon_begin', commits: { true: '7137a203b251' } },
  pmuserenrFlag: { source: 'kvm_set_pmuserenr', commits: { true: '8681f7175901' } },
  dsbNsh: { source: '__kvm_vcpu_run' },
  hostSme: { source: 'system_supports_sme', commits: { false: '81235ae0c846' }, feature: true },
  fgt: { source: '__activate_traps_hfgxtr' },
  hcrxRestore: { source: '__deactivate_traps_common', commits: { const: '306b4c9f7120', saved: 'ffea7c73d181' } },
  cpuOnSctlr: { source: '__kvm_host_psci_cpu_entry', commits: { true: '3855a7b91d42' } },
  fpcrLoad: { source: 'fpsimd_load_state' },
  mdcrAtLoad: { source: '__activate_traps_common' },
  csselr: { source: '__sysreg_save_el1_state' },
  vpidr: { source: '__sysreg_restore_el1_state' },
  stage2Vhe: { source: 'kvm_vcpu_load_vhe' },
  isbBeforeFp: { source: '__kvm_vcpu_run_vhe', commits: { true: '257d0aa8e250' } },
  isbBeforeUnmask: { source: '__kvm_vcpu_run_vhe', commits: { true: 'cade3d57e456' } },
  isbAfterFpexc: { source: '__activate_traps_fpsimd32', commits: { false: 'b1a9a9b96169' } },
  mpam: { source: '__activate_traps_mpam', commits: { write: '31ff96c38ea3', update: 'eda1cd1f9d29' } },
  e0poe: { source: '__deactivate_cptr_traps_vhe', commits: { kept: 'cbaffe843a94' } },
  panicGuard: { source: '__hyp_call_panic', commits: { true: '300fac4cc266' } },
  pkvmDebug: { source: 'flush_hyp_vcpu', commits: { registers: '0f1a6c5c9784', all: '119a9a23fbae' } },
  el2Synchronises: { source: '__kvm_hyp_init', commits: { true: 'd7396a72eae7' } },
  saveCurrent: { source: 'fpsimd_save_and_flush_current_state', commits: { flush: 'd3a181588df9' } },
  accFlushes: { source: 'do_sve_acc', commits: { sve: '751ecf6afd65', all: 'd3eaab3c7090' } },
  neonFlushFirst: { source: 'fpsimd_thread_switch', commits: { true: '01098d893fa8' } },
  execFpmr: { source: 'fpsimd_flush_thread', commits: { true: 'a90878f297d3' } },
  ptraceKeepsZa: { source: 'sme_alloc', commits: { true: 'dc7eb8755797' } },
};

/** One switch, and another value for it. */
export interface Change {
  readonly name: keyof Profile;
  readonly value: Profile[keyof Profile];
}

/** Whether some kernel could be so: an owner in the vCPU is reached through the vCPU, and no other. */
const isCoherent = ({ ownerLoc, accessor }: Profile): boolean => (ownerLoc === 'vcpu') === (accessor === 'explicit');

/** Every switch with each value that it has in another kernel. */
export function changesOf(profile: Profile): readonly Change[] {
  return (Object.keys(profile) as (keyof Profile)[]).flatMap((name) => {
    const values = new Set(MODELS.map((model) => model.profile[name]));
    values.delete(profile[name]);
    return [...values].map((value) => ({ name, value }));
  });
}

/** Those that leave a kernel that could be. */
export function soundChangesOf(profile: Profile): readonly Change[] {
  return changesOf(profile).filter((change) => isCoherent(changed(profile, change)));
}

export function changed(profile: Profile, { name, value }: Change): Profile {
  return { ...profile, [name]: value };
}

export function modelsWith({ name, value }: Change): readonly Model[] {
  return MODELS.filter(({ profile }) => profile[name] === value);
}
