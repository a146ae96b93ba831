/** Numbers of kernel releases. */

/** Major, minor, and the patch level of a stable release. */
export type Release = readonly [major: number, minor: number, patch?: number];

/** By major and minor number. */
export const isBefore = ([a, b]: Release, [c, d]: Release): boolean => a < c || (a === c && b < d);
