/** Imports of texts, and the same entries as other programs print them. */

import { existsSync } from 'node:fs';
import type { ImportAccount } from '../../lib/import/account.ts';
import type { ImportOptions } from '../../lib/import/importer.ts';
import type { TraceEvent } from '../../lib/import/state/queue.ts';
import { createTextImport } from '../../lib/import/text.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';

export const DATA = new URL('../import/data/', import.meta.url);
const SHARED = new URL('../../../shared/captures/', import.meta.url);
/** The full captures, where they are at hand. */
export const CAPTURES: URL | undefined = existsSync(SHARED) ? SHARED : undefined;

export interface Imported {
  readonly events: TraceEvent[];
  /** Line of the input that each event comes from. */
  readonly lines: number[];
  readonly account: ImportAccount;
}

export function importText(text: string | Uint8Array, options: ImportOptions = {}, chunk = 65_536): Imported {
  const events: TraceEvent[] = [];
  const lines: number[] = [];
  const importer = createTextImport(options, (event, rawLine) => {
    events.push(event);
    lines.push(rawLine);
  });
  const bytes = Buffer.from(text as string);
  for (let start = 0; start < bytes.length; start += chunk) importer.push(bytes.subarray(start, start + chunk));
  return { events, lines, account: importer.finish() };
}

/** What is wrong with the event by the vocabulary; undefined where it is one of trace format 1. */
export function faultOf(event: TraceEvent): string | undefined {
  const record = createEventRecord();
  const error = decode(JSON.parse(JSON.stringify(event)), record);
  if (error !== undefined) return `${JSON.stringify(event)}: ${error.field}: expected ${error.expected}`;
  if (record.unknownFields.length > 0) return `${JSON.stringify(event)}: unknown ${record.unknownFields.join()}`;
  return record.unknownEvent === '' ? undefined : `unknown event ${record.unknownEvent}`;
}

export function countEvents(events: readonly TraceEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { event } of events) counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}

export function only(events: readonly TraceEvent[], name: string): TraceEvent[] {
  return events.filter((event) => event.event === name);
}

/** An entry as the columns of the kernel's `trace` file have it. */
export interface EntryText {
  comm: string;
  pid: string;
  cpu: string;
  flags: string;
  time: string;
  name: string;
  payload: string;
}

const ENTRY = /^ *(.{1,16})-(\d+) +\[(\d+)\] (\S+) +(\d+\.\d+): (\w+): (.*)$/;

export function readEntry(text: string): EntryText {
  const match = ENTRY.exec(text);
  if (match === null) throw new Error(`not an entry: ${text}`);
  const [, comm = '', pid = '', cpu = '', flags = '', time = '', name = '', payload = ''] = match;
  return { comm, pid, cpu, flags, time, name, payload };
}

export function ftraceLine({ comm, pid, cpu, flags, time, name, payload }: EntryText): string {
  return `${comm.padStart(16)}-${pid.padEnd(7)} [${cpu}] ${flags} ${time.padStart(12)}: ${name}: ${payload}`;
}

/** `text` with every entry rewritten, and everything else as it is. */
export function eachEntry(text: string, rewrite: (entry: EntryText) => string): string {
  return text
    .split('\n')
    .map((line) => (line === '' || line.startsWith('#') ? line : rewrite(readEntry(line))))
    .join('\n');
}
