/** Traces of random walks over what a kernel can do, whole or with lines that are missing or in another order. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLiteral, type Literal, type TraceEvent } from '../literal/literal.ts';
import { type Mode, modesOf, PROFILES } from '../literal/profiles.ts';
import { createFullWalk } from '../literal/walk.ts';
import { createRandom, type Random } from '../support/random.ts';

export const KERNELS: readonly (readonly [model: string, mode: Mode])[] = Object.entries(PROFILES).flatMap(
  ([model, profile]) => modesOf(profile).map((mode): [string, Mode] => [model, mode]),
);

export interface WalkWish {
  readonly seed: number;
  readonly events: number;
  /** One line in so many is missing, and one changes its place; absent: none. */
  readonly spoiltOnceIn?: number;
}

/** The lines of a trace: the same for the same wish. On every third seed the machine has SME, on every other little to do. */
export function linesOfWalk(model: string, mode: Mode, { seed, events, spoiltOnceIn }: WalkWish): readonly string[] {
  const smeVl = seed % 3 === 0 ? { smeVl: 64 } : {};
  const machine = { cpus: seed % 5 === 0 ? 4 : 2, sveVl: 64, ...smeVl };
  const literal = createLiteral(model, mode, machine);
  const few = seed % 2 === 1 ? { vms: 1, vcpusPerVm: 1, tasks: 1 } : {};
  const hostTasks = seed % 4 === 0 && seed % 3 !== 0;
  const walk = createFullWalk(literal, { seed, ...machine, hostTasks, ...few });
  const told: TraceEvent[] = [];
  const tell = (event: TraceEvent): void => {
    literal.step(event);
    told.push(event);
  };
  for (const event of walk.prologue) tell(event);
  const random = createRandom(seed + 77);
  while (told.length < events) {
    tell(walk.events.next().value);
    const { cpu } = told.at(-1) as TraceEvent;
    if (cpu !== undefined && random.once(4)) told.push(seen(literal, cpu, random));
    if (cpu !== undefined && random.once(100)) told.push({ event: 'pmuserenr', cpu, value: `0x${random.below(3)}` });
  }
  const meta = { event: 'meta', format: 1, model, mode, sve_vl: 64, ...(smeVl.smeVl && { sme_vl: smeVl.smeVl }) };
  const timed = told.map((event, index) => ({ ts: 1000 * index, ...event }));
  const lines = spoiltOnceIn === undefined ? timed : spoilt(timed, createRandom(seed), spoiltOnceIn);
  return [meta, ...lines].map((line) => JSON.stringify(line));
}

/** Values that are read on a CPU, as the literal model has them; now and then another. */
function seen(literal: Literal, cpu: number, { below, once }: Random): TraceEvent {
  const owner = once(60) ? 'free' : literal.owner(cpu);
  const last = literal.last(cpu);
  return {
    event: 'observe',
    cpu,
    fp_owner: owner,
    ...(below(2) === 0 && /^(?:none|task:\d+|vcpu:\d+\/\d+)$/.test(last) && { last }),
    ...(below(2) === 0 && { tif_foreign: literal.tif(literal.current(cpu), cpu) }),
  } as TraceEvent;
}

function spoilt<Line>(lines: readonly Line[], { once }: Random, onceIn: number): readonly Line[] {
  const left = lines.filter(() => !once(onceIn));
  for (let index = 0; index + 1 < left.length; index++) {
    if (once(onceIn)) [left[index], left[index + 1]] = [left[index + 1] as Line, left[index] as Line];
  }
  return left;
}

/** Gives `use` the path of a file with these lines. */
export async function withFile<Result>(
  lines: readonly string[],
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'worldswitch-walk-'));
  try {
    const path = join(folder, 'walk.ndjson');
    writeFileSync(path, `${lines.join('\n')}\n`);
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
