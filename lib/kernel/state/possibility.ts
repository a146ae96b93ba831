/** One of several things that may have happened on a CPU: hidden/possible.ts. */

/** Values of an object's own properties. */
export interface Copy {
  readonly of: object;
  readonly values: readonly unknown[];
}

export interface Possibility {
  readonly copies: readonly Copy[];
  /** The same for two states that differ in nothing that anything will ever ask for. */
  readonly key: string;
  /** Hidden kinds that it needs and another does not: bits by the order of HIDEABLE. */
  readonly via: number;
}
