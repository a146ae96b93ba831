/** The meta line of a capture: what it says of itself, and what it shows. */

import type { CaptureHeader } from './payload/capture-header.ts';
import { featuresOf } from './payload/id-registers.ts';
import type { TraceEvent } from './state/queue.ts';

export function metaOf(
  header: CaptureHeader,
  records: readonly string[],
  model?: string,
  mode?: string,
  sveVl?: number,
): TraceEvent {
  const meta: TraceEvent = { event: 'meta', format: 1 };
  if (model !== undefined) meta.model = model;
  if (mode !== undefined) meta.mode = mode;
  if (header.cpus !== undefined) meta.cpus = header.cpus;
  if (sveVl !== undefined) meta.sve_vl = sveVl;
  if (header.smeVl !== undefined) meta.sme_vl = header.smeVl;
  if (header.brps !== undefined) meta.brps = header.brps;
  if (header.wrps !== undefined) meta.wrps = header.wrps;
  const features = [...featuresOf(header.idRegisters, header.pmu), ...(header.nested === false ? ['no_nested'] : [])];
  if (features.length > 0) meta.features = features;
  meta.records = records;
  meta.source = header.source ?? (header.release === undefined ? 'ftrace' : `Linux ${header.release}`);
  return meta;
}
