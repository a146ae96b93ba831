/** A transition as a line of JSON. */

import type { Transition } from '../report/report.ts';
import type { ByteLines } from '../text/byte-lines.ts';
import { toJson } from '../text/json.ts';

const TIME = Buffer.from(',"ts":');

interface Tail {
  /** A transition that ends so. */
  readonly of: Transition;
  readonly bytes: Uint8Array;
}

/** Those that are remembered of a CPU, and of all: there are few as long as few vCPUs run there. */
const MOST_OF_CPU = 32;
const MOST = 4096;

function endsAlike(a: Transition, b: Transition): boolean {
  const sameStep = a.from === b.from && a.to === b.to && a.event === b.event && a.cause === b.cause;
  return sameStep && a.vcpu === b.vcpu && a.vm === b.vm && a.cpu === b.cpu && a.instance === b.instance;
}

/**
 * Writes what `toJson({ type: 'transition', ...transition })` gives, in a fifth of the time: a busy trace has a million
 * transitions, and to write them is not to take longer than to read it. All that follows the time is looked up.
 */
export function createTransitionLine(lines: ByteLines): (transition: Transition) => void {
  const beginnings: Uint8Array[] = [];
  const tails: Tail[][] = [];
  let remembered = 0;

  function beginningOf(input: number): Uint8Array {
    const bytes = Buffer.from(`{"type":"transition","input":${input},"line":`);
    if (input < MOST) beginnings[input] = bytes;
    return bytes;
  }

  function tailOf(transition: Transition): Uint8Array {
    const cpu = transition.cpu ?? 0;
    tails[cpu] ??= [];
    const known = tails[cpu];
    for (let index = 0; index < known.length; index++) {
      const { of, bytes } = known[index] as Tail;
      if (endsAlike(of, transition)) return bytes;
    }
    const { input: _input, line: _line, ts: _ts, ...rest } = transition;
    const bytes = Buffer.from(`,${toJson(rest).slice(1)}`);
    if (remembered < MOST && known.length < MOST_OF_CPU) {
      remembered++;
      known.push({ of: transition, bytes });
    }
    return bytes;
  }

  return (transition) => {
    const { input, line, ts } = transition;
    lines.bytes(beginnings[input] ?? beginningOf(input));
    lines.integer(line);
    if (ts !== undefined) lines.bytes(TIME);
    if (typeof ts === 'number') lines.integer(ts);
    else if (ts !== undefined) lines.text(JSON.stringify(ts));
    lines.bytes(tailOf(transition));
    lines.end();
  };
}
