/** Captures for the scale tests: of several kernels and sizes, some of them with violations. */

import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateCapture } from '../bench/capture.ts';

/** Entries of the shortest and the longest capture. */
const SHORTEST = 100;
const LONGEST = 1500;

/** Makes `count` captures below the folder, a host each, and returns the list of their paths, which is also in `list`. */
export function makeCaptures(folder: string, list: string, count: number): readonly string[] {
  const small = ['bad', 'golden'].flatMap((each) =>
    readdirSync(join('traces', each))
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => join('traces', each, name)),
  );
  const paths = Array.from({ length: count }, (_, at) => {
    const host = join(folder, `host${String(at).padStart(4, '0')}`);
    mkdirSync(host, { recursive: true });
    const trace = small[at % small.length];
    const isSmall = at % 3 === 0 && trace !== undefined;
    const path = join(host, isSmall ? 'trace.ndjson' : 'capture.ftrace');
    if (isSmall) copyFileSync(trace, path);
    else generateCapture(path, SHORTEST + ((at * 7919) % (LONGEST - SHORTEST)));
    return path;
  });
  writeFileSync(list, `${paths.join('\n')}\n`);
  return paths;
}
