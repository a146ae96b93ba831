/** Limits of what is read, which keep a hostile file from taking all memory, and the options that lift them. */

import type { Command } from 'commander';
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
