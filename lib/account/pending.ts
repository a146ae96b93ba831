/**
 * Transitions made by a load are held until the next event of that CPU that is more than an observation: a value read
 * after the load may tell that it ended elsewhere.
 */

import type { Edge } from './transitions.ts';

export interface PendingTransitions {
  hold(cpu: number, transition: Edge): void;
  /** The held transition of the CPU ended in `to`. */
  amend(cpu: number, to: string): void;
  release(cpu: number): void;
  releaseAll(): void;
}

/** `emit` gets every transition that is one. */
export function createPendingTransitions(emit: (transition: Edge) => void): PendingTransitions {
  const held: (Edge | undefined)[] = [];
  const release = (cpu: number): void => {
    const transition = held[cpu];
    if (transition === undefined) return;
    held[cpu] = undefined;
    if (transition.from !== transition.to) emit(transition);
  };
  return {
    hold(cpu, transition) {
      release(cpu);
      held[cpu] = transition;
    },
    amend(cpu, to) {
      const transition = held[cpu];
      if (transition !== undefined) held[cpu] = { ...transition, to };
    },
    release,
    releaseAll: () => {
      for (const cpu of held.keys()) release(cpu);
    },
  };
}
