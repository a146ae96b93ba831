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
export function tokensOf(text: string): Token[] {
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
