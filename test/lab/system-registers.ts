/** System-register accesses of a world switch, as executed: by function and register. */

import type { Count } from './counts.ts';
import { MRS, MSR, matches, registerOf } from './instructions.ts';
import { nearest, type Symbols } from './symbols.ts';

export interface Access {
  readonly function: string;
  readonly register: string;
  readonly reads: number;
  readonly writes: number;
}

export function registersOf(counts: readonly Count[], symbols: Symbols): Access[] {
  const byKey = new Map<string, { function: string; register: string; reads: number; writes: number }>();
  for (const { address, word, count } of counts) {
    const read = matches(MRS, word);
    if (!read && !matches(MSR, word)) continue;
    const { name } = nearest(symbols, address);
    const register = registerOf(word);
    const key = `${name} ${register}`;
    const access = byKey.get(key) ?? { function: name, register, reads: 0, writes: 0 };
    access[read ? 'reads' : 'writes'] += count;
    byKey.set(key, access);
  }
  return [...byKey.values()].sort((a, b) => compareText(a.function, b.function) || compareText(a.register, b.register));
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `function register reads writes`, a line each. */
export function registerTable(accesses: readonly Access[]): string {
  return accesses.map((access) => `${access.function} ${access.register} ${access.reads} ${access.writes}\n`).join('');
}
