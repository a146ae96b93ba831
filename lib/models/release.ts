/** Which model a kernel is, by the release that `uname -r` prints and a capture's header repeats. */

import { CHANGES, profileOf } from './changes.ts';
import { MODELS, type Model, NEWEST } from './models.ts';
import type { Profile } from './profile.ts';
import type { Release } from './release-number.ts';

export interface Covering {
  /**
   * The model that behaves as the release does, or is most like it. None where it is no release, or older than every model;
   * several, the vanilla one first, where it does not say its stable level.
   */
  readonly models: readonly string[];
  /** Why nobody can say that the kernel behaves so, in words: "6.6.70 lies between v6.6 and v6.6-stable". */
  readonly question?: string;
}

const RELEASE = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?(?![\d.])(-rc\d{1,2}(?!\d))?/;
/** A distribution's name of a series: `6.1.0-56-arm64`, `6.8.0-45-generic`. Which stable level it is at, it does not say. */
const SERIES = /^\d+\.\d+\.0-\d/;
/** What may follow the number of a kernel that nobody changed, as Debian names those that it builds. */
const VANILLA = /^(?:\+deb\d+(?:\+\d+)?|-\d{1,3}(?=-arm64$|-\w+-arm64$))?(?:-(?:arm64|cloud|rt|16k|64k))*$/;

/** Released models, oldest first. */
const ROWS = MODELS.flatMap((model) => (model.since === undefined ? [] : [{ model, since: model.since }]));

const order = (a: Release, b: Release): number => a[0] - b[0] || a[1] - b[1] || (a[2] ?? 0) - (b[2] ?? 0);

const differences = (a: Profile, b: Profile): number =>
  (Object.keys(a) as (keyof Profile)[]).filter((name) => a[name] !== b[name]).length;

/**
 * "6.12.107+deb13-arm64" is v6.12-stable. `version` is what `uname -v` prints, in which some distributions name the stable level:
 * "#1 SMP Debian 6.1.192-1 (2026-11-02)".
 */
export function coveringOf(release: string, version = ''): Covering {
  const match = RELEASE.exec(release);
  if (match === null) return { models: [] };
  const candidate = match[4] ?? '';
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const isSeries = SERIES.test(release);
  const level = isSeries ? levelIn(version, major, minor) : Number(match[3] ?? 0);
  const number: Release = [major, minor, level ?? 0];
  const [below, above] = neighbours(number);
  if (below === undefined) return { models: [], question: `${release} is older than ${above?.name}, the oldest model` };
  const { name, isSame } = likest(number);
  const models = level === undefined ? levelsOf(major, minor) : [name];
  const asked = (question: string): Covering => ({ models, question: `${release} ${question}` });
  if (!VANILLA.test(release.slice(match[0].length))) return asked('is not a vanilla kernel');
  if (order([major, minor], NEWEST) > 0) return asked(`is later than ${below.name}, the newest model`);
  if (candidate !== '') return candidateOf(release, number, candidate, name);
  return isSame || level === undefined ? { models } : asked(`lies between ${below.name} and ${above?.name}`);
}

/** The stable level of the series that the text names; undefined where it names none. */
function levelIn(version: string, major: number, minor: number): number | undefined {
  const level = new RegExp(`(?<![\\d.])${major}\\.${minor}\\.(\\d{1,5})(?![\\d.])`).exec(version)?.[1];
  return level === undefined ? undefined : Number(level);
}

/** The last model that begins with the release or before it, and the next one. */
function neighbours(release: Release): readonly [below: Model | undefined, above: Model | undefined] {
  const after = ROWS.findIndex(({ since }) => order(since, release) > 0);
  const index = after === -1 ? ROWS.length : after;
  return [ROWS[index - 1]?.model, ROWS[index]?.model];
}

/** The model whose switches are most like those of the release: the last of them that begins with it or before, else the first. */
function likest(release: Release): { readonly name: string; readonly isSame: boolean } {
  const profile = profileOf(release);
  const rows = ROWS.map(({ model, since }) => ({ model, since, apart: differences(model.profile, profile) }));
  const least = Math.min(...rows.map(({ apart }) => apart));
  const nearest = rows.filter(({ apart }) => apart === least);
  const row = nearest.findLast(({ since }) => order(since, release) <= 0) ?? (nearest[0] as (typeof rows)[number]);
  return { name: row.model.name, isSame: least === 0 };
}

/** The models of a series: that of its first release, and those that begin within it. */
function levelsOf(major: number, minor: number): readonly string[] {
  const later = ROWS.filter(({ since }) => since[0] === major && since[1] === minor && since[2] !== undefined);
  return [likest([major, minor]).name, ...later.map(({ model }) => model.name)];
}

/** Between the candidates of a release its changes come one by one. */
function candidateOf(release: string, [major, minor]: Release, candidate: string, covering: string): Covering {
  const known = MODELS.find((model) => model.candidate === `${major}.${minor}.0${candidate}`);
  if (known !== undefined) return { models: [known.name] };
  if (!CHANGES.some(({ since }) => since[0] === major && since[1] === minor)) return { models: [covering] };
  const before = ROWS.findLast(({ since }) => since[2] === undefined && order(since, [major, minor]) < 0)?.model;
  return { models: [covering], question: `${release} lies between ${before?.name} and ${covering}` };
}

/** The model that a release is taken for; undefined where it is none, or older than every model. */
export const modelOfRelease = (release: string): string | undefined => coveringOf(release).models[0];
