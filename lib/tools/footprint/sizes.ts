/** Sizes of the host state: fields on the side of the vCPU and on that of the CPU. */

export interface Field {
  readonly name: string;
  readonly bytes: number;
  /** Byte offset in its struct; where it was read from BTF. */
  readonly offset?: number;
}

export interface Side {
  readonly bytes: number;
  readonly fields: readonly Field[];
}

/**
 * A host's bytes, by how many instances of kvm_host_data it has: VHE has the kernel's only, nVHE, hVHE and pKVM have one of
 * the hypervisor's beside it (per_cpu_ptr_nvhe_sym in asm/kvm_asm.h).
 */
export interface Total {
  readonly vhe: number;
  readonly nvhe: number;
}

export interface Layout {
  readonly models: readonly string[];
  readonly vcpu: Side;
  readonly cpu: Side;
  readonly total: Total;
}

export interface KernelLayout extends Omit<Layout, 'models'> {
  /** Sizes of the structs, padding included; only those that the kernel has. */
  readonly structs: readonly { readonly name: string; readonly bytes: number }[];
  /** Which of the fields that the series moved are in kvm_vcpu_arch in this kernel. */
  readonly still_in_vcpu: { readonly bytes: number; readonly fields: readonly string[] };
}

export interface FootprintError {
  readonly error: string;
}
