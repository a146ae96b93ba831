/** trace.dat, the file of trace-cmd, versions 6 and 7: Documentation/trace-cmd/trace-cmd.dat.v6.5.txt and .v7.5.txt of trace-cmd. */

import { Unsupported } from './cursor.ts';
import type { Recording } from './recording.ts';
import type { Storage } from './storage.ts';
import { openVersion6 } from './trace-dat-6.ts';
import { openVersion7 } from './trace-dat-7.ts';
import { readMachine } from './tracing-data.ts';

/** Throws `Malformed`, `Unsupported`. */
export function openTraceDat(storage: Storage): Recording {
  const start = storage.read(0, Math.min(storage.size, 4096));
  const { machine, cursor } = readMachine(start, 'its beginning');
  if (machine.version === '7') return openVersion7(storage, machine, cursor);
  if (machine.version === '6') return openVersion6(storage, machine, cursor.at);
  throw new Unsupported('trace.dat of version 6 or 7', `version ${machine.version.slice(0, 20)}`);
}
