/** How far a run has come, on stderr, for a person who watches. */

import type { InputProgress } from '../../ingest/source.ts';
import { formatCount } from '../../text/numbers.ts';
import type { Io } from './io.ts';

/** Short runs show nothing; longer ones four times a second (seconds). */
const FIRST = 0.5;
const EVERY = 0.25;

export interface Progress {
  /** Shows how far the inputs are, where it is time to. */
  update(inputs: readonly InputProgress[]): void;
  /** Takes the line away. To be called before anything else is written to the terminal. */
  clear(): void;
}

const SILENT: Progress = { update() {}, clear() {} };

/** Silent unless stderr is a terminal, in CI, and where `wanted` is false. */
export function createProgress(io: Io, wanted: boolean): Progress {
  const { env } = io;
  const inCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  if (!wanted || inCi || env.TERM === 'dumb') return SILENT;
  const start = process.uptime();
  let next = start + FIRST;
  let shown = false;
  const clear = (): void => {
    if (shown) io.stderr.write('\r\u001b[K');
    shown = false;
    process.off('exit', clear);
  };
  return {
    update(inputs) {
      const now = process.uptime();
      if (now < next) return;
      next = now + EVERY;
      const { stderr } = io;
      if (stderr.isTTY !== true) return;
      // A signal ends the process in the middle of the run.
      if (!shown) process.once('exit', clear);
      shown = true;
      stderr.write(`\r${formatProgress(inputs, now - start).slice(0, (stderr.columns || 80) - 1)}\u001b[K`);
    },
    clear,
  };
}

/** "  42%  412 MB  4,200,000 events  1,300,000 events/s  4 s left"; `seconds` since the start. */
export function formatProgress(inputs: readonly InputProgress[], seconds: number): string {
  const events = inputs.reduce((sum, input) => sum + input.events, 0);
  const bytes = inputs.reduce((sum, input) => sum + input.bytes, 0);
  const sizes = inputs.map(({ size }) => size);
  const size = sizes.reduce(
    (sum: number | undefined, one) => (sum === undefined || one === undefined ? undefined : sum + one),
    0,
  );
  const part = size === undefined || size === 0 ? undefined : Math.min(1, bytes / size);
  const left = part === undefined || part === 0 ? undefined : Math.ceil((seconds * (1 - part)) / part);
  return [
    part === undefined ? '' : `${String(Math.floor(part * 100)).padStart(3)}%`,
    `${formatCount(Math.floor(bytes / 1e6))} MB`,
    `${formatCount(events)} events`,
    `${formatCount(Math.round(events / Math.max(seconds, 0.001)))} events/s`,
    left === undefined ? '' : `${formatCount(left)} s left`,
  ]
    .filter((text) => text !== '')
    .join('  ');
}
