/**
 * Expressions of C over the fields of an entry, as functions: what the operators, and the helpers of a `print fmt`
 * (__print_symbolic, __print_flags, str_on_off, ...; include/linux/string_choices.h), make of others.
 */

import { type BINARY, type CType, INT, ofType, POINTER, wider } from './c-numbers.ts';
import type { Entry } from './entry.ts';
import type { Field } from './event-format.ts';

export type Value = bigint | string;

export interface Expression {
  readonly evaluate: (entry: Entry) => Value;
  readonly type: CType;
  /** It is nothing but that field. */
  readonly field?: Field;
}

/** An integer of what is one; a text counts as a pointer that is set. */
export const asInteger = (value: Value): bigint => (typeof value === 'bigint' ? value : 1n);

export const constant = (value: Value, type: CType): Expression => ({ type, evaluate: () => value });

/** What __print_symbolic and __print_flags say of a value. */
export interface Pair {
  readonly value: bigint;
  readonly text: string;
}

export function either({ evaluate: test }: Expression, then: Expression, other: Expression): Expression {
  return {
    type: wider(then.type, other.type),
    evaluate(entry) {
      const value = test(entry);
      return (asInteger(value) !== 0n ? then : other).evaluate(entry);
    },
  };
}

export function combine(left: Expression, right: Expression, { apply, type: of }: (typeof BINARY)[string]): Expression {
  const operands = of === 'left' ? left.type : wider(left.type, right.type);
  const type = of === 'int' ? INT : operands;
  return {
    type,
    evaluate(entry) {
      const [a, b] = [asInteger(left.evaluate(entry)), asInteger(right.evaluate(entry))];
      return ofType(type, apply(ofType(operands, a), of === 'left' ? b : ofType(operands, b)));
    },
  };
}

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

/** trace_print_symbols_seq, kernel/trace/trace_output.c. */
export function symbolic({ evaluate }: Expression, pairs: readonly Pair[]): Expression {
  const texts = new Map<bigint, string>();
  for (const { value, text } of pairs) if (!texts.has(value)) texts.set(value, text);
  return {
    type: POINTER,
    evaluate(entry) {
      const value = BigInt.asUintN(64, asInteger(evaluate(entry)));
      return texts.get(value) ?? hex(value);
    },
  };
}

/** trace_print_flags_seq, kernel/trace/trace_output.c. */
export function flags({ evaluate }: Expression, delimiter: string, pairs: readonly Pair[]): Expression {
  return {
    type: POINTER,
    evaluate(entry) {
      let left = BigInt.asUintN(64, asInteger(evaluate(entry)));
      const words: string[] = [];
      for (const { value, text } of pairs) {
        if (left === 0n) break;
        if ((left & value) !== value) continue;
        words.push(text);
        left &= ~value;
      }
      if (left !== 0n) words.push(hex(left));
      return words.join(delimiter);
    },
  };
}
