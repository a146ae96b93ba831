/** The words of a `print fmt`, which is C. */

import { Malformed } from './cursor.ts';

export interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign' | 'end';
  /** Texts without quotation marks and escapes, numbers with their suffix. */
  readonly text: string;
}

/** Longest `print fmt` that is looked at, in characters; the kernel's are a few thousand. */
const LONGEST = 256 * 1024;

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)')|((?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*)|([A-Za-z_]\w*)|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!?:,(){}[\]<>=.]))/y;

/** Throws `Malformed` for what is not of C. */
function tokensOf(text: string): Token[] {
  if (text.length > LONGEST) throw new Malformed(`a print fmt of at most ${LONGEST} characters`, 'a longer one');
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text);
    if (match === null) throw new Malformed('a print fmt', 'characters that are not of C');
    const [, string, character, number, name, sign] = match;
    if (string !== undefined) tokens.push({ kind: 'text', text: withoutEscapes(string.slice(1, -1)) });
    else if (character !== undefined) {
      tokens.push({ kind: 'number', text: String(withoutEscapes(character.slice(1, -1)).charCodeAt(0)) });
    } else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'sign', text: sign as string });
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };
const withoutEscapes = (text: string): string => text.replace(/\\(.)/g, (_, code: string) => ESCAPES[code] ?? code);

/** The tokens, one after the other. What is expected and not there is `Malformed`. */
export interface TokenReader {
  /** The next one, or one that comes later; of kind 'end' behind the last. */
  peek(ahead?: number): Token;
  isSign(text: string, ahead?: number): boolean;
  skip(count: number): void;
  /** Takes the sign, if it is the next. */
  accept(text: string): boolean;
  expect(text: string): void;
  name(): string;
  /** Adjacent texts are one; '' where there is none. */
  text(): string;
}

const END: Token = { kind: 'end', text: '' };

/** Throws `Malformed` for what is not of C. */
export function createTokenReader(source: string): TokenReader {
  const tokens = tokensOf(source);
  let at = 0;
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? END;
  const isSign = (text: string, ahead = 0): boolean => peek(ahead).kind === 'sign' && peek(ahead).text === text;
  const skip = (count: number): void => {
    at += count;
  };
  const accept = (text: string): boolean => {
    const isNext = isSign(text);
    if (isNext) skip(1);
    return isNext;
  };
  return {
    peek,
    isSign,
    skip,
    accept,
    expect(text) {
      if (!accept(text)) throw new Malformed(`"${text}" in a print fmt`, peek().text);
    },
    name() {
      const token = peek();
      if (token.kind !== 'name') throw new Malformed('a name in a print fmt', token.text);
      skip(1);
      return token.text;
    },
    text() {
      let all = '';
      for (; peek().kind === 'text'; skip(1)) all += peek().text;
      return all;
    },
  };
}
