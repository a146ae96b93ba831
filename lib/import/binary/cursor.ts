/** Reads numbers and texts one after the other from bytes that nobody vouches for: what would lie beyond the end is an error. */

/** What is wrong with a recording: thrown inside of this room only, where it is opened and where its entries are asked for. */
export class Malformed extends Error {
  /** What had to stand there, in words. */
  readonly expected: string;
  readonly found: string;

  constructor(expected: string, found: string) {
    super(`expected ${expected}, found ${found || 'nothing'}`);
    this.expected = expected;
    this.found = found || 'nothing';
  }
}

/** A recording of a kind that is not read here: sound, as far as anybody can tell. The program that wrote it may read it. */
export class Unsupported extends Malformed {}

export interface Cursor {
  /** Place of the next byte. */
  at: number;
  readonly bytes: Buffer;
  readonly bigEndian: boolean;
  /** Bytes that are left. */
  readonly left: number;
  u8(): number;
  u16(): number;
  u32(): number;
  u64(): bigint;
  /** A u64 that counts or places something: more than a number holds exactly is more than any file has. */
  size(): number;
  /** Bytes, not copied. */
  take(count: number): Buffer;
  skip(count: number): void;
  /** Up to a 0 byte, which is taken as well; a byte is a character. */
  text(): string;
}

/** `what` names the bytes in messages. */
export function createCursor(bytes: Buffer, bigEndian: boolean, what: string, start = 0): Cursor {
  function claim(count: number): number {
    const { at } = cursor;
    if (count > bytes.length - at)
      throw new Malformed(`${count} more bytes of ${what}`, `${bytes.length - at} of them`);
    cursor.at = at + count;
    return at;
  }

  const cursor: Cursor = {
    at: start,
    bytes,
    bigEndian,
    get left() {
      return bytes.length - this.at;
    },
    u8: () => bytes.readUInt8(claim(1)),
    u16: () => readU16(bytes, claim(2), bigEndian),
    u32: () => readU32(bytes, claim(4), bigEndian),
    u64: () => readU64(bytes, claim(8), bigEndian),
    size() {
      const value = this.u64();
      if (value > MAX_SIZE) throw new Malformed(`a size or place in ${what}`, String(value));
      return Number(value);
    },
    take(count) {
      const from = claim(count);
      return bytes.subarray(from, from + count);
    },
    skip(count) {
      claim(count);
    },
    text() {
      const end = bytes.indexOf(0, this.at);
      if (end < 0) throw new Malformed(`a text in ${what} that ends`, 'none');
      const text = bytes.toString('latin1', this.at, end);
      this.at = end + 1;
      return text;
    },
  };
  return cursor;
}

const MAX_SIZE = BigInt(Number.MAX_SAFE_INTEGER);

export function readU16(bytes: Buffer, at: number, bigEndian: boolean): number {
  return bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
}

export function readU32(bytes: Buffer, at: number, bigEndian: boolean): number {
  return bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
}

export function readU64(bytes: Buffer, at: number, bigEndian: boolean): bigint {
  return bigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at);
}
