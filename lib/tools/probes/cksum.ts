/** The checksum of POSIX `cksum`, so that a shell script can tell whether a file is the one it was made from. */

const POLYNOMIAL = 0x04c11db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});

/** What `cksum` prints for these bytes on its standard input: `CRC LENGTH`. */
export function cksum(bytes: Uint8Array): string {
  let crc = 0;
  const add = (byte: number) => {
    crc = (crc << 8) ^ (TABLE[(crc >>> 24) ^ byte] as number);
  };
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length & 0xff);
  return `${~crc >>> 0} ${bytes.length}`;
}
