/** What stands above each other: a heading for each CPU and vCPU, and its lanes below. */

import { createLane, type Lane } from './lane.ts';
import type { Palette } from './palette.ts';
import type { Axis } from './scale.ts';
import type { Data, TrackData } from './unpack.ts';

/** CSS pixels: of the names at the left, of the axis at the top, and heights of rows. */
export const GUTTER = 148;
export const AXIS = 24;
export const HEADING = 22;
export const LANE = 16;
const GAP = 10;

export interface HeadingRow {
  readonly kind: 'heading';
  readonly title: string;
  readonly subject: TrackData['subject'];
  readonly top: number;
  /** Bottom of its last lane. */
  bottom: number;
}

export interface LaneRow {
  readonly kind: 'lane';
  readonly label: string;
  readonly subject: TrackData['subject'];
  readonly lane: Lane;
  readonly top: number;
  /** It is to be compared with the one above it: no space between them. */
  readonly joined: boolean;
}

export interface Rows {
  readonly list: readonly (HeadingRow | LaneRow)[];
  /** By CPU. */
  readonly headings: ReadonlyMap<number, HeadingRow>;
  readonly height: number;
}

export const titleOf = (subject: TrackData['subject']): string =>
  subject.kind === 'cpu' ? `CPU ${subject.cpu}` : `vCPU ${subject.vm}/${subject.vcpu}`;

export const isSame = (a: TrackData['subject'], b: TrackData['subject']): boolean => titleOf(a) === titleOf(b);

/** What the kernel believes and what the registers hold stand against each other. */
const JOINED: ReadonlySet<string> = new Set(['fp_owner', 'FP registers', 'FP registers in']);

export function createRows(data: Data, axis: Axis, palette: Palette): Rows {
  const list: (HeadingRow | LaneRow)[] = [];
  const headings = new Map<number, HeadingRow>();
  const told = data.tracks.filter((track) => isToldOf(track, data));
  const twoOwners = new Set(
    told.filter(({ name }) => name === 'fp_owner (kernel)').map(({ subject }) => titleOf(subject)),
  );
  let top = 0;
  let heading: HeadingRow | undefined;
  for (const track of told.filter(({ drawn }) => drawn)) {
    const { subject } = track;
    const title = titleOf(subject);
    if (heading?.title !== title) {
      if (heading !== undefined) top += GAP;
      heading = { kind: 'heading', title, subject, top, bottom: top };
      if (subject.kind === 'cpu') headings.set(subject.cpu, heading);
      list.push(heading);
      top += HEADING;
    }
    const hasTwo = twoOwners.has(title);
    // Where the kernel has an instance of its own, the other is that of the hypervisor.
    const label = track.name === 'fp_owner' && hasTwo ? 'fp_owner (hyp)' : track.name;
    const joined = JOINED.has(track.name) && (track.name !== 'fp_owner' || hasTwo);
    if (!joined) top += 2;
    list.push({ kind: 'lane', label, subject, lane: createLane(track, axis.positions, palette.ofValue), top, joined });
    top += LANE;
    heading.bottom = top;
  }
  return { list, headings, height: top + GAP };
}

/** A track that is "none" from beginning to end says nothing. */
export function isToldOf({ states }: TrackData, { values }: Data): boolean {
  return states.some((state) => values[state]?.kind !== 'none');
}
