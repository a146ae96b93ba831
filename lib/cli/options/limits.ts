/** Limits of what is read, which keep a hostile file from taking all memory, and the options that lift them. */

import { type Command, Option } from 'commander';
import { type BtfLimit, type BtfLimits, DEFAULT_BTF_LIMITS, optionOf } from '../../btf/limits.ts';
import { integer } from './arguments.ts';

/** As commander delivers them; those that are absent are as the reader has them. */
export interface LimitOptions {
  /** Longest line in bytes. */
  readonly maxLineBytes?: number;
  /** Most bytes of a compressed input after decompression, and for each of its bytes. */
  readonly maxBytes?: number;
  readonly maxRatio?: number;
}

const MAX = Number.MAX_SAFE_INTEGER;
/** Longest line that a string can hold, with room to spare. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** Adds the options of a command that reads traces or captures. */
export function addLimits<T extends Command>(command: T): T {
  command
    .option('--max-line-bytes <n>', 'longest line (default 1048576)', integer(1, MAX_LINE_BYTES))
    .option('--max-bytes <n>', 'most bytes after decompression (default 1099511627776)', integer(1, MAX))
    .option('--max-ratio <n>', 'most bytes for each compressed byte (default 1000)', integer(1, MAX));
  return command;
}

/** What the reader is told. */
export function limitsOf({ maxLineBytes, maxBytes, maxRatio }: LimitOptions): LimitOptions {
  return {
    ...(maxLineBytes !== undefined && { maxLineBytes }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxRatio !== undefined && { maxRatio }),
  };
}

/** As commander delivers them. */
export interface ReportLimitOptions {
  /** Most bytes of a report that is read. */
  readonly maxReportBytes?: number;
}

export const REPORT_LIMIT = '--max-report-bytes';
/** Thousands of violations, or the costs of 50,000 vCPUs: JSON in memory takes a dozen times as much. */
export const DEFAULT_REPORT_BYTES = 16 * 1024 * 1024;

/** Adds the option of a command that reads reports. */
export function addReportLimit<T extends Command>(command: T): T {
  const help = `most bytes of a report that is read (default ${DEFAULT_REPORT_BYTES})`;
  command.option(`${REPORT_LIMIT} <n>`, help, integer(1, MAX_LINE_BYTES));
  return command;
}

/** As commander delivers them. */
export type BtfLimitOptions = { readonly [name in BtfLimit as `maxBtf${Capitalize<name>}`]?: number };

/** What each limit is of, and the most that it can be lifted to: where the format or the memory of Node.js ends. */
const BTF_LIMITS: Readonly<Record<BtfLimit, readonly [doc: string, max: number]>> = {
  bytes: ['most bytes of BTF, decompressed', 1024 ** 3],
  types: ['most types of it', 2 ** 32 - 1],
  members: ['most members looked at for a field', MAX],
  name: ['longest name in it, in bytes', 1024 ** 3],
  depth: ['most typedefs, arrays or anonymous structs in a row', 1000],
};

/** Adds the options of a command that reads BTF. */
export function addBtfLimits<T extends Command>(command: T): T {
  for (const [name, [doc, max]] of Object.entries(BTF_LIMITS)) {
    const limit = name as BtfLimit;
    const help = `${doc} (default ${DEFAULT_BTF_LIMITS[limit]})`;
    command.addOption(new Option(`${optionOf(limit)} <n>`, help).argParser(integer(1, max)));
  }
  return command;
}

/** Those that were given. */
export function btfLimitsOf(options: BtfLimitOptions): Partial<BtfLimits> {
  const given = (Object.keys(BTF_LIMITS) as BtfLimit[]).flatMap((limit) => {
    const value = options[`maxBtf${limit.charAt(0).toUpperCase()}${limit.slice(1)}` as keyof BtfLimitOptions];
    return value === undefined ? [] : [[limit, value]];
  });
  return Object.fromEntries(given);
}
