/**
 * A strict walk over the text of one JSON line (RFC 8259), for what `JSON.parse` does not tell: where the text goes
 * wrong in words that are the same in every Node.js, duplicate keys, lone surrogates, and how a number was written.
 * Without recursion, and linear in the length of the text.
 */

import { shorten } from '../../text/shorten.ts';
import { type Fault, fault } from '../fault.ts';

export interface JsonScan {
  /** The first thing that is wrong with the text. */
  readonly fault: Fault | undefined;
  /** Numbers of the outermost object that are not plain digits of an exact integer: key and text as written. */
  readonly written: readonly (readonly [key: string, text: string])[];
}

/**
 * Longest key in UTF-16 units. V8 keeps every key that it has parsed in one table, and tells those of more than 16,383 by their
 * length alone: a file of such keys takes a time that grows as the square of their number.
 */
export const LONGEST_KEY = 1024;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const WORD = /[^\s,:[\]{}"]{1,20}|./suy;
const HEX4 = /[0-9a-fA-F]{4}/y;
const SIMPLE_ESCAPES = new Set('"\\/bfnrt');

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/** What is at `at`, for a message: a word, a character, or the end of the line. */
function foundAt(text: string, at: number): string {
  const word = matchAt(WORD, text, at);
  return word === undefined ? 'the end of the line' : `"${word}"`;
}

/** An open array, or an open object with its keys so far. */
type Container = 'array' | Set<string>;

class Scanner {
  readonly written: [string, string][] = [];
  fault: Fault | undefined;
  private at = 0;
  private readonly open: Container[] = [];
  /** Key whose value is being read. */
  private key = '';
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  run(): void {
    while (this.value() && this.afterValue()) {
      // Each turn reads one value with all that closes after it, up to where the next value starts.
    }
  }

  /** Reads a scalar, or the start of a container up to its first value. False at a fault. */
  private value(): boolean {
    for (;;) {
      const character = this.peek();
      if (character === '[') {
        this.at++;
        this.open.push('array');
        if (this.peek() === ']') return true;
      } else if (character === '{') {
        this.at++;
        this.open.push(new Set());
        if (this.peek() === '}') return true;
        if (!this.readKey()) return false;
      } else {
        return this.scalar(character);
      }
    }
  }

  /** Closes containers, and reads up to where the next value starts. False at the end of the text and at a fault. */
  private afterValue(): boolean {
    for (;;) {
      const container = this.open.at(-1);
      const character = this.peek();
      if (container === undefined) {
        return character === undefined ? false : this.fail('the end of the line after the JSON value');
      }
      const end = container === 'array' ? ']' : '}';
      if (character === end) {
        this.at++;
        this.open.pop();
      } else if (character === ',') {
        this.at++;
        return container === 'array' || this.readKey();
      } else {
        return this.fail(`"," or "${end}"`);
      }
    }
  }

  private readKey(): boolean {
    if (this.peek() !== '"') return this.fail('a key in double quotes');
    const key = this.string();
    if (key === undefined) return false;
    if (key.length > LONGEST_KEY) {
      this.fault = fault(`a key of at most ${LONGEST_KEY} characters`, `one of ${key.length}`, shorten(key, 80));
      return false;
    }
    const keys = this.open.at(-1);
    if (keys instanceof Set) {
      if (keys.has(key)) {
        this.fault = fault('each key once', `"${shorten(key, 60)}" again`, shorten(key, 80));
        return false;
      }
      keys.add(key);
    }
    this.key = key;
    if (this.peek() !== ':') return this.fail('":"');
    this.at++;
    return true;
  }

  private scalar(character: string | undefined): boolean {
    if (character === '"') return this.string() !== undefined;
    const number = matchAt(NUMBER, this.text, this.at);
    const scalar = number || matchAt(LITERAL, this.text, this.at);
    if (scalar === undefined) return this.fail('a JSON value');
    this.at += scalar.length;
    if (number && this.open.length === 1 && this.open[0] !== 'array') this.note(number);
    return true;
  }

  private note(number: string): void {
    if (!/^-?[0-9]+$/.test(number) || number === '-0' || !Number.isSafeInteger(Number(number))) {
      this.written.push([this.key, number]);
    }
  }

  /** Reads a string; its value, or undefined at a fault. */
  private string(): string | undefined {
    const { text } = this;
    const start = this.at;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.at = at + 1;
        return this.valueOf(start);
      }
      if (code < 0x20) return this.reject(at, 'no control character inside a string');
      if (code !== 0x5c) continue;
      at++;
      const escaped = text[at] ?? '';
      if (escaped === 'u' && matchAt(HEX4, text, at + 1) !== undefined) at += 4;
      else if (!SIMPLE_ESCAPES.has(escaped)) return this.reject(at - 1, 'an escape sequence of JSON');
    }
    return this.reject(text.length, 'a closing double quote');
  }

  private valueOf(start: number): string | undefined {
    const token = this.text.slice(start, this.at);
    if (!token.includes('\\')) return token.slice(1, -1);
    const value = JSON.parse(token) as string;
    // With the u flag only surrogates that are no half of a pair match.
    const lone = /\p{Cs}/u.exec(value);
    if (lone === null) return value;
    this.fault = fault('well-formed Unicode', `a lone surrogate, "${lone[0]}"`);
    return undefined;
  }

  private peek(): string | undefined {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
    return this.text[this.at];
  }

  private reject(at: number, expected: string): undefined {
    this.at = at;
    this.fail(expected);
  }

  private fail(expected: string): false {
    this.fault = fault(`${expected} at character ${this.at + 1}`, foundAt(this.text, this.at));
    return false;
  }
}

/** Walks over `text`. A text without a fault is one that `JSON.parse` takes. */
export function scanJson(text: string): JsonScan {
  const scanner = new Scanner(text);
  scanner.run();
  return { fault: scanner.fault, written: scanner.written };
}
