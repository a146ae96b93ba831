/** The archive that a kernel takes for its first file system: cpio, format newc (Documentation/driver-api/early-userspace/buffer-format.rst). */

export interface Entry {
  /** Path without a leading slash. */
  readonly path: string;
  /** File type and permissions, as in st_mode. */
  readonly mode: number;
  readonly content: Uint8Array;
}

const DIRECTORY = 0o040755;
const EXECUTABLE = 0o100755;

export const directory = (path: string): Entry => ({ path, mode: DIRECTORY, content: new Uint8Array() });

export const file = (path: string, content: Uint8Array | string): Entry => ({
  path,
  mode: EXECUTABLE,
  content: Buffer.from(content),
});

/** Directories that the paths of the entries need and that are not among them, outer ones first. */
export function parents(entries: readonly Entry[]): Entry[] {
  const there = new Set(entries.map((entry) => entry.path));
  const missing = new Set<string>();
  for (const { path } of entries) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) {
      const parent = parts.slice(0, length).join('/');
      if (!there.has(parent)) missing.add(parent);
    }
  }
  return [...missing].sort().map(directory);
}

export function archive(entries: readonly Entry[]): Buffer {
  const trailer: Entry = { path: 'TRAILER!!!', mode: 0, content: new Uint8Array() };
  return Buffer.concat([...parents(entries), ...entries, trailer].flatMap(record));
}

function record(entry: Entry, index: number): Buffer[] {
  const name = Buffer.from(`${entry.path}\0`);
  // magic; inode, mode, uid, gid, links, time, size; device and special device numbers; length of the name; checksum.
  const numbers = [index + 1, entry.mode, 0, 0, 1, 0, entry.content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`);
  return [
    header,
    name,
    padding(header.length + name.length),
    Buffer.from(entry.content),
    padding(entry.content.length),
  ];
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
