/**
 * The ownership automaton of a kernel, found by running its emulator: from every state that the scripts lead to, every
 * script is run, and what writes fp_owner is noted. Nothing of it is written down beside the steps.
 */

import { FREE, HOST_OWNED } from '../../kernel/state/owner.ts';
import type { Model } from '../../models/models.ts';
import type { Mode } from '../../models/profile.ts';
import { type Automaton, automatonOf, type Write } from './automaton.ts';
import { type Disturbance, decodeAll, emulate, initialState, type Observed, type Script } from './emulate.ts';
import { SCRIPTS, SETUPS } from './scripts.ts';

/** More states than any kernel has; an emulator that counts in its state would never end. */
const MOST_STATES = 5000;

/** The automaton of `fp_owner`; where kernel and hypervisor have a copy each, its states are pairs. */
export function explore(model: Model, mode: Mode): Automaton {
  const setups = SETUPS.filter(({ sme }) => model.profile.guestSme || !sme).map(({ lines }) => decodeAll(lines));
  const writes = setups.flatMap((setup) => writesFrom(model, mode, setup));
  return automatonOf(writes, initialState(model, mode));
}

/** All writes to fp_owner in all states that can be reached after the setup. */
function writesFrom(model: Model, mode: Mode, setup: Script): readonly Write[] {
  const scripts = SCRIPTS.map(decodeAll);
  const seen = new Set([emulate(model, mode, [setup]).key]);
  const causes = new Map<string, string | undefined>();
  const writes: Write[] = [];
  const paths: (readonly Script[])[] = [[setup]];
  // `paths` grows while it is gone through.
  for (const path of paths) {
    for (const script of scripts) {
      const longer = [...path, script];
      const outcome = emulate(model, mode, longer);
      if (outcome.impossible) continue;
      for (const write of outcome.writes) {
        const cause = write.cause ?? causeOf(write, causes, (disturb) => emulate(model, mode, longer, disturb).writes);
        if (cause !== undefined) writes.push({ ...write, cause });
      }
      if (seen.has(outcome.key)) continue;
      seen.add(outcome.key);
      if (seen.size > MOST_STATES) throw new Error(`more than ${MOST_STATES} states of ${model.name} ${mode}`);
      paths.push(longer);
    }
  }
  return writes;
}

/** The step that wrote the value that was there already: the emulator tells it where another value is there before. */
function causeOf(
  { kind, place, owner }: Observed,
  known: Map<string, string | undefined>,
  again: (disturb: Disturbance) => readonly Observed[],
): string | undefined {
  const key = `${kind} ${place}`;
  if (!known.has(key)) {
    const writes = again({ place, owner: owner === 'free' ? HOST_OWNED : FREE });
    const same = writes.find((each) => each.kind === kind && each.place === place && each.owner === owner);
    known.set(key, same?.cause);
  }
  return known.get(key);
}
