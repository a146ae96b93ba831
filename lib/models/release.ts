/** Which model a kernel is, by the release that `uname -r` prints and a capture's header repeats. */

import { MODELS } from './profiles.ts';

const RELEASE = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?(?![\d.])/;

/** "6.12.107+deb13-arm64" is v6.12-stable. Undefined where the release is none, or older than every model. */
export function modelOfRelease(release: string): string | undefined {
  const match = RELEASE.exec(release);
  if (match === null) return undefined;
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const isCandidate = (name: string): boolean => release.startsWith(name) && !/^\d/.test(release.slice(name.length));
  const candidate = MODELS.find((model) => model.candidate !== undefined && isCandidate(model.candidate));
  const stable = MODELS.find((model) => patch >= (model.stable?.[`${major}.${minor}`] ?? Number.POSITIVE_INFINITY));
  const vanilla = MODELS.findLast(
    ({ since: [a, b] = [Number.POSITIVE_INFINITY, 0] }) => major > a || (major === a && minor >= b),
  );
  return (candidate ?? stable ?? vanilla)?.name;
}
