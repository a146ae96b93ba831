import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeText } from '../../lib/text/escape.ts';

/** Every code point, surrogates included. */
function* codePoints(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) yield String.fromCodePoint(code);
}

function unescapeText(text: string): string {
  const short: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
  return text.replace(/\\(?:u\{([0-9a-f]+)\}|(.))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (short[letter] ?? assert.fail(letter)) : String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom('\\', 'u', '{', '}', 'n', '\n', '\u001b', '\u202e', 'a', '\u{e0041}') }),
);

test('no control, format, separator, private, surrogate, unassigned or ignorable character gets through', () => {
  const hidden =
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}]/u;
  for (const character of codePoints()) {
    const escaped = escapeText(character);
    if (hidden.test(character) || (/\p{Zs}/u.test(character) && character !== ' ')) {
      assert.match(escaped, /^\\(?:[nrt]|u\{[0-9a-f]+\})$/);
    }
    assert.equal(unescapeText(escaped), character);
  }
});

test('letters of all scripts, marks, symbols and emoji are left as they are', () => {
  const plain = 'vcpu_load é ß Ж ع א क 漢 한 e\u0301 € → 😀 "quoted" \'x\' <&> %0A';
  assert.equal(escapeText(plain), plain);
});

test('what people know is shown as they know it', () => {
  assert.equal(escapeText('a\nb\r\tc\\d'), 'a\\nb\\r\\tc\\\\d');
  assert.equal(
    escapeText('\u001b[31m\u009b\u0000\u007f\u202e\u2028\ufeff\ud800'),
    '\\u{1b}[31m\\u{9b}\\u{0}\\u{7f}\\u{202e}\\u{2028}\\u{feff}\\u{d800}',
  );
  assert.equal(escapeText('\u2800\u3164\u00a0\u{e0041}\u{f0000}'), '\\u{2800}\\u{3164}\\u{a0}\\u{e0041}\\u{f0000}');
});

test('different texts stay different', () => {
  fc.assert(fc.property(anyText, (text) => assert.equal(unescapeText(escapeText(text)), text)));
});

test('text is cut to the length that is asked for, never inside an escape', () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), (text, max) => {
      const whole = escapeText(text);
      const cut = escapeText(text, max);
      assert.ok(cut.length <= max);
      if (whole.length <= max) {
        assert.equal(cut, whole);
      } else if (max >= 3) {
        assert.ok(cut.endsWith('...'));
        assert.ok(whole.startsWith(cut.slice(0, -3)));
        assert.ok(text.startsWith(unescapeText(cut.slice(0, -3))));
      }
    }),
    { numRuns: 1000 },
  );
});
