/**
 * How much of a BTF blob is believed. A blob comes from anywhere: without limits a few kilobytes of gzip make a tool work
 * for hours, or print until the disk is full. What the kernel refuses itself is refused at the same size.
 */

export interface BtfLimits {
  /** Bytes of the blob, decompressed. */
  readonly bytes: number;
  readonly types: number;
  /** Members looked at to answer one question, those of anonymous structs included. */
  readonly members: number;
  /** Bytes of a name. */
  readonly name: number;
  /** Typedefs and qualifiers in a row, arrays in each other, anonymous structs in each other. */
  readonly depth: number;
}

export type BtfLimit = keyof BtfLimits;

export const DEFAULT_BTF_LIMITS: BtfLimits = {
  // The largest kernel seen has 7 MB.
  bytes: 32 * 1024 * 1024,
  // BTF_MAX_TYPE in include/uapi/linux/btf.h.
  types: 0xfffff,
  // The kernel's largest structs have some 300.
  members: 8192,
  // KSYM_NAME_LEN in include/linux/kallsyms.h, its NUL not included (__btf_name_valid in kernel/bpf/btf.c).
  name: 511,
  // MAX_RESOLVE_DEPTH in kernel/bpf/btf.c.
  depth: 32,
};

/** The option of the command line that lifts a limit. */
export function optionOf(limit: BtfLimit): string {
  return `--max-btf-${limit}`;
}
