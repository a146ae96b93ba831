/** Encodings of the instructions that are looked for (Arm ARM, C6 to C8): `(word & mask) === value`. */

export interface Pattern {
  readonly mask: number;
  readonly value: number;
}

export const matches = (pattern: Pattern, word: number): boolean => (word & pattern.mask) >>> 0 === pattern.value;

/** A sequence that moves registers 0 to 31: its instruction for register 0, any of its instructions, how many there are. */
export interface Run {
  readonly first: Pattern;
  readonly any: Pattern;
  readonly length: number;
}

/** `stp q0, q1, [x]` and so on; the last pair may write back, which is another encoding. */
const pairs = (load: number): Run => ({
  first: { mask: 0xffc07c1f, value: (0xad000400 | load) >>> 0 },
  any: { mask: 0xffc00000, value: (0xad000000 | load) >>> 0 },
  length: 15,
});
const vectors = (value: number): Run => ({
  first: { mask: 0xffc0e01f, value },
  any: { mask: 0xffc0e000, value },
  length: 32,
});

export const RUNS = {
  fpsimd_save: pairs(0),
  fpsimd_load: pairs(0x00400000),
  sve_save: vectors(0xe5804000),
  sve_load: vectors(0x85804000),
} as const satisfies { readonly [primitive: string]: Run };

/** `str za[w, 0], [x]`: one row, in a loop. */
export const LOOPS = {
  za_save: { mask: 0xffff9c1f, value: 0xe1200000 },
  za_load: { mask: 0xffff9c1f, value: 0xe1000000 },
} as const satisfies { readonly [primitive: string]: Pattern };
/** The base register of a row is any. */
export const ROW_MASK = 0xffff9c10;

/** `str zt0, [x]`. */
export const SINGLE = {
  zt0_save: { mask: 0xfffffc1f, value: 0xe13f8000 },
  zt0_load: { mask: 0xfffffc1f, value: 0xe11f8000 },
} as const satisfies { readonly [primitive: string]: Pattern };

export const CONDITIONAL_BRANCH: Pattern = { mask: 0xff000010, value: 0x54000000 };
export const CALL: Pattern = { mask: 0xfc000000, value: 0x94000000 };

/** Byte offset of a `b.cond`. */
export const conditionalOffset = (word: number): number => ((word << 8) >> 13) * 4;
/** Byte offset of a `bl`. */
export const callOffset = (word: number): number => ((word << 6) >> 6) * 4;

export const MRS: Pattern = { mask: 0xfff00000, value: 0xd5300000 };
export const MSR: Pattern = { mask: 0xfff00000, value: 0xd5100000 };

/** Instructions that are counted as what they are. */
export const COUNTED = {
  isb: { mask: 0xffffffff, value: 0xd5033fdf },
  // `msr svcrsm, #0`, `svcrza`, `svcrsmza`.
  smstop: { mask: 0xfffff9ff, value: 0xd503407f },
} as const satisfies { readonly [primitive: string]: Pattern };

/** System registers that are everywhere and no part of a switch: current, the per-CPU base at EL2, the level, interrupt masks, the counter. */
export const EVERYWHERE: readonly Pattern[] = [
  'S3_0_C4_C1_0', // SP_EL0
  'S3_4_C13_C0_2', // TPIDR_EL2
  'S3_0_C4_C2_2', // CurrentEL
  'S3_3_C4_C2_1', // DAIF
  'S3_0_C4_C6_0', // ICC_PMR_EL1
  'S3_3_C14_C0_2', // CNTVCT_EL0
  'S3_3_C14_C0_6', // CNTVCTSS_EL0
].map((name) => ({ mask: 0xffdfffe0, value: encode(name) }));

/** The word of `msr NAME, x0`, from the generic name of a register. */
export function encode(name: string): number {
  const fields = /^S([23])_([0-7])_C(\d+)_C(\d+)_([0-7])$/.exec(name);
  if (fields === null) throw new Error(`${name} is not S<op0>_<op1>_C<n>_C<m>_<op2>`);
  const [op0, op1, crn, crm, op2] = fields.slice(1).map(Number) as [number, number, number, number, number];
  return (0xd5000000 | (op0 << 19) | (op1 << 16) | (crn << 12) | (crm << 8) | (op2 << 5)) >>> 0;
}

/** The generic name of the register that an `mrs` or `msr` accesses. */
export function registerOf(word: number): string {
  const field = (shift: number, mask: number): number => (word >>> shift) & mask;
  return `S${field(19, 3)}_${field(16, 7)}_C${field(12, 15)}_C${field(8, 15)}_${field(5, 7)}`;
}
