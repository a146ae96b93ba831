/** File systems that are full, read-only, over their quota or gone, and disks that fail, under every command that writes. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '../support/random.ts';
import { HAS_STRACE } from './signal-at.ts';
import {
  type CommandLine,
  clear,
  type Ended,
  endOf,
  filesBelow,
  isWriting,
  type Stage,
  seed,
  wrongWith,
} from './stage.ts';

const PAGE = 4096;

/** A file system of its own, which nobody else sees and which goes with the process: unshare(1) and the kernel allow it. */
export const HAS_NAMESPACES = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/tmp']).status === 0;

/** In a namespace: a tmpfs at $1 with what $2 holds, then what is done to it, the command, and what is left back to $2. */
const IN_TMPFS = `into=$1; kept=$2; pages=$3; shift 3
mount -t tmpfs -o size=4m none "$into" && cp -r "$kept/." "$into" || exit 99`;
const AFTER = `"$@"; code=$?
mount -o remount,rw "$into" 2>/dev/null; rm -f "$into/.filler"
rm -rf "$kept"; mkdir "$kept"; cp -r "$into/." "$kept"; exit $code`;
const FULL = `dd if=/dev/zero of="$into/.filler" bs=4096 2>/dev/null
truncate -s -$((pages * 4096)) "$into/.filler"`;
const READ_ONLY = 'mount -o remount,ro "$into"';

interface Tried {
  readonly what: string;
  readonly ended: Ended;
  /** What is left of the outputs. */
  readonly left: ReadonlyMap<string, string>;
  /** Whether nothing at all could be written. */
  readonly isCertain?: boolean;
}

type Fault = (line: CommandLine, stage: Stage, random: Random) => Promise<Tried>;

const sizeOf = ({ whole }: CommandLine): number => [...whole.values()].reduce((sum, text) => sum + text.length, 0);

async function inTmpfs(how: string, pages: number, { argv }: CommandLine, stage: Stage): Promise<Ended> {
  const { into, kept, program } = stage;
  // What stands where outputs go is there in the namespace too.
  for (const [path, text] of filesBelow(into)) {
    mkdirSync(join(kept, path, '..'), { recursive: true });
    writeFileSync(join(kept, path), text, 'latin1');
  }
  const script = [IN_TMPFS, how, AFTER].join('\n');
  return endOf(['unshare', '-rm', 'sh', '-c', script, 'sh', into, kept, String(pages), program, ...argv]);
}

/** System calls by which an output comes to be, and what may become of them. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  fsync: ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'ESTALE'],
  rename: ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'ENOENT', 'ESTALE'],
  utimensat: ['EIO', 'EPERM', 'ENOENT'],
  mkdir: ['ENOSPC', 'EACCES', 'EDQUOT', 'EROFS'],
};

const full: Fault = async (line, stage, random) => {
  const pages = random.below(2 + Math.ceil(sizeOf(line) / PAGE));
  const ended = await inTmpfs(FULL, pages, line, stage);
  return { what: `full but for ${pages} pages`, ended, left: filesBelow(stage.kept), isCertain: pages === 0 };
};

const readOnly: Fault = async (line, stage) => {
  const ended = await inTmpfs(READ_ONLY, 0, line, stage);
  return { what: 'read-only', ended, left: filesBelow(stage.kept), isCertain: true };
};

const tooLarge: Fault = async (line, { program, into }, random) => {
  const blocks = random.below(2 + Math.ceil((1.1 * sizeOf(line)) / 512));
  const ended = await endOf(['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', program, ...line.argv]);
  return { what: `files of ${blocks} blocks at most`, ended, left: filesBelow(into), isCertain: blocks === 0 };
};

const vanished: Fault = async ({ argv, duration }, { program, into }, random) => {
  const delay = random.below(Math.ceil(1.1 * duration));
  const ended = await endOf([program, ...argv], async () => {
    await new Promise((resolve) => setTimeout(resolve, delay));
    rmSync(into, { recursive: true, force: true });
  });
  return { what: `gone after ${delay} ms`, ended, left: filesBelow(into) };
};

const failing: Fault = async ({ argv }, { program, into }, random) => {
  const call = random.pick(Object.keys(CALLS));
  const error = random.pick(CALLS[call] ?? []);
  const inject = `inject=${call}:error=${error}:when=${1 + random.below(3)}`;
  const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject];
  const ended = await endOf([...strace, program, ...argv]);
  return { what: inject, ended, left: filesBelow(into) };
};

/** Those that this machine has. */
const FAULTS: readonly Fault[] = [
  tooLarge,
  vanished,
  ...(HAS_NAMESPACES ? [full, readOnly] : []),
  ...(HAS_STRACE ? [failing] : []),
];

