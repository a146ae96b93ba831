/** Where the frames of zstd data end: RFC 8878, without decompressing anything. */

/** What the walk over a frame needs next: so many bytes to look at, or to pass over. */
interface Need {
  readonly take: number;
  readonly skip: number;
}

const MAGIC = 0xfd2fb528;
/** The low four bits of a skippable frame's magic number are free. */
const SKIPPABLE_MAGIC = 0x184d2a50;

/** Bytes of the dictionary id and of the frame content size, by the bits of the descriptor that say so. */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const SIZE_BYTES = [0, 2, 4, 8] as const;
const RLE_BLOCK = 1;

const take = (count: number): Need => ({ take: count, skip: 0 });
const skip = (count: number): Need => ({ take: 0, skip: count });

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** Walks over one frame. Returns whether it is one. */
function* walkFrame(): Generator<Need, boolean, Uint8Array> {
  const magic = littleEndian(yield take(4));
  if (magic - (magic % 16) === SKIPPABLE_MAGIC) {
    yield skip(littleEndian(yield take(4)));
    return true;
  }
  if (magic !== MAGIC) return false;
  const descriptor = littleEndian(yield take(1));
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = SIZE_BYTES[descriptor >> 6] || (isSingleSegment ? 1 : 0);
  yield skip((isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] as number) + sizeBytes);
  for (let isLast = false; !isLast; ) {
    const header = littleEndian(yield take(3));
    isLast = (header & 1) !== 0;
    yield skip(((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3);
  }
  if ((descriptor & 4) !== 0) yield skip(4);
  return true;
}

export interface FrameWalk {
  /** Nothing of a frame has been seen since the last one ended. */
  readonly isBetweenFrames: boolean;
  /** What was seen is no frame. */
  readonly isBroken: boolean;
  /** Walks on from `start` to the end of the frame, or of the bytes; returns where that is. */
  walk(bytes: Uint8Array, start: number): number;
}

/** A walk over frames, one after the other, in chunks of any size. */
export function createFrameWalk(): FrameWalk {
  let frame: ReturnType<typeof walkFrame> | undefined;
  let isBroken = false;
  let taken: number[] = [];
  let toTake = 0;
  let toSkip = 0;

  /** Goes on to what is needed next; at the end of the frame there is none. */
  function proceed(): void {
    frame ??= walkFrame();
    const step = frame.next(Uint8Array.from(taken));
    taken = [];
    if (step.done) {
      frame = undefined;
      isBroken = !step.value;
    } else {
      ({ take: toTake, skip: toSkip } = step.value);
    }
  }

  return {
    get isBetweenFrames() {
      return frame === undefined;
    },
    get isBroken() {
      return isBroken;
    },
    walk(bytes, start) {
      let position = start;
      if (frame === undefined && position < bytes.length) proceed();
      while (frame !== undefined && !isBroken) {
        if (toSkip > 0) {
          const step = Math.min(toSkip, bytes.length - position);
          position += step;
          toSkip -= step;
        }
        while (taken.length < toTake && position < bytes.length) taken.push(bytes[position++] as number);
        if (toSkip > 0 || taken.length < toTake) break;
        proceed();
      }
      return position;
    },
  };
}
