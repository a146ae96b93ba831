/** Bytes as a zstd file, without a compressor: one frame of raw blocks (RFC 8878). */

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** One segment; the content size is given in 4 bytes. */
const DESCRIPTOR = 0xa0;
const LARGEST_BLOCK = 128 * 1024;

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** `bytes`: not empty. */
export function zstdFrame(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += LARGEST_BLOCK) {
    const block = bytes.subarray(start, start + LARGEST_BLOCK);
    const isLast = start + LARGEST_BLOCK >= bytes.length;
    blocks.push(uint32((block.length << 3) | Number(isLast)).subarray(0, 3), block);
  }
  return Buffer.concat([Uint8Array.of(...MAGIC, DESCRIPTOR), uint32(bytes.length), ...blocks]);
}
