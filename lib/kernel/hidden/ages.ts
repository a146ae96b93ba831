/** Properties that say when something was, which nothing that comes asks for but in comparison with each other. */

/** Where and when a value was written. */
export const HISTORY: ReadonlySet<string> = new Set([
  'fp_ownerLine',
  'fp_ownerEvent',
  'fp_stateLine',
  'fp_stateEvent',
  'exitImpliedLine',
]);

/** How often one has changed. */
export const GENERATIONS: ReadonlySet<string> = new Set([
  'generation',
  'memory',
  'fpmr',
  'fpmrMemory',
  'entryGeneration',
  'el2Generation',
  'zaGeneration',
  'zaMemory',
]);

export const isAge = (name: string): boolean => HISTORY.has(name) || GENERATIONS.has(name);
