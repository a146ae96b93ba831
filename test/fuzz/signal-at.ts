/** Signals to every command, at any time and at the very system calls that make an output. */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '../support/random.ts';
import { clear, endOf, filesBelow, isWriting, type Stage, seed, wrongWith } from './stage.ts';

const CODES: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** strace(1) can send a signal with a system call. */
export const HAS_STRACE = spawnSync('strace', ['-V']).status === 0;

/** System calls at which outputs, reports and what V8 compiled come to be. */
const CALLS = ['rename', 'fsync', 'unlink', 'utimensat', 'ftruncate', 'mkdir', 'openat', 'write', 'pwrite64', 'close'];

/** What is wrong, in words; undefined where nothing is. */
export async function trySignal(
  number: number,
  stage: Stage & { readonly trace: string },
): Promise<string | undefined> {
  const random = createRandom(number);
  // Half of the time one that writes.
  const line = random.pick(random.once(2) ? stage.lines.filter(isWriting) : stage.lines);
  clear(stage, stage.trace);
  const isAgain = random.once(2);
  if (isAgain) seed(stage, line);
  const isFirst = random.once(4);
  const bin = join(stage.program, '..');
  // The first replay keeps what V8 has compiled.
  if (isFirst) for (const path of filesBelow(bin).keys()) if (path.endsWith('.cache')) rmSync(join(bin, path));
  const signal = random.pick(Object.keys(CODES));
  const command = [stage.program, ...line.argv];
  const how = HAS_STRACE && random.once(2) ? injected(signal, random) : undefined;
  const delay = random.below(Math.ceil(1.3 * line.duration));
  const ended =
    how !== undefined
      ? await endOf([...how, ...command])
      : await endOf(command, async (pid) => {
          await new Promise((resolve) => setTimeout(resolve, delay));
          send(pid, signal);
          // Some people press it twice.
          if (random.once(4)) send(pid, signal);
        });
  const what = `${signal} ${how === undefined ? `after ${delay} ms` : how.at(-1)}, ${isFirst ? 'without a cache' : ''}: ${command.join(' ')}`;
  const codes = [line.code, CODES[signal]];
  // The system ends it where the program has not begun yet.
  if (!codes.includes(ended.code) && ended.signal !== signal)
    return `${what}\n  exit code ${ended.code}, ${ended.signal}: ${ended.stderr}`;
  const cache = [...filesBelow(bin).keys()].find((path) => path.endsWith('.tmp'));
  if (cache !== undefined) return `${what}\n  ${cache} is left`;
  const wrong = wrongWith(filesBelow(stage.into), line);
  return wrong && `${what}\n  ${wrong}`;
}

function send(pid: number, signal: string): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

function injected(signal: string, random: Random): readonly string[] {
  const call = random.pick(CALLS);
  const when = 1 + random.below(call.length > 6 || call === 'rename' ? 3 : 60);
  return [
    'strace',
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:signal=${signal}:when=${when}`,
  ];
}
