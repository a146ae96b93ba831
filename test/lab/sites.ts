/** Where the text of a kernel saves and loads FP state, inlined or not, and where it calls the functions that do. */

import {
  CALL,
  CONDITIONAL_BRANCH,
  callOffset,
  conditionalOffset,
  LOOPS,
  matches,
  type Pattern,
  ROW_MASK,
  RUNS,
  type Run,
  SINGLE,
} from './instructions.ts';
import { addressAt, type Text } from './text.ts';

export interface Site {
  /** What happens once whenever the instruction at `address` is executed. */
  readonly primitive: string;
  readonly address: bigint;
}

/** In how many words a run has to come: loads and stores of a run may be mixed with arithmetic. */
const SLACK = 1.5;
/** How far behind the row the branch of its loop may be. */
const LOOP_WORDS = 8;

export function findSites(text: Text): Site[] {
  const sites: Site[] = [];
  const add = (primitive: string, index: number): void => {
    sites.push({ primitive, address: addressAt(text, index) });
  };
  for (const [primitive, run] of Object.entries(RUNS))
    for (const index of all(text, run.first)) if (isRun(text, index, run)) add(primitive, index);
  for (const [primitive, row] of Object.entries(LOOPS)) {
    for (const index of all(text, { mask: ROW_MASK, value: row.value })) {
      const behind = behindLoop(text, index);
      if (behind !== undefined) add(primitive, behind);
    }
  }
  for (const [primitive, pattern] of Object.entries(SINGLE))
    for (const index of all(text, pattern)) add(primitive, index);
  return sites;
}

/** The calls of each function, of those given by address. */
export function findCalls(text: Text, functions: ReadonlyMap<bigint, string>): Site[] {
  const sites: Site[] = [];
  for (const index of all(text, CALL)) {
    const address = addressAt(text, index);
    const name = functions.get(address + BigInt(callOffset(text.words[index] ?? 0)));
    if (name !== undefined) sites.push({ primitive: name, address });
  }
  return sites;
}

function* all(text: Text, pattern: Pattern): Generator<number> {
  for (let index = 0; index < text.words.length; index++)
    if (matches(pattern, text.words[index] as number)) yield index;
}

function isRun(text: Text, index: number, run: Run): boolean {
  const part = text.words.subarray(index, index + Math.ceil(run.length * SLACK));
  return part.reduce((count, word) => count + (matches(run.any, word) ? 1 : 0), 0) >= run.length;
}

/** The instruction behind the loop around a row: executed once for each time that the loop ends. */
function behindLoop(text: Text, row: number): number | undefined {
  for (let index = row + 1; index <= row + LOOP_WORDS; index++) {
    const word = text.words[index] ?? 0;
    if (matches(CONDITIONAL_BRANCH, word) && conditionalOffset(word) < 0) return index + 1;
  }
  return undefined;
}
