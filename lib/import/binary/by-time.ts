/** Streams that are each in order of time become one. */

import type { Recorded } from './ring-buffer.ts';

export interface Stream {
  /** Its next entry, which `next` fills in. */
  readonly entry: Recorded;
  /** False at its end. */
  next(): boolean;
}

/** All entries by time, and where times are equal by the order of the streams. */
export function* byTime(streams: readonly Stream[]): Generator<Recorded> {
  const places = new Map(streams.map((stream, index) => [stream, index]));
  const isBefore = (a: Stream, b: Stream): boolean =>
    a.entry.time < b.entry.time ||
    (a.entry.time === b.entry.time && (places.get(a) as number) < (places.get(b) as number));
  const queue: Stream[] = [];

  /** Near the front mostly: the stream that was just first tends to stay there. */
  function enqueue(stream: Stream): void {
    if (!stream.next()) return;
    let at = 0;
    while (at < queue.length && isBefore(queue[at] as Stream, stream)) at++;
    queue.splice(at, 0, stream);
  }

  for (const stream of streams) enqueue(stream);
  for (let first = queue.shift(); first !== undefined; first = queue.shift()) {
    yield first.entry;
    enqueue(first);
  }
}
