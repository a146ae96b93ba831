/** What a run of the command line takes: of a process of its own, which says so at its end. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

export interface Measured {
  readonly code: number | null;
  /** Of the processor, in seconds. */
  readonly seconds: number;
  /** Most memory, in MB. */
  readonly maxRSS: number;
  readonly stdout: number;
  readonly stderr: string;
}

const ROOT = new URL('../../', import.meta.url);

/** Of the sources. `node`: further options of Node.js. */
export async function measured(argv: readonly string[], node: readonly string[] = []): Promise<Measured> {
  const program = ['--import', import.meta.resolve('tsx'), ...node, new URL(import.meta.url).pathname, ...argv];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], cwd: ROOT });
  const text = { usage: '', stderr: '' };
  let stdout = 0;
  child.stdout?.on('data', (chunk) => (stdout += chunk.length));
  child.stderr?.on('data', (chunk) => (text.stderr += chunk));
  child.stdio[3]?.on('data', (chunk) => (text.usage += chunk));
  const [code] = await once(child, 'close');
  if (text.usage === '') throw new Error(`exit code ${code}: ${text.stderr}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(text.usage);
  const seconds = (userCPUTime + systemCPUTime) / 1e6;
  return { code, seconds, maxRSS: maxRSS / 1024, stdout, stderr: text.stderr };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [{ writeSync }, { main }, { processIo }] = await Promise.all([
    import('node:fs'),
    import('../../lib/cli/main.ts'),
    import('../../lib/cli/terminal/signals.ts'),
  ]);
  process.exitCode = await main(process.argv.slice(2), processIo());
  writeSync(3, JSON.stringify(process.resourceUsage()));
}
