/** The footprint of a real kernel, read from its BTF. */

import { type Btf, type BtfError, describeBtfError, isBtfError, limitError } from '../../btf/blob.ts';
import { findField, members } from '../../btf/member.ts';
import { findStruct, resolve } from '../../btf/types.ts';
import { GENERATIONS } from '../../models/generations.ts';
import { HOST_FIELDS, MOVES } from '../../models/host-data.ts';
import type { Field, FootprintError, KernelLayout, Side, Total } from './sizes.ts';

const STRUCTS = ['kvm_vcpu', 'kvm_vcpu_arch', 'kvm_host_data', 'kvm_cpu_context', 'kvm_guest_debug_arch'] as const;
/** Of kvm_vcpu_arch: what any generation keeps there of the host's. */
const VCPU_FIELDS = [...new Set(GENERATIONS.flatMap((generation) => Object.keys(generation.vcpu)))];
/** Of kvm_host_data, all members are listed but these: the register context, and what other parts of KVM keep there. */
const OTHER_HOST_DATA = new Set([
  ...['host_ctxt', 'pmu_events'],
  ...HOST_FIELDS.filter(({ other }) => other === true).map(({ name }) => name),
]);

/** Sizes and offsets; a BTF without the structs of KVM/arm64 is an error. */
export function readKernel(btf: Btf, total: (vcpu: number, cpu: number) => Total): KernelLayout | FootprintError {
  const structs = STRUCTS.flatMap((name) => {
    const type = findStruct(btf, name);
    return isBtfError(type) ? [] : [{ name, bytes: type.sizeOrType }];
  });
  const missing = ['kvm_vcpu_arch', 'kvm_host_data'].find((name) => !structs.some((struct) => struct.name === name));
  if (missing !== undefined)
    return { error: `no struct ${missing} in this BTF: it is not that of an arm64 kernel with KVM` };
  const vcpuFields = vcpuFieldsOf(btf);
  if (isBtfError(vcpuFields)) return { error: `BTF: ${describeBtfError(vcpuFields)}` };
  const hostData = hostDataFields(btf);
  if (isBtfError(hostData)) return { error: `BTF: ${describeBtfError(hostData)}` };
  const vcpu = side(vcpuFields);
  const cpu = side(hostData);
  const moved = new Set(MOVES.map((move) => move.vcpu));
  const still = side(vcpu.fields.filter((field) => moved.has(field.name)));
  return {
    structs,
    vcpu,
    cpu,
    total: total(vcpu.bytes, cpu.bytes),
    still_in_vcpu: { bytes: still.bytes, fields: still.fields.map((field) => field.name) },
  };
}

/** Those that the kernel has. */
function vcpuFieldsOf(btf: Btf): Field[] | BtfError {
  const fields: Field[] = [];
  for (const name of VCPU_FIELDS) {
    const field = findField(btf, 'kvm_vcpu_arch', name);
    if (!isBtfError(field)) fields.push(toBytes(name, field));
    else if (field.limit !== undefined) return field;
  }
  return fields;
}

function toBytes(
  name: string,
  { bitSize, bitOffset }: { readonly bitSize: number; readonly bitOffset: number },
): Field {
  return { name, bytes: Math.ceil(bitSize / 8), offset: Math.floor(bitOffset / 8) };
}

/** The members of kvm_host_data; those of host_debug_state one by one. */
function hostDataFields(btf: Btf): Field[] | BtfError {
  const type = findStruct(btf, 'kvm_host_data');
  const list = isBtfError(type) ? type : members(btf, type);
  if (isBtfError(list)) return list;
  const fields: Field[] = [];
  for (const member of list) {
    if (OTHER_HOST_DATA.has(member.name)) continue;
    const nested = member.name === 'host_debug_state' ? resolve(btf, member.typeId) : undefined;
    const inner = nested === undefined || isBtfError(nested) ? undefined : members(btf, nested);
    if (inner !== undefined && isBtfError(inner)) return inner;
    for (const { name, bitOffset, bitSize } of inner ?? [{ ...member, bitOffset: 0 }]) {
      if (fields.length === btf.limits.members)
        return limitError(-1, 'members', btf.limits, 'members of kvm_host_data');
      const whole = inner === undefined ? name : `host_debug_state.${name}`;
      fields.push(toBytes(whole, { bitSize, bitOffset: member.bitOffset + bitOffset }));
    }
  }
  return fields;
}

/** The fields and their sum. */
export function side(fields: readonly Field[]): Side {
  return { bytes: fields.reduce((sum, field) => sum + field.bytes, 0), fields };
}
