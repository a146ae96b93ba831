/**
 * The arguments of a `print fmt`: expressions of C over the fields of an entry, with the kernel's helpers
 * (__print_symbolic, __print_flags, __get_str, ...; include/trace/stages/stage3_trace_output.h, include/linux/string_choices.h).
 * They are turned into functions once; what is not understood throws `Malformed`.
 */

import { BINARY, CASTS, type CType, INT, ofType, POINTER, typeOfNumber, UNARY } from './c-numbers.ts';
import { Malformed } from './cursor.ts';
import { type Entry, elementOf, extentOf, integerOf, textOf } from './entry.ts';
import type { EventFormat, Field } from './event-format.ts';
import { asInteger, combine, constant, type Expression, either, flags, type Pair, symbolic } from './expression.ts';
import { createTokenReader } from './tokens.ts';

export interface PrintFormat {
  /** As it stands between the quotation marks, without escapes. */
  readonly template: string;
  readonly args: readonly Expression[];
}

const DEEPEST = 200;
/** In a row; chains of them nest as well. */
const MOST_OPERANDS = 200;
const TEXT_OF_FIELD = new Set(['__get_str', '__get_rel_str', '__get_dynamic_array', '__get_rel_dynamic_array']);

/** Values beside texts are constants. */
const NO_ENTRY: Entry = { bytes: Buffer.alloc(0), start: 0, end: 0, bigEndian: false };

/** What is smaller than an int becomes one. */
const typeOfField = (size: number, signed: boolean): CType =>
  size < 4 ? INT : { bits: size === 8 ? 64 : 32, unsigned: !signed };

function castType(names: readonly string[]): (typeof CASTS)[string] | undefined {
  const named = names.filter((name) => name !== 'int' && name !== 'const');
  return named.length === 1 ? CASTS[named[0] as string] : undefined;
}

