/** What `pack.ts` wrote, in the browser. */

import type { Header } from '../header.ts';

export interface TrackData {
  readonly name: string;
  readonly subject: Header['tracks'][number]['subject'];
  readonly drawn: boolean;
  readonly starts: Uint32Array;
  readonly states: Uint32Array;
}

export interface Data extends Omit<Header, 'events' | 'times' | 'tracks' | 'transitions'> {
  readonly count: number;
  /** ns since `base`; undefined where the trace tells no times. */
  readonly times: Float64Array | undefined;
  readonly inputs: Uint32Array;
  readonly lines: Uint32Array;
  readonly eventKinds: Uint32Array;
  readonly cpus: Uint32Array;
  readonly inferred: Uint32Array;
  readonly tracks: readonly TrackData[];
  readonly transitions: { readonly at: Uint32Array; readonly cpus: Uint32Array; readonly edges: Uint32Array };
}

export async function unpack(base64: string): Promise<Data> {
  const text = atob(base64);
  const packed = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) packed[index] = text.charCodeAt(index);
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return read(new Uint8Array(await new Response(plain).arrayBuffer()));
}

function read(bytes: Uint8Array): Data {
  let at = 0;
  const number = (): number => {
    let byte = bytes[at++] as number;
    if (byte < 128) return byte;
    let value = byte - 128;
    let scale = 128;
    do {
      byte = bytes[at++] as number;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value;
  };
  const fill = <T extends Uint32Array | Float64Array>(into: T): T => {
    for (let index = 0; index < into.length; index++) into[index] = number();
    return into;
  };
  const fillDeltas = <T extends Uint32Array | Float64Array>(into: T): T => {
    let value = 0;
    for (let index = 0; index < into.length; index++) {
      const zigzag = number();
      value += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      into[index] = value;
    }
    return into;
  };
  const length = number();
  const { events, times, tracks, transitions, ...rest } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(at, at + length)),
  ) as Header;
  at += length;
  const column = (count: number): Uint32Array => fill(new Uint32Array(count));
  const growing = (count: number): Uint32Array => fillDeltas(new Uint32Array(count));
  // In the order in which they were written.
  const read = {
    times: fillDeltas(new Float64Array(times)),
    inputs: column(events),
    lines: growing(events),
    eventKinds: column(events),
    cpus: column(events),
    inferred: column(events),
    tracks: tracks.map(({ changes, ...track }) => ({ ...track, starts: growing(changes), states: column(changes) })),
    transitions: { at: growing(transitions), cpus: column(transitions), edges: column(transitions) },
  };
  return { ...rest, ...read, count: events, times: times === 0 ? undefined : read.times };
}
