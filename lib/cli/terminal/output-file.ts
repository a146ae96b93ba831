/** `--out FORMAT:PATH`: opened before the run, so that a bad path fails early; written beside its name and renamed. */

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FORMAT_NAMES, type Format } from '../../show/formats.ts';
import { escapeText } from '../../text/escape.ts';
import { didYouMean } from '../../text/suggest.ts';
import { Failure, reasonOf } from '../exit.ts';
import { type Output, streamOutput } from './output.ts';
import { copying } from './standard-output.ts';

export interface OutputSpec {
  readonly format: Format;
  readonly path: string;
}

/** "json:report.json". Throws `Failure` where it is not FORMAT:PATH. */
export function parseOutputSpec(text: string): OutputSpec {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  const format = FORMAT_NAMES.find((known) => known === name);
  if (colon < 1 || colon === text.length - 1) throw new Failure(`--out ${show(text)}: expected FORMAT:PATH`);
  if (format === undefined) {
    throw new Failure(`--out ${show(text)}: unknown format '${show(name)}'${didYouMean(name, FORMAT_NAMES)}`);
  }
  return { format, path: text.slice(colon + 1) };
}

/** The path from the root. Throws `Failure` where the working directory is gone. */
export function absolutePath(path: string): string {
  try {
    return resolve(path);
  } catch (error) {
    throw failure(path, error);
  }
}

/**
 * Opens the file. `inputs`: paths that the run reads, none of which may be written to. A FIFO waits for somebody who reads it, or
 * until `isOver`: then undefined. Throws `Failure`.
 */
export async function openOutputFile(
  path: string,
  inputs: readonly string[],
  isOver: () => boolean = () => false,
): Promise<Output | undefined> {
  try {
    const existing = statOf(path);
    const isInput = (input: string) => isSameFile(existing, statOf(input === '-' ? '/dev/stdin' : input));
    if (inputs.some(isInput)) throw new Failure('it is an input of this run');
    // Devices and pipes are written to as they are; renaming a file over one would replace it.
    if (existing === undefined || existing.isFile()) return replacedFile(path, existing);
    return existing.isFIFO() ? await openFifo(path, isOver) : openFile(path);
  } catch (error) {
    throw failure(path, error);
  }
}

function show(text: string): string {
  return escapeText(text, 200);
}

function failure(path: string, error: unknown): Failure {
  return new Failure(`cannot write ${show(path)}: ${error instanceof Failure ? error.message : reasonOf(error)}`);
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function isSameFile(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** As many as Linux follows (MAXSYMLINKS). */
const MOST_LINKS = 40;

/** The file that a path leads to, whether it exists or not: a link is followed, not replaced. */
function targetOf(path: string): string {
  let target = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const folder = realpathSync(dirname(target));
    target = join(folder, basename(target));
    if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return target;
    const link = readlinkSync(target);
    target = link.startsWith('/') ? link : `${folder}/${link}`;
  }
  throw new Failure('too many symbolic links');
}

let temporaries = 0;

/** A file under a temporary name in the same folder, renamed at the end. */
function replacedFile(path: string, existing: Stats | undefined): Output {
  const target = targetOf(path);
  // Not made of the name, which may be as long as names can be.
  const temporary = join(dirname(target), `.worldswitch-${process.pid}-${temporaries++}.tmp`);
  const file = openSync(temporary, 'wx', existing === undefined ? 0o666 : existing.mode & 0o777);
  const remove = (): void => {
    process.off('exit', remove);
    try {
      unlinkSync(temporary);
    } catch {
      // It is gone, or cannot be taken away any more: what led here is said, and matters more.
    }
  };
  // Signals end the process through `exit`.
  process.on('exit', remove);
  return fileOutput(path, file, {
    commit() {
      fsyncSync(file);
      renameSync(temporary, target);
      process.off('exit', remove);
    },
    discard: remove,
  });
}

/** Time between two looks for a reader, in ms. */
const PATIENCE = 20;

/** Not opened in a way that waits inside of a system call, where no signal is heard; nor written to in one. */
async function openFifo(path: string, isOver: () => boolean): Promise<Output | undefined> {
  for (;;) {
    try {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      const { Socket } = await import('node:net');
      const socket = new Socket({ fd, readable: false, writable: true });
      const output = streamOutput(copying(socket), show(path));
      return {
        ...output,
        get closed() {
          return output.closed;
        },
        async finish() {
          await output.finish();
          socket.destroy();
        },
        discard: () => socket.destroy(),
      };
    } catch (error) {
      // There is no reader yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    if (isOver()) return undefined;
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  }
}

function openFile(path: string): Output {
  const file = openSync(path, 'w');
  if (fstatSync(file).isDirectory()) throw new Failure('it is a directory');
  return fileOutput(path, file, { commit() {}, discard() {} });
}

function fileOutput(path: string, file: number, end: { commit(): void; discard(): void }): Output {
  let closed = false;
  let error: unknown;
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  return {
    get closed() {
      return closed;
    },
    write(text) {
      if (closed) return;
      try {
        const bytes = typeof text === 'string' ? Buffer.from(text) : text;
        for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      } catch (cause) {
        closed = true;
        if ((cause as NodeJS.ErrnoException).code !== 'EPIPE') error = cause;
      }
    },
    ready: () => undefined,
    async finish() {
      if (error !== undefined) throw failure(path, error);
      try {
        end.commit();
        close();
      } catch (cause) {
        throw failure(path, cause);
      }
    },
    discard() {
      if (!open) return;
      close();
      end.discard();
    },
  };
}