/** `longSize`: bytes of a long. Throws `Malformed` for what is not understood. */
export function parsePrintFormat(format: EventFormat, longSize: number): PrintFormat {
  const longBits = longSize === 4 ? 32 : 64;
  const { peek, isSign, skip, accept, expect, name, text } = createTokenReader(format.print);
  let depth = 0;

  /** Nothing of a format may nest so deep that it, or what is made of it, overflows the stack. */
  function nested(inner: () => Expression): Expression {
    if (++depth > DEEPEST) throw new Malformed('a print fmt', 'one that is nested too deep');
    const value = inner();
    depth--;
    return value;
  }

  const expression = (): Expression => nested(conditional);

  function conditional(): Expression {
    const condition = binary(1);
    if (!accept('?')) return condition;
    if (accept(':')) {
      const other = expression();
      return either(condition, condition, other);
    }
    const then = expression();
    expect(':');
    return either(condition, then, expression());
  }

  function binary(least: number): Expression {
    let left = nested(unary);
    for (let count = 0; ; count++) {
      const operator = peek().kind === 'sign' ? BINARY[peek().text] : undefined;
      if (operator === undefined || operator.binds < least) return left;
      if (count > MOST_OPERANDS) throw new Malformed('a print fmt', 'one with too many operands');
      skip(1);
      left = combine(left, binary(operator.binds + 1), operator);
    }
  }

  function unary(): Expression {
    const apply = peek().kind === 'sign' ? UNARY[peek().text] : undefined;
    if (apply !== undefined) {
      skip(1);
      const { evaluate, type } = nested(unary);
      return { type, evaluate: (entry) => ofType(type, apply(asInteger(evaluate(entry)))) };
    }
    const cast = castAhead();
    if (cast === undefined) return postfix();
    skip(cast.length);
    const value = nested(unary);
    const { type } = cast;
    if (type === undefined) return value;
    return { type, evaluate: (entry) => BigInt.asUintN(type.cut, asInteger(value.evaluate(entry))) };
  }

  /** `(unsigned long)`, `(const char *)`: how many tokens it is, and the type where it changes the value. */
  function castAhead(): { readonly length: number; readonly type: (typeof CASTS)[string] | undefined } | undefined {
    if (!isSign('(')) return undefined;
    let length = 1;
    while (peek(length).kind === 'name' && peek(length).text !== 'REC' && !isSign('(', length + 1)) length++;
    const names = Array.from({ length: length - 1 }, (_, index) => peek(index + 1).text);
    const isPointer = isSign('*', length);
    while (isSign('*', length)) length++;
    if (names.length === 0 || !isSign(')', length)) return undefined;
    return { length: length + 1, type: isPointer ? undefined : castType(names) };
  }

  function postfix(): Expression {
    const token = peek();
    if (token.kind === 'number') {
      skip(1);
      const [, digits = '', suffix = ''] = /^(\w+?)([uUlL]*)$/.exec(token.text) ?? [];
      const type = typeOfNumber(digits, suffix, longBits);
      return constant(ofType(type, BigInt(digits)), type);
    }
    if (token.kind === 'text') return constant(text(), POINTER);
    if (accept('(')) {
      const value = expression();
      expect(')');
      return value;
    }
    const called = name();
    if (called === 'REC') return fieldAccess();
    if (called === 'NULL' || called === 'false') return constant(0n, INT);
    if (called === 'true') return constant(1n, INT);
    if (isSign('(')) return call(called);
    throw new Malformed('a value in a print fmt', called);
  }

  function fieldNamed(): Field {
    const wanted = name();
    const field = format.fields.get(wanted);
    if (field === undefined) throw new Malformed(`a field ${wanted} of ${format.name}`, 'none');
    return field;
  }

  function fieldAccess(): Expression {
    expect('->');
    const field = fieldNamed();
    const type = typeOfField(field.kind === 'array' ? field.elementSize : field.size, field.signed);
    if (field.kind === 'integer') return { field, type, evaluate: (entry) => integerOf(entry, field) };
    if (field.kind === 'array' && accept('[')) {
      const { evaluate } = expression();
      expect(']');
      return { type, evaluate: (entry) => elementOf(entry, field, Number(asInteger(evaluate(entry)))) };
    }
    return { field, type: POINTER, evaluate: (entry) => textOf(entry, field) };
  }

  function call(called: string): Expression {
    expect('(');
    const value = callWithin(called);
    expect(')');
    return value;
  }

  function callWithin(called: string): Expression {
    if (TEXT_OF_FIELD.has(called)) {
      const field = fieldNamed();
      return { type: POINTER, evaluate: (entry) => textOf(entry, field) };
    }
    if (called === '__get_dynamic_array_len' || called === '__get_rel_dynamic_array_len') {
      const field = fieldNamed();
      return { type: INT, evaluate: (entry) => BigInt(extentOf(entry, field).length) };
    }
    const value = expression();
    if (called === '__print_symbolic' || called === '__print_symbolic_u64') return symbolic(value, pairs());
    if (called === '__print_flags' || called === '__print_flags_u64') {
      expect(',');
      const delimiter = text();
      return flags(value, delimiter, pairs());
    }
    if (called === '__builtin_expect') {
      expect(',');
      expression();
      return value;
    }
    const choice = /^str_([a-z]+)_([a-z]+)$/.exec(called);
    if (choice === null) throw new Malformed('a function of a print fmt that is known', called);
    const [, yes = '', no = ''] = choice;
    return either(value, constant(yes, POINTER), constant(no, POINTER));
  }

  /** `, { value, "text" }` as often as it comes. */
  function pairs(): Pair[] {
    const all: Pair[] = [];
    while (accept(',')) {
      expect('{');
      const { evaluate } = expression();
      expect(',');
      const word = expression().evaluate(NO_ENTRY);
      expect('}');
      if (typeof word === 'string') all.push({ value: BigInt.asUintN(64, asInteger(evaluate(NO_ENTRY))), text: word });
    }
    return all;
  }

  const template = text();
  const args: Expression[] = [];
  while (accept(',')) args.push(expression());
  if (peek().kind !== 'end') throw new Malformed('the end of a print fmt', peek().text);
  return { template, args };
}
