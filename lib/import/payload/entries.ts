/** How many entries the header of a capture promises, and how many have come. */

import type { CaptureHeader } from './capture-header.ts';

export function countEntry(header: CaptureHeader, cpu: number): void {
  const left = header.entriesOf.get(cpu);
  if (left !== undefined) header.entriesOf.set(cpu, left - 1);
}

/** What the header promised and the lines did not bring: a file cut short, the lines of a CPU that are not there. */
export function missingEntries(
  header: CaptureHeader,
  records: number,
): { count: number; note: string; cpu?: number }[] {
  const missing = [...header.entriesOf]
    .filter(([, left]) => left > 0)
    .map(([cpu, count]) => ({ count, cpu, note: 'entries that the header counts and the trace does not have' }));
  const total = header.entries - records;
  if (missing.length > 0 || total <= 0) return missing;
  return [{ count: total, note: 'entries that the header counts and the trace does not have' }];
}
