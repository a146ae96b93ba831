/** fp_owner: who the kernel believes to own the FP registers. */

/** enum of fp_owner, in the kernel's order (FREE is the zero initialisation), and UNKNOWN_OWNER of ours. */
export const FREE = 0;
export const HOST_OWNED = 1;
export const GUEST_OWNED = 2;
export const UNKNOWN_OWNER = 3;
/** FP_STATE_USER_OWNED of the RFC of 2024: in memory, in the format for userspace. */
export const USER_OWNED = 4;
export const OWNER_NAMES: readonly string[] = ['free', 'host', 'guest', 'unknown', 'user'];
