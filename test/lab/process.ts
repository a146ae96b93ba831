/** Programs that the laboratory runs. */

import { spawn } from 'node:child_process';

export interface Ended {
  /** Exit code; undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

const MAX_OUTPUT = 64 << 20;

/** Runs a program to its end. Rejects only where it cannot be started: `expected` says what it is for. */
export function run(program: string, args: readonly string[], expected: string, options: Options = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (part: Buffer) => {
        if (output[name].length < MAX_OUTPUT) output[name] += part.toString('latin1');
      });
    let timedOut = false;
    const timer = setTimeout(
      () => {
        timedOut = true;
        child.kill('SIGKILL');
      },
      1000 * (options.timeoutSeconds ?? 600),
    );
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`cannot run ${program} (${expected}): ${error.message}`));
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status: status ?? undefined, timedOut, ...output });
    });
  });
}

/** Like `run`, but a failure is an error with what the program said. */
export async function must(
  program: string,
  args: readonly string[],
  expected: string,
  options: Options = {},
): Promise<string> {
  const ended = await run(program, args, expected, options);
  if (ended.status === 0) return ended.stdout;
  const how = ended.timedOut ? 'did not end in time' : `ended with ${ended.status ?? 'a signal'}`;
  const said = (ended.stderr.trim() || ended.stdout.trim()).split('\n').slice(-8).join('\n    ');
  throw new Error(`${expected}: ${program} ${args.slice(0, 3).join(' ')} ... ${how}\n    ${said}`);
}
