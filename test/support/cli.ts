/** Runs the command line: in this process where that is enough, else as a process of its own. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { main } from '../../lib/cli/main.ts';
import { builtProgram, UNTOLD } from './built.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Collector extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly rows: number;
  declare readonly columns?: number;
  constructor(isTTY: boolean, rows: number, columns?: number) {
    super();
    this.isTTY = isTTY;
    this.rows = rows;
    if (columns !== undefined) this.columns = columns;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** The command line in this process; stdin is a terminal, and so is stdout where `isTTY`. */
export async function run(
  argv: readonly string[],
  {
    env = {},
    isTTY = false,
    rows = 1000,
    columns,
  }: {
    readonly env?: Record<string, string>;
    readonly isTTY?: boolean;
    readonly rows?: number;
    readonly columns?: number;
  } = {},
): Promise<Outcome> {
  const [stdout, stderr] = [new Collector(isTTY, rows, columns), new Collector(isTTY, rows)];
  const code = await main(argv, { stdin: { isTTY: true }, stdout, stderr, env });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A process of the command line, as it is built. */
export function start(argv: readonly string[], { env = process.env, ...options }: SpawnOptions = {}): ChildProcess {
  const own = { NO_COLOR: '1', ...env, ...UNTOLD };
  return spawn(process.execPath, [builtProgram(), ...argv], { stdio: 'pipe', env: own, ...options });
}

/** The process with `stdin` as its input, to its end. */
export async function runProcess(
  argv: readonly string[],
  stdin: string | Uint8Array = '',
  options: SpawnOptions = {},
): Promise<Outcome> {
  const child = start(argv, options);
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (text.stdout += chunk));
  child.stderr?.on('data', (chunk) => (text.stderr += chunk));
  // The program may end before it has read its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  const [code] = await once(child, 'close');
  return { code, ...text };
}
