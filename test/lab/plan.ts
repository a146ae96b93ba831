/** What the counting plugin is to count in a kernel (plugin/count.c has the format), and how its addresses are read again. */

import { COUNTED, EVERYWHERE, MRS, MSR } from './instructions.ts';
import { CALLED, CONTEXT, HYP_PREFIX, PRIMITIVES, WINDOW } from './primitives.ts';
import { findCalls, findSites, type Site } from './sites.ts';
import { addressOf, type Symbols } from './symbols.ts';
import { end, type Text, wordsAt } from './text.ts';

export interface Plan {
  /** Saves and loads, inlined or in a function. */
  readonly sites: readonly Site[];
  /** Calls of the functions that save and load. */
  readonly calls: readonly Site[];
  /** Entries of functions. */
  readonly entries: readonly Site[];
  readonly text: string;
}

/** How many words of a function's beginning tell it: the plugin compares no more. */
const ANCHOR_WORDS = 6;

export function planOf(symbols: Symbols, text: Text): Plan {
  const both = (names: readonly string[]): Site[] =>
    [...names, ...names.map((name) => HYP_PREFIX + name)].flatMap((name) => {
      const address = symbols.address.get(name);
      return address === undefined ? [] : [{ primitive: name, address }];
    });
  const entries = both([
    ...new Set([
      ...PRIMITIVES.flatMap(({ functions, hypFunctions }) => [...functions, ...(hypFunctions ?? [])]),
      ...CONTEXT,
    ]),
  ]);
  const called = new Map(both(CALLED).map(({ primitive, address }) => [address, primitive]));
  const plan = { sites: findSites(text), calls: findCalls(text, called), entries };
  return { ...plan, text: planText(symbols, text, plan) };
}

function planText(symbols: Symbols, text: Text, plan: Omit<Plan, 'text'>): string {
  const hex = (value: bigint | number): string => value.toString(16);
  const places = new Map([...plan.sites, ...plan.calls, ...plan.entries].map((site) => [site.address, site.primitive]));
  const hyp = {
    start: addressOf(symbols, `${HYP_PREFIX}__hyp_text_start`),
    end: addressOf(symbols, `${HYP_PREFIX}__hyp_text_end`),
  };
  // Any function: which one EL2 runs first with none of its words patched at boot differs by mode.
  const anchors = new Set(
    symbols.sorted.map(({ address }) => address).filter((address) => address >= hyp.start && address < hyp.end),
  );
  const word = (kind: string) => (pattern: { mask: number; value: number }) =>
    `${kind} ${hex(pattern.mask)} ${hex(pattern.value)}`;
  return `${[
    `text ${hex(text.start)} ${hex(end(text))}`,
    `hyp ${hex(hyp.start)} ${hex(hyp.end)}`,
    `snap ${hex(addressOf(symbols, WINDOW.begin))} begin`,
    `snap ${hex(addressOf(symbols, WINDOW.end))} end`,
    ...[...places].map(([address, name]) => `place ${hex(address)} ${name}`),
    ...[...anchors].map(
      (address) => `anchor ${hex(address)} ${wordsAt(text, address, ANCHOR_WORDS).map(hex).join(' ')}`,
    ),
    ...EVERYWHERE.map(word('skip')),
    ...[MRS, MSR, ...Object.values(COUNTED)].map(word('class')),
  ].join('\n')}\n`;
}
