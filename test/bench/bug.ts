/** Makes traces with a bug in their last line that comes of one of the first: `node --import tsx test/bench/bug.ts FILE LINES`. */

import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { HIDEABLE, type HideableKind } from '../../lib/trace/hidden.ts';
import { generate } from './generate.ts';

/** A vCPU on a CPU of its own, whose guest chooses a vector length; a softirq saves it at that length (FP-09). */
const FIRST = [
  { event: 'meta', format: 1, model: 'v6.10', mode: 'nvhe', cpus: 16, sve_vl: 64 },
  { event: 'vcpu_create', vm: 9, vcpu: 7, sve: true, sve_vl: 64 },
  { event: 'vcpu_load', cpu: 9, vm: 9, vcpu: 7, task: 900 },
  { event: 'guest_enter', cpu: 9 },
  { event: 'guest_zcr', cpu: 9, value: '0x1' },
  { event: 'guest_exit', cpu: 9 },
];
const LAST = { event: 'neon_begin', cpu: 9, softirq: true };

/** A rule that nothing else in the trace violates. */
export const RULE = 'FP-09';

/** `hides`: kinds of event that the trace says it does not show. */
export function generateBug(path: string, lines: number, hides: readonly HideableKind[] = []): void {
  const records = hides.length === 0 ? {} : { records: HIDEABLE.filter((kind) => !hides.includes(kind)) };
  const [meta, ...first] = FIRST as [object, ...object[]];
  generate(path, lines - FIRST.length, 'short');
  const others = readFileSync(path, 'utf8');
  const text = (events: readonly object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const begin = text([{ ...meta, ...records }, ...first]);
  writeFileSync(path, begin + others.slice(others.indexOf('\n') + 1) + text([LAST]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path, lines] = process.argv.slice(2);
  if (path === undefined || !(Number(lines) > FIRST.length)) throw new Error('usage: bug.ts FILE LINES');
  generateBug(path, Number(lines));
}
