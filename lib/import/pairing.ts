/** Which of the inputs of a run belong together: a capture of a host, and its hypervisor's own trace. */

import type { Fault } from '../ingest/fault.ts';
import { type OpenOptions, openBytes } from '../ingest/open/open.ts';
import { offsetSaid } from '../ingest/shift.ts';
import { gather } from './binary/storage.ts';
import { detectFormat } from './columns/rendering.ts';
import { type Companion, isOfHypervisor, readCompanion } from './companion.ts';

interface PairingOptions extends OpenOptions {
  readonly clockOffsets?: ReadonlyMap<string, bigint>;
}

/** What an input is to the others: its lines are imported with those of another one, or those of another with it. */
export interface Part {
  readonly isTaken: boolean;
  readonly companion?: Companion | Fault;
}

const ALONE: Part = { isTaken: false };
/** Bytes that tell what an input is. */
const FIRST = 64 * 1024;
/** Of the hypervisor's trace, which is held in memory; its buffers have some megabytes. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The part of an input that is a capture. Several traces of one hypervisor go to the first capture of a host. */
export async function partOf(inputs: readonly string[], input: number, options: PairingOptions): Promise<Part> {
  if (inputs.length < 2) return ALONE;
  const kinds: string[] = [];
  for (const path of inputs) kinds.push(await kindOf(path, options));
  const host = kinds.indexOf('host');
  if (host < 0 || (kinds[input] !== 'hypervisor' && input !== host)) return ALONE;
  if (input !== host) return { isTaken: true };
  const own = offsetSaid(inputs[host] as string, options.clockOffsets);
  const companions: Companion[] = [];
  for (const [index, path] of inputs.entries()) {
    if (kinds[index] !== 'hypervisor') continue;
    const bytes = await gather(openBytes(path, options), MOST_BYTES, "a hypervisor's trace");
    if (!Buffer.isBuffer(bytes)) return { isTaken: false, companion: bytes };
    const its = offsetSaid(path, options.clockOffsets);
    const isSaid = own !== undefined || its !== undefined;
    companions.push(readCompanion(bytes.toString('latin1'), isSaid ? (its ?? 0n) - (own ?? 0n) : undefined));
  }
  const [only] = companions;
  return only === undefined
    ? ALONE
    : { isTaken: false, companion: companions.length === 1 ? only : joined(companions) };
}

/** What cannot be looked at twice is no part of a pair. */
async function kindOf(path: string, options: OpenOptions): Promise<'hypervisor' | 'host' | 'other'> {
  if (path === '-') return 'other';
  for await (const chunk of openBytes(path, { ...options, chunkSize: FIRST })) {
    if (!(chunk instanceof Uint8Array)) return 'other';
    const format = detectFormat(chunk);
    if (format === 'ndjson' || format === 'unknown') return 'other';
    return format === 'ftrace' && isOfHypervisor(chunk) ? 'hypervisor' : 'host';
  }
  return 'other';
}

function joined(companions: readonly Companion[]): Companion {
  const lines = companions.flatMap((companion) => companion.lines);
  return {
    isShifted: companions.every(({ isShifted }) => isShifted),
    lines: lines.toSorted((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds),
    unused: companions.flatMap(({ unused }) => unused),
  };
}
