/** One of several things that may have happened on a CPU: hidden/possible.ts. */

/** Values of an object's own properties. */
export interface Copy {
  readonly of: object;
  /** What it is: of an entity its own kind, else one of hidden/copies.ts. */
  readonly kind: number;
  readonly values: readonly unknown[];
  /** What its generations say, which are compared with each other only. */
  readonly newest: number;
}

/** What objects hold. */
export interface State {
  readonly objects: readonly object[];
  /** Of each of them. */
  readonly copies: readonly Copy[];
}

export interface Possibility {
  /** All that are possible on a CPU have the same list of objects, mostly. */
  readonly state: State;
  /** Hidden kinds that it needs and another does not: bits by the order of HIDEABLE. */
  readonly via: number;
}
