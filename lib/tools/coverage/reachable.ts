/**
 * Which situations a kernel can be in, found by running its emulator through the scripts of the diagram from every state that
 * they lead to; with the shortest trace that the scripts make to each. Beyond what the scripts let happen it knows nothing.
 */

import type { Model } from '../../models/models.ts';
import type { Mode } from '../../models/profile.ts';
import { decodeAll, emulate, FEATURES, type Script } from '../diagram/emulate.ts';
import { SCRIPTS, SETUPS } from '../diagram/scripts.ts';
import { keyOf, type Situation, situationOf } from './situation.ts';

export interface Reachable extends Situation {
  /** The trace up to the event, as objects to be written a line each, the meta line first. */
  readonly trace: readonly object[];
}

/** A script as it is written and as it is run. */
interface Piece {
  readonly lines: readonly object[];
  readonly script: Script;
}

/** More states than any kernel has. */
const MOST_STATES = 5000;

const pieceOf = (lines: readonly object[]): Piece => ({ lines, script: decodeAll(lines) });

/** By `keyOf`, in the order in which they are found: shorter traces first. */
export function reachable(model: Model, mode: Mode): ReadonlyMap<string, Reachable> {
  const found = new Map<string, Reachable>();
  const scripts = SCRIPTS.map(pieceOf);
  const meta = metaOf(model, mode);
  for (const setup of SETUPS.filter(({ sme }) => model.profile.guestSme || !sme)) {
    const seen = new Set<string>();
    /** Paths by the number of their lines, so that a state is gone on from by the shortest one. */
    const byLength: (readonly Piece[])[][] = [];
    const add = (path: readonly Piece[]): void => {
      const length = linesOf(path).length;
      byLength[length] = [...(byLength[length] ?? []), path];
    };
    add([pieceOf(setup.lines)]);
    for (let length = 0; length < byLength.length; length++) {
      for (const path of byLength[length] ?? []) {
        const { key } = emulate(
          model,
          mode,
          path.map(({ script }) => script),
        );
        if (seen.has(key)) continue;
        seen.add(key);
        if (seen.size > MOST_STATES) throw new Error(`more than ${MOST_STATES} states of ${model.name} ${mode}`);
        for (const piece of scripts) {
          const longer = [...path, piece];
          const situations = situationsOf(model, mode, longer);
          if (situations === undefined) continue;
          const lines = [meta, ...linesOf(longer)];
          const before = lines.length - piece.lines.length;
          for (const [at, situation] of situations.entries()) {
            if (situation === undefined) continue;
            const known = found.get(keyOf(situation));
            const trace = lines.slice(0, before + at + 1);
            if (known === undefined || known.trace.length > trace.length)
              found.set(keyOf(situation), { ...situation, trace });
          }
          add(longer);
        }
      }
    }
  }
  return found;
}

/** Of the events of the last piece; undefined where one of them cannot happen. */
function situationsOf(
  model: Model,
  mode: Mode,
  path: readonly Piece[],
): readonly (Situation | undefined)[] | undefined {
  const situations: (Situation | undefined)[] = [];
  const scripts = path.map(({ script }) => script);
  const { impossible } = emulate(model, mode, scripts, undefined, (machine, event) => {
    situations.push(situationOf(machine, event));
  });
  return impossible ? undefined : situations;
}

const linesOf = (path: readonly Piece[]): readonly object[] => path.flatMap(({ lines }) => lines);

function metaOf({ name }: Model, mode: Mode): object {
  const { sveVl: sve_vl, smeVl: sme_vl, features } = FEATURES;
  return { event: 'meta', format: 1, model: name, mode, cpus: 1, sve_vl, sme_vl, features: [...features] };
}
