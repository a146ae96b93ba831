/** The command line of the laboratory. */

import type { Without } from './broken.ts';
import { KERNELS, type Kernel, type Mode } from './kernels.ts';
import { varied, WORKLOADS, type Workload } from './workloads.ts';

export type Request =
  | { readonly kind: 'cell'; readonly kernel: Kernel; readonly mode: Mode; readonly workload: Workload }
  | {
      readonly kind: 'broken';
      readonly kernel: Kernel;
      readonly mode: Mode;
      readonly workload: Workload;
      readonly without: Without;
    }
  | { readonly kind: 'script'; readonly kernel: Kernel; readonly mode: Mode; readonly script: string }
  | { readonly kind: 'all'; readonly again: boolean }
  | { readonly kind: 'replay'; readonly folder: string | undefined }
  | { readonly kind: 'rows' }
  | { readonly kind: 'selftest' }
  | { readonly kind: 'help' };

export interface Arguments {
  readonly request: Request;
  /** --cache. */
  readonly cache: string | undefined;
}

export const USAGE = `usage: npm run lab -- KERNEL MODE [WORKLOAD] [--seed N] [--cpus N] [--cache FOLDER]
       npm run lab -- KERNEL MODE --script FILE
                                        runs shell commands in the machine and prints its console; /lab has the capture
                                        script, the programs, and to_host FILE NAME, which hands out a file
       npm run lab -- KERNEL MODE [WORKLOAD] --without FUNCTION:CALLEE
                                        breaks the kernel first: FUNCTION no longer calls CALLEE; prints what
                                        worldswitch explain says of the capture
       npm run lab -- --all [--again]   every kernel in each of its modes under the nightly workloads; goes on where it
                                        was stopped, --again begins anew
       npm run lab -- --replay [FOLDER] replays the captures in the cache, or those that are kept in a folder with their
                                        counts (NAME.ftrace.gz, NAME.json), with the tool as it is now; boots nothing
       npm run lab -- --rows            holds the rows of the cost tables against the instructions of the kernels in the
                                        cache, and writes cost-rows.md; boots nothing
       npm run lab -- --selftest        boots one kernel, if the cache has it; fetches nothing

KERNEL    ${KERNELS.map(({ series }) => series).join(', ')}
MODE      ${[...new Set(KERNELS.flatMap(({ modes }) => modes))].join(', ')}
WORKLOAD  ${WORKLOADS.map(({ name, what }) => `${name.padEnd(14)}${what}`).join('\n          ')}

Everything is fetched by apt and kept in a cache folder (--cache, WORLDSWITCH_LAB_CACHE, or worldswitch-lab in
XDG_CACHE_HOME or ~/.cache), about 3 GB for all kernels. Nothing is installed.
`;

/** Options that have a value, and what that is. */
const VALUES: Readonly<Record<string, string>> = {
  '--cache': 'a path',
  '--script': 'a path',
  '--without': 'FUNCTION:CALLEE',
  '--seed': 'a number from 0 to 999999',
  '--cpus': 'a number from 1 to 8',
};

/** Throws an error with what was expected. */
export function parseArguments(words: readonly string[]): Arguments {
  const rest: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    const expected = VALUES[word];
    if (expected !== undefined) {
      const value = words[++index];
      if (value === undefined) throw new Error(`${word}: expected ${expected}`);
      values.set(word, value);
    } else if (['--all', '--again', '--replay', '--rows', '--selftest', '--help'].includes(word)) flags.add(word);
    else if (word.startsWith('-')) throw new Error(`${word}: no such option`);
    else rest.push(word);
  }
  return { request: requestOf(rest, flags, values), cache: values.get('--cache') };
}

function requestOf(rest: readonly string[], flags: ReadonlySet<string>, values: ReadonlyMap<string, string>): Request {
  if (flags.has('--help')) return { kind: 'help' };
  if (flags.has('--selftest')) return { kind: 'selftest' };
  if (flags.has('--rows')) return { kind: 'rows' };
  if (flags.has('--replay')) return { kind: 'replay', folder: rest[0] };
  if (flags.has('--all')) return { kind: 'all', again: flags.has('--again') };
  const [series, modeName, workloadName = 'vmm', extra] = rest;
  if (series === undefined || modeName === undefined) throw new Error('expected KERNEL MODE [WORKLOAD]');
  if (extra !== undefined) throw new Error(`${extra}: expected nothing behind WORKLOAD`);
  const kernel = KERNELS.find((candidate) => candidate.series === series);
  if (kernel === undefined)
    throw new Error(`${series}: expected a kernel out of ${KERNELS.map((candidate) => candidate.series).join(', ')}`);
  const mode = kernel.modes.find((candidate) => candidate === modeName);
  if (mode === undefined)
    throw new Error(`${modeName}: expected a mode of ${series}, out of ${kernel.modes.join(', ')}`);
  const script = values.get('--script');
  if (script !== undefined) return { kind: 'script', kernel, mode, script };
  const workload = WORKLOADS.find(({ name }) => name === workloadName);
  if (workload === undefined)
    throw new Error(`${workloadName}: expected a workload out of ${WORKLOADS.map(({ name }) => name).join(', ')}`);
  const seed = numberOf(values, '--seed', 0, 999_999);
  const cpus = numberOf(values, '--cpus', 1, 8);
  const other = { ...(seed !== undefined && { seed }), ...(cpus !== undefined && { cpus }) };
  const without = values.get('--without');
  if (without === undefined) return { kind: 'cell', kernel, mode, workload: varied(workload, other) };
  const [caller = '', callee = '', more] = without.split(':');
  if (caller === '' || callee === '' || more !== undefined)
    throw new Error(`--without ${without}: expected ${VALUES['--without']}`);
  return { kind: 'broken', kernel, mode, workload: varied(workload, other), without: { caller, callee } };
}

function numberOf(values: ReadonlyMap<string, string>, name: string, least: number, most: number): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) throw new Error(`${name} ${text}: expected ${VALUES[name]}`);
  return value;
}
