/** A fixed set of texts, recognised by their bytes: four at a time, and without making a string. */

/** Texts by number, in the order in which they were given. All arrays but `heads` have an entry, or a row, for each. */
export interface Lexicon {
  readonly texts: readonly string[];
  /** Number of the first text for each hash of four bytes, or NONE. */
  readonly heads: Int16Array;
  /** Bits that are left of a hash. */
  readonly shift: number;
  /** Number of the next text with the same hash, or NONE. */
  readonly next: Int16Array;
  /** Length of each text in bytes. */
  readonly lengths: Int32Array;
  /** Rows of ROW words: the text four bytes at a time, the last four overlapping where it is no multiple of that. */
  readonly words: Int32Array;
}

export const NONE = -1;
/** Longest text: 4 * ROW bytes. */
const ROW = 8;
const LEAST = 4;
/** A multiplier that spreads (2^32 divided by the golden ratio); what still collides is told apart by comparing. */
const SPREAD = 0x9e3779b1;

/** Throws RangeError for a text that is not ASCII, or not of 4 to 32 bytes: the table that it is from must change. */
export function createLexicon(texts: readonly string[]): Lexicon {
  const bits = Math.ceil(Math.log2(texts.length + 1)) + 2;
  const lexicon: Lexicon = {
    texts,
    heads: new Int16Array(2 ** bits).fill(NONE),
    shift: 32 - bits,
    next: new Int16Array(texts.length).fill(NONE),
    lengths: Int32Array.from(texts, ({ length }) => length),
    words: new Int32Array(texts.length * ROW),
  };
  const all = Buffer.from(texts.join(''));
  const view = new DataView(all.buffer, all.byteOffset, all.length);
  if (all.length !== texts.join('').length) throw new RangeError(`not ASCII: ${texts.join(' ')}`);
  let start = 0;
  for (const [id, { length }] of texts.entries()) {
    if (length < LEAST || length > ROW * 4) throw new RangeError(`not 4 to 32 characters: ${texts[id]}`);
    for (let row = 0, at = 0; at < length; row++, at += 4) {
      lexicon.words[id * ROW + row] = view.getInt32(start + Math.min(at, length - 4), true);
    }
    // Behind the texts that are there already: those that come first are found first.
    const hash = hashOf(lexicon, view.getInt32(start, true));
    let last = lexicon.heads[hash] as number;
    if (last === NONE) lexicon.heads[hash] = id;
    else {
      while (lexicon.next[last] !== NONE) last = lexicon.next[last] as number;
      lexicon.next[last] = id;
    }
    start += length;
  }
  return lexicon;
}

function hashOf({ shift }: Lexicon, word: number): number {
  return Math.imul(word, SPREAD) >>> shift;
}

/**
 * Whether the text of that number stands at `at`. Looks at most three bytes beyond the first one that differs, so
 * after the end of the data there have to be three more.
 */
export function matches({ lengths, words }: Lexicon, id: number, view: DataView, at: number): boolean {
  const last = at + (lengths[id] as number) - 4;
  let row = id * ROW;
  for (let from = at; from < last; from += 4) {
    if (view.getInt32(from, true) !== words[row]) return false;
    row++;
  }
  return view.getInt32(last, true) === words[row];
}

/** Number of the text that stands at `at`, or NONE. Of texts of which one starts with another, the first given. */
export function find(lexicon: Lexicon, view: DataView, at: number): number {
  let id = lexicon.heads[hashOf(lexicon, view.getInt32(at, true))] as number;
  while (id !== NONE && !matches(lexicon, id, view, at)) id = lexicon.next[id] as number;
  return id;
}
