/** Options that several commands have: declared once. */

import { type Command, Option } from 'commander';
import { COLOUR_OPTIONS } from '../terminal/colour.ts';
import { clockOffset, collect } from './arguments.ts';
import { addLimits } from './limits.ts';

export const TRACES =
  "NDJSON or captures (text of ftrace, trace-cmd, perf; trace.dat, perf.data), plain, gzip or zstd; several are merged by ts; '-' or none: stdin";
export const BTF = 'BTF of the kernel, plain or gzip: a copy of /sys/kernel/btf/vmlinux';
/** Highest number of CPUs of the format. */
export const MAX_CPUS = 4096;

export const colour = (): Option =>
  new Option('--color <when>', 'auto (default), always or never').choices(COLOUR_OPTIONS).default('auto');

/** Formats of what is no report. */
export const TEXT_OR_JSON: readonly string[] = ['text', 'json'];

export const textOrJson = (): Option =>
  new Option('-f, --format <format>', 'text (default) or json').choices(TEXT_OR_JSON).default('text');

export const all = (): Option => new Option('-v, --all', 'print lists to their ends');

export const ignore = (): Option =>
  new Option('--ignore <event>', 'leave lines of this event of a capture out (repeatable)')
    .argParser(collect)
    .default([]);

export const file = (): Option =>
  new Option('--file <name>', 'of a trace-cmd report of several files, the lines of this one; else of the first');

export const clockOffsetOption = (): Option =>
  new Option(
    '--clock-offset <name=ns>',
    'add this to the times of that file, in ns or with a unit (repeatable)',
  ).argParser(clockOffset);

/** What a command has that reads traces, and the colour of what it prints. */
export function readsTraces<T extends Command>(command: T): T {
  command
    .addOption(colour())
    .addOption(ignore())
    .addOption(file())
    .addOption(clockOffsetOption())
    .option('--no-progress', 'show no progress on stderr');
  return addLimits(command);
}
