/** By situation and symbol, an integer: rows of a typed array, which grows. */

import { MOST_SYMBOLS } from './symbols.ts';

export interface Table {
  /** 0 where nothing was set. */
  entry(situation: number, symbol: number): number;
  set(situation: number, symbol: number, entry: number): void;
  clear(): void;
  /** Nothing more is kept. */
  readonly isFull: boolean;
}

/** Symbols of a row, to begin with, and rows. */
const ROW = 32;
const ROWS = 64;
/** Most entries: 32 MB of them. */
const MOST = 1 << 23;

export function createTable(): Table {
  let row = ROW;
  let entries = new Int32Array(ROWS * row);
  let isFull = false;

  /** Rows of so many symbols, and so many of them. */
  function grow(symbols: number, rows: number): void {
    if (symbols * rows > MOST) {
      isFull = true;
      return;
    }
    const grown = new Int32Array(symbols * rows);
    for (let at = 0; at * row < entries.length; at++)
      grown.set(entries.subarray(at * row, (at + 1) * row), at * symbols);
    row = symbols;
    entries = grown;
  }

  return {
    entry: (situation, symbol) => (symbol < row ? (entries[situation * row + symbol] ?? 0) : 0),
    set(situation, symbol, entry) {
      if (symbol >= row) grow(MOST_SYMBOLS, entries.length / row);
      let rows = entries.length / row;
      while (rows <= situation) rows *= 2;
      if (rows * row > entries.length) grow(row, rows);
      if (symbol < row && situation * row < entries.length) entries[situation * row + symbol] = entry;
    },
    clear() {
      entries.fill(0);
    },
    get isFull() {
      return isFull;
    },
  };
}
