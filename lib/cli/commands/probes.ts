/** `worldswitch probes`: the script that takes a capture, on stdout. */

import { escapeText } from '../../text/escape.ts';
import { isRefusal, type ProbeMode, probes as writeProbes } from '../../tools/probes/probes.ts';
import { EXIT, Failure } from '../exit.ts';
import { readBtfFile } from '../read-btf.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

export interface ProbesCommandOptions {
  readonly btf?: string;
  readonly mode?: ProbeMode;
  readonly cpus?: number;
  readonly function: readonly string[];
  readonly bothInstances: boolean;
}

export async function probes(options: ProbesCommandOptions, stdout: Output, io: Io): Promise<number> {
  const result = writeProbes({
    ...(options.btf === undefined ? {} : { btf: readBtfFile(options.btf) }),
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    functions: options.function,
    bothInstances: options.bothInstances,
  });
  if (isRefusal(result)) throw new Failure(result.refused.map((reason) => escapeText(reason, 400)).join('\nerror: '));
  for (const note of result.notes) io.stderr.write(`note: ${note}\n`);
  stdout.write(result.script);
  return EXIT.ok;
}
