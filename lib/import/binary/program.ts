/** Recordings of kinds that are not read here are printed by the program that wrote them, where it is installed. */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { type Fault, fault } from '../../ingest/fault.ts';
import type { ByteSource } from '../../ingest/open/open.ts';
import type { RecordingFormat } from './recording.ts';

interface Program {
  readonly name: string;
  readonly args: (path: string) => readonly string[];
}

const PROGRAMS: Readonly<Record<RecordingFormat, Program>> = {
  'trace.dat': { name: 'trace-cmd', args: (path) => ['report', '-t', '-i', path] },
  'perf.data': {
    name: 'perf',
    args: (path) => ['script', '--ns', '--show-lost-events', '-F', 'comm,pid,tid,cpu,time,event,trace', '-i', path],
  },
};

/** What the program prints; where it is not installed or fails, `otherwise`, with what can be done. */
export async function* printedByProgram(format: RecordingFormat, path: string, otherwise: Fault): ByteSource {
  const { name, args } = PROGRAMS[format];
  const child = spawn(name, args(resolve(path)), { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<number | undefined>((done) => {
    child.on('error', () => done(undefined));
    child.on('close', (code) => done(code ?? -1));
  });
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const code = await ended;
    if (code === 0) return;
    const command = [name, ...args('FILE').slice(0, 1)].join(' ');
    const why =
      code === undefined ? `which \`${command}\` would print, if it were installed` : `and \`${command}\` fails too`;
    yield fault(otherwise.expected, `${otherwise.found}, ${why}`);
  } finally {
    child.kill();
  }
}
