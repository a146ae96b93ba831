/** Which model a kernel is, by the release that `uname -r` prints and a capture's header repeats. */

import { MODELS } from './profiles.ts';

const RELEASE = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?(?![\d.])/;
/** A distribution's name of a series: `6.1.0-56-arm64`, `6.8.0-45-generic`. Which stable level it is at, it does not say. */
const SERIES = /^\d+\.\d+\.0-\d/;

/** "6.12.107+deb13-arm64" is v6.12-stable. Undefined where the release is none, or older than every model. */
export function modelOfRelease(release: string): string | undefined {
  return modelsOfRelease(release)[0];
}

/**
 * The models that a kernel of that release can be: one, or two where the release does not say the stable level, the vanilla one
 * first. `version` is what `uname -v` prints, in which some distributions name it: "#1 SMP Debian 6.1.192-1 (2026-11-02)".
 */
export function modelsOfRelease(release: string, version = ''): readonly string[] {
  const match = RELEASE.exec(release);
  if (match === null) return [];
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const named = SERIES.test(release) ? levelIn(version, major, minor) : patch;
  const isCandidate = (name: string): boolean => release.startsWith(name) && !/^\d/.test(release.slice(name.length));
  const candidate = MODELS.find((model) => model.candidate !== undefined && isCandidate(model.candidate));
  const since = (model: (typeof MODELS)[number]): number =>
    model.stable?.[`${major}.${minor}`] ?? Number.POSITIVE_INFINITY;
  const stable = MODELS.find((model) => (named ?? Number.MAX_SAFE_INTEGER) >= since(model));
  const vanilla = MODELS.findLast(
    ({ since: [a, b] = [Number.POSITIVE_INFINITY, 0] }) => major > a || (major === a && minor >= b),
  );
  const possible =
    candidate !== undefined ? [candidate] : named === undefined ? [vanilla, stable] : [stable ?? vanilla];
  return possible.flatMap((model) => model?.name ?? []);
}

/** The stable level of the series that the text names; undefined where it names none. */
function levelIn(version: string, major: number, minor: number): number | undefined {
  const level = new RegExp(`(?<![\\d.])${major}\\.${minor}\\.(\\d{1,5})(?![\\d.])`).exec(version)?.[1];
  return level === undefined ? undefined : Number(level);
}
