/* What the guest does next: the number that it reads at MMIO address GUEST_MMIO. A write to GUEST_MMIO + 8 reports lost FP state. */
#define GUEST_MMIO 0x10000000
#define GUEST_MEMORY 0x40000000

#define OP_FP 1
#define OP_SVE 2
#define OP_DEBUG_WRITE 3
#define OP_SPIN 4
#define OP_HVC 5
#define OP_TOUCH 6
#define OP_DEBUG_CLEAR 7
#define OP_FP_SPIN 8
#define OP_DEBUG_ENABLE 9
#define OP_OS_LOCK 10
