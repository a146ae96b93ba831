/*
 * A guest without an operating system: EL1h, MMU off. It asks for operations and counts FP additions in d5 (in x23 as well, to
 * see whether d5 is kept).
 */
#include "operations.h"

    .arch armv8.2-a+sve
    .global _start
_start:
    mov x19, #GUEST_MMIO
    mrs x0, cpacr_el1
    orr x0, x0, #(3 << 20)          // FPEN
    orr x0, x0, #(3 << 16)          // ZEN
    msr cpacr_el1, x0
    isb
    mov x21, #0
    mov x23, #0

next:
    ldr w0, [x19]
    cmp w0, #OP_FP
    b.eq fp
    cmp w0, #OP_SVE
    b.eq sve
    cmp w0, #OP_DEBUG_WRITE
    b.eq debug_write
    cmp w0, #OP_SPIN
    b.eq spin
    cmp w0, #OP_HVC
    b.eq hypercall
    cmp w0, #OP_TOUCH
    b.eq touch
    cmp w0, #OP_DEBUG_CLEAR
    b.eq debug_clear
    cmp w0, #OP_FP_SPIN
    b.eq fp_spin
    cmp w0, #OP_DEBUG_ENABLE
    b.eq debug_enable
    cmp w0, #OP_OS_LOCK
    b.eq os_lock
    b next

// One FP addition, checked.
    .macro add_fp
    cbnz x23, 1f
    fmov d5, xzr
1:  fmov d0, #1.0
    fadd d5, d5, d0
    add x23, x23, #1
    .endm

    .macro check_fp
    fcvtzs x22, d5
    cmp x22, x23
    b.eq 1f
    str w22, [x19, #8]
    fmov d5, xzr
    mov x23, #0
1:
    .endm

    .macro delay
    mov x1, #0x40000
9:  subs x1, x1, #1
    b.ne 9b
    .endm

fp:
    add_fp
    check_fp
    b next

// FP state that lives across timer interrupts and preemption.
fp_spin:
    mov x24, #6
2:  add_fp
    delay
    check_fp
    subs x24, x24, #1
    b.ne 2b
    b next

sve:
    ptrue p0.b
    dup z0.d, x0
    add z1.d, z0.d, z0.d
    b next

debug_write:
    mov x0, #0x4000
    msr dbgbvr0_el1, x0
    msr dbgbcr0_el1, xzr
    mrs x0, mdscr_el1
    msr mdscr_el1, x0
    isb
    b next

// MDSCR_EL1.MDE, with breakpoint 0 disabled: the guest uses its debug registers from here on.
debug_enable:
    mrs x0, mdscr_el1
    orr x0, x0, #(1 << 15)
    msr mdscr_el1, x0
    mov x0, #0x4000
    msr dbgbvr0_el1, x0
    isb
    b next

debug_clear:
    msr mdscr_el1, xzr
    msr oslar_el1, xzr
    isb
    b next

os_lock:
    mov x0, #1
    msr oslar_el1, x0
    isb
    b next

spin:
    delay
    delay
    b next

hypercall:
    mov x0, #0x80000000             // SMCCC_VERSION
    hvc #0
    b next

touch:
    add x21, x21, #0x1000
    and x21, x21, #0xfffff
    mov x1, #GUEST_MEMORY
    add x1, x1, #0x100000
    add x1, x1, x21
    str x0, [x1]
    b next
