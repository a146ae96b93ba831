/** Which model a kernel is, by the release that `uname -r` prints and a capture's header repeats. */

/**
 * First stable releases with the floating-point rework of February 2025 (fbc7e61195e2 and what belongs to it), by their
 * change logs. There is no model for 6.6 with it.
 */
const BACKPORTS: Readonly<Record<string, { readonly from: number; readonly model: string }>> = {
  '6.1': { from: 135, model: 'v6.1-stable' },
  '6.12': { from: 21, model: 'v6.12-stable' },
  '6.13': { from: 9, model: 'v6.12-stable' },
};

/** The first release of each model without backports, newest first. */
const SINCE: readonly (readonly [major: number, minor: number, model: string])[] = [
  [7, 1, 'v7.1'],
  [6, 16, 'v6.16'],
  [6, 14, 'v6.14'],
  [6, 12, 'v6.12'],
  [6, 10, 'v6.10'],
  [6, 2, 'v6.2'],
  [5, 18, 'v5.18'],
];

/** "6.12.107+deb13-arm64" is v6.12-stable. Undefined where the release is none, or older than every model. */
export function modelOfRelease(release: string): string | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?(?![\d.])/.exec(release);
  if (match === null) return undefined;
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (/^6\.10\.0-rc1(?!\d)/.test(release)) return 'v6.10-rc1';
  const backport = BACKPORTS[`${major}.${minor}`];
  if (backport !== undefined && patch >= backport.from) return backport.model;
  return SINCE.find(([a, b]) => major > a || (major === a && minor >= b))?.[2];
}
