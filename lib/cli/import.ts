/** `worldswitch import ftrace`: a capture becomes a trace, line by line. */

import { basename } from 'node:path';
import type { ImportAccount } from '../import/account.ts';
import { detectFormat } from '../import/rendering.ts';
import { createTextImport } from '../import/text.ts';
import { formatInputError } from '../ingest/message.ts';
import { openBytes, sizeOf } from '../ingest/open.ts';
import { createBreather } from './breather.ts';
import { type CaptureCommandOptions, importingOf, nameOf, unusedLines } from './captures.ts';
import { EXIT, Failure } from './exit.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { openOutputFile } from './output-file.ts';
import { createProgress } from './progress.ts';
import { checkKernel, inputsOf } from './replay-options.ts';

export interface ImportCommandOptions extends Omit<CaptureCommandOptions, 'maxLineBytes'> {
  readonly output?: string;
  readonly strict: boolean;
  readonly progress: boolean;
}

/** Characters that are written at a time. */
const BATCH = 64 * 1024;
