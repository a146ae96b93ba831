/** The command line from its arguments to its exit code. What parses them is loaded when there is something to parse. */

import { EXIT, explain } from './exit.ts';
import type { Io } from './terminal/io.ts';
import { type Output, streamOutput } from './terminal/output.ts';
import { versionText } from './version.ts';

/** Runs the command line (without the program's name) and returns the exit code; what fails is said on stderr. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const stdout = streamOutput(io.stdout);
  let code = await run(argv, stdout, io).catch((error) => fail(error, io));
  await stdout.finish().catch((error) => {
    code = fail(error, io);
  });
  return code;
}

async function run(argv: readonly string[], stdout: Output, io: Io): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    stdout.write(versionText());
    return EXIT.ok;
  }
  return (await import('./program.ts')).runProgram(argv, { stdout, io });
}

function fail(error: unknown, io: Io): number {
  const { code, message } = explain(error);
  if (message !== '') io.stderr.write(`${message}\n`);
  return code;
}
