import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanJson } from '../../lib/ingest/plain/json.ts';
import { line } from '../support/arbitrary.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** True where the only fault is one that `JSON.parse` does not know. */
function isOurs(text: string): boolean {
  const { fault } = scanJson(text);
  return fault?.expected === 'each key once' || fault?.expected === 'well-formed Unicode';
}

const snippet = fc.constantFrom(...'{}[],:"\\ \t\r\n0123456789.-+eEuabtrnflsN\u0000\u001f\u2028\ufeff');

test('a text has a fault just where JSON.parse refuses it', () => {
  const mutated = fc
    .tuple(
      fc.oneof(
        line.map((value) => JSON.stringify(value)),
        fc.json(),
      ),
      fc.nat(),
      fc.nat(3),
      fc.array(snippet, { maxLength: 3 }),
    )
    .map(([text, at, remove, insert]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + insert.join('') + text.slice(start + remove);
    });
  const soup = fc.array(snippet, { maxLength: 12 }).map((parts) => parts.join(''));
  const check = (text: string): void => {
    if (isOurs(text)) return;
    assert.equal(scanJson(text).fault === undefined, parses(text), JSON.stringify(text));
  };
  fc.assert(fc.property(mutated, check), { numRuns: 4000 });
  fc.assert(fc.property(soup, check), { numRuns: 4000 });
});

test('every JSON number is one, and nothing else', () => {
  const part = fc.constantFrom('0', '1', '10', '-', '+', '.', 'e', 'E', '00', ' ', '9'.repeat(30));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const text = `[${parts.join('')}]`;
      assert.equal(scanJson(text).fault === undefined, parses(text), text);
    }),
    { numRuns: 2000 },
  );
});

test('faults say where and what, the same in every Node.js', () => {
  const cases: [string, string, string][] = [
    ['', 'a JSON value at character 1', 'the end of the line'],
    ['{', 'a key in double quotes at character 2', 'the end of the line'],
    ['{"a":1', '"," or "}" at character 7', 'the end of the line'],
    ['{"a":1,}', 'a key in double quotes at character 8', '"}"'],
    ['[1,]', 'a JSON value at character 4', '"]"'],
    ['{"a":1} x', 'the end of the line after the JSON value at character 9', '"x"'],
    ['{"a":1}{"b":2}', 'the end of the line after the JSON value at character 8', '"{"'],
    ["{'a':1}", 'a key in double quotes at character 2', '"\'a\'"'],
    ['{"a":NaN}', 'a JSON value at character 6', '"NaN"'],
    ['{"a":01}', '"," or "}" at character 7', '"1"'],
    ['{"a":+1}', 'a JSON value at character 6', '"+1"'],
    ['{"a":"b\u0007"}', 'no control character inside a string at character 8', '"\u0007"'],
    ['{"a":"\\x"}', 'an escape sequence of JSON at character 7', '"\\x"'],
    ['{"a":"\\u12"}', 'an escape sequence of JSON at character 7', '"\\u12"'],
    ['{"a":"b', 'a closing double quote at character 8', 'the end of the line'],
    ['{"a" 1}', '":" at character 6', '"1"'],
    ['\u0000', 'a JSON value at character 1', '"\u0000"'],
  ];
  for (const [text, expected, found] of cases) assert.deepEqual(scanJson(text).fault, { field: '', expected, found });
});

test('a key that comes twice in one object is a fault, however it is written', () => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '[{"x":{"a":1,"b":[],"a":1}}]',
    '{"a":{},"b":1,"a":{}}',
  ]) {
    assert.deepEqual(scanJson(text).fault, { field: 'a', expected: 'each key once', found: '"a" again' });
  }
  for (const text of ['{"a":{"a":{"a":[{"a":1},{"a":1}]}}}', '{"a":1,"A":1}', '{"__proto__":1,"constructor":2}']) {
    assert.equal(scanJson(text).fault, undefined);
  }
  assert.equal(scanJson('{"__proto__":1,"__proto__":1}').fault?.field, '__proto__');
});

test('an escaped lone surrogate is a fault, a pair is not', () => {
  for (const text of ['"\\ud800"', '{"\\udc00":1}', '"\\ud800\\ud800\\udc00"', '"\\udc00\\ud800"']) {
    assert.equal(scanJson(text).fault?.expected, 'well-formed Unicode');
  }
  assert.equal(scanJson('"\\ud83d\\ude00 \\u0041 \\\\ud800"').fault, undefined);
});

test('numbers that are more than plain digits are reported as written', () => {
  const text = '{"a":1,"b":1.0,"c":1e3,"d":-0,"e":9007199254740993,"f":-5,"g":[1.5],"h":{"x":1.5},"i":1E400}';
  assert.deepEqual(scanJson(text).written, [
    ['b', '1.0'],
    ['c', '1e3'],
    ['d', '-0'],
    ['e', '9007199254740993'],
    ['i', '1E400'],
  ]);
  assert.deepEqual(scanJson('[1.5]').written, []);
});

test('nesting of any depth does not overflow the stack', () => {
  const depth = 1_000_000;
  assert.equal(scanJson('['.repeat(depth) + ']'.repeat(depth)).fault, undefined);
  assert.equal(scanJson('{"a":'.repeat(depth / 5)).fault?.found, 'the end of the line');
});