export interface Quota {
  readonly fault: Fault;
  close(): void;
}

const tool = (command: string, ...argv: string[]): boolean => spawnSync(command, argv).status === 0;

/**
 * A file system with quotas: btrfs, whose groups every kernel has that has btrfs. undefined where it cannot be had: it takes
 * root, a loop device and Debian's btrfs-progs. `folder`: an empty one.
 */
export function openQuota(folder: string): Quota | undefined {
  const [image, at] = [join(folder, 'image'), join(folder, 'mounted')];
  mkdirSync(at, { recursive: true });
  writeFileSync(image, '');
  truncateSync(image, 256 * 1024 * 1024);
  const isThere =
    tool('mkfs.btrfs', '-q', image) && tool('mount', '-o', 'loop', image, at) && tool('btrfs', 'quota', 'enable', at);
  if (!isThere) return undefined;
  let volumes = 0;
  return {
    close: () => tool('umount', '-l', at),
    async fault(line, stage, random) {
      const volume = join(at, `volume${volumes++}`);
      const kilobytes = 16 + 16 * random.below(2 + Math.ceil(sizeOf(line) / 16384));
      tool('btrfs', 'subvolume', 'create', volume);
      spawnSync('cp', ['-r', `${stage.into}/.`, volume]);
      tool('btrfs', 'filesystem', 'sync', at);
      tool('btrfs', 'qgroup', 'limit', `${kilobytes}k`, volume);
      const script = 'into=$1; volume=$2; shift 2; mount --bind "$volume" "$into" && exec "$@"';
      const { program, into } = stage;
      const ended = await endOf(['unshare', '-m', 'sh', '-c', script, 'sh', into, volume, program, ...line.argv]);
      const left = filesBelow(volume);
      tool('btrfs', 'subvolume', 'delete', volume);
      return { what: `a quota of ${kilobytes} kB`, ended, left };
    },
  };
}

const CANNOT = /^error: cannot (?:read|remove|write)[^\n]*: [^\n]+$/m;

/** `check` tells of a trace that it cannot read in its list. */
const NOT_READ = /^not read +\S.*\n +\S+: expected .+, found .+$/m;

/** What is wrong, in words; undefined where nothing is. */
export async function tryFault(
  number: number,
  stage: Stage & { readonly trace: string },
  quota?: Quota,
): Promise<string | undefined> {
  const random = createRandom(number);
  const line = random.pick(stage.lines.filter(isWriting));
  clear(stage, stage.trace);
  if (random.once(2)) seed(stage, line);
  const fault = random.pick(quota === undefined ? FAULTS : [...FAULTS, quota.fault]);
  const { what, ended, left, isCertain = false } = await fault(line, stage, random);
  const told = `${what}: ${line.argv.join(' ')}`;
  const { code, signal, stdout, stderr } = ended;
  if (code !== 2 && (code !== line.code || isCertain)) return `${told}\n  exit code ${code}, ${signal}: ${stderr}`;
  const isTold = CANNOT.test(stderr) || (line.name.startsWith('check') && NOT_READ.test(stdout));
  if (code === 2 && !isTold) return `${told}\n  says ${stderr}`;
  if (/Unknown|errno|\bat \S+:\d+/.test(stderr)) return `${told}\n  says ${stderr}`;
  const wrong = wrongWith(left, line);
  return wrong && `${told}\n  ${wrong}`;
}
