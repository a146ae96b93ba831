/** The options of a trace.dat, which are the same in versions 6 and 7. */

import { type Cursor, Unsupported } from './cursor.ts';

/** What options say, in either version. */
export interface Options {
  release: string | undefined;
  machine: string | undefined;
  clock: string | undefined;
  cpus: number | undefined;
  /** Added to every time. */
  offset: bigint;
}

/** Numbers of the options that say something here. */
export const OPTION = {
  done: 0,
  date: 1,
  buffer: 3,
  clock: 4,
  uname: 5,
  offset: 7,
  cpuCount: 8,
  timeShift: 12,
  headerInfo: 16,
  ftraceEvents: 17,
  eventFormats: 18,
  kallsyms: 19,
  commands: 21,
  bufferText: 22,
} as const;

export const createOptions = (): Options => ({
  release: undefined,
  machine: undefined,
  clock: undefined,
  cpus: undefined,
  offset: 0n,
});

const textIn = (data: Cursor): string => data.bytes.toString('latin1').replace(/\0.*$/s, '');

/** Throws `Unsupported` for an option that makes the times, or the entries, ones that cannot be read. */
export function takeOption(id: number, data: Cursor, options: Options): void {
  if (id === OPTION.uname) {
    // "Linux HOST RELEASE MACHINE"; a host name has no blanks.
    const words = textIn(data).trim().split(' ');
    options.release = words[2];
    options.machine = words.length > 3 ? words.at(-1) : undefined;
  } else if (id === OPTION.clock) {
    options.clock = /\[(.{1,40}?)\]/.exec(textIn(data))?.[1];
  } else if (id === OPTION.cpuCount) {
    options.cpus = data.u32();
  } else if (id === OPTION.date) {
    options.offset += integerIn(data) * 1000n;
  } else if (id === OPTION.offset) {
    options.offset += integerIn(data);
  } else if (id === OPTION.timeShift) {
    throw new Unsupported("times of the machine's own clock", "a guest's recording, whose times are those of its host");
  } else if (id === OPTION.bufferText) {
    throw new Unsupported('entries of trace.dat', 'the text of a latency tracer');
  }
}

/** As strtoll reads it. */
function integerIn(data: Cursor): bigint {
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]{1,16}|\d{1,19})/.exec(textIn(data));
  if (match === null) return 0n;
  const value = BigInt(match[2] as string);
  return match[1] === '-' ? -value : value;
}
