/** Lines that are no events, of every kind, and what the error has to say of them. */

export interface BadLine {
  readonly name: string;
  readonly text: string | Uint8Array;
  readonly field?: string;
  readonly expected?: RegExp;
  readonly found?: string;
}

const OBJECT = /JSON value|key in double quotes|"," or "}"|closing double quote|JSON object/;
const CPU = /^an integer from 0 to 4095$/;

function cpu(name: string, value: string, found = value): BadLine {
  return { name, text: `{"event":"hyp_init","cpu":${value}}`, field: 'cpu', expected: CPU, found };
}

function register(name: string, value: string): BadLine {
  const text = `{"event":"pmuserenr","cpu":0,"value":${value}}`;
  return { name, text, field: 'value', expected: /^a string "0x\.\.\."/ };
}

export const BAD: readonly BadLine[] = [
  { name: 'empty object', text: '{}', field: 'event', found: 'nothing' },
  { name: 'null', text: 'null', expected: /^a JSON object$/, found: 'null' },
  { name: 'false', text: 'false', expected: /^a JSON object$/, found: 'false' },
  { name: 'number', text: '0', expected: /^a JSON object$/, found: '0' },
  { name: 'string', text: '""', expected: /^a JSON object$/, found: '""' },
  { name: 'array', text: '[{"event":"hyp_init","cpu":0}]', expected: /^a JSON object$/, found: 'an array' },
  { name: 'truncated object', text: '{"event":"hyp_init","cpu":', expected: OBJECT, found: 'the end of the line' },
  { name: 'trailing comma', text: '{"event":"hyp_init","cpu":0,}', expected: OBJECT },
  { name: 'trailing garbage', text: '{"event":"hyp_init","cpu":0} x', expected: /end of the line/ },
  {
    name: 'two objects',
    text: '{"event":"hyp_init","cpu":0}{"event":"hyp_init","cpu":1}',
    expected: /end of the line/,
  },
  { name: 'single quotes', text: "{'event':'hyp_init','cpu':0}", expected: OBJECT },
  { name: 'comment', text: '{"event":"hyp_init","cpu":0} // x', expected: /end of the line/ },
  { name: 'comment first', text: '# a trace', expected: OBJECT },
  { name: 'NaN', text: '{"event":"hyp_init","cpu":NaN}', expected: OBJECT, found: '"NaN"' },
  { name: 'Infinity', text: '{"event":"hyp_init","cpu":Infinity}', expected: OBJECT, found: '"Infinity"' },
  { name: 'duplicate key', text: '{"event":"hyp_init","cpu":0,"cpu":0}', field: 'cpu', expected: /^each key once$/ },
  { name: 'duplicate, escaped', text: '{"event":"hyp_init","cpu":0,"c\\u0070u":1}', field: 'cpu' },
  { name: 'duplicate event', text: '{"event":"hyp_init","event":"cpu_on","cpu":0}', field: 'event' },
  { name: 'duplicate, colons in text', text: '{"event":"hyp_init","cpu":0,"note":"a:b","note":"::"}', field: 'note' },
  { name: 'missing field', text: '{"event":"hyp_init"}', field: 'cpu', expected: CPU, found: 'nothing' },
  cpu('wrong type', '"0"'),
  cpu('null field', 'null'),
  cpu('object for a number', '{}', 'an object'),
  cpu('negative', '-1'),
  cpu('fraction', '0.5'),
  cpu('fraction that is none', '1.0'),
  cpu('exponent', '1e0'),
  cpu('large exponent', '1E400'),
  cpu('-0', '-0'),
  { name: 'leading zero', text: '{"event":"hyp_init","cpu":01}', expected: OBJECT },
  cpu('above the range', '4096'),
  cpu('above 2^53-1', '9007199254740993'),
  {
    name: 'ts above 2^53-1',
    text: '{"event":"hyp_init","cpu":0,"ts":9007199254740993}',
    field: 'ts',
    found: '9007199254740993',
  },
  {
    name: 'ts that rounds',
    text: '{"event":"hyp_init","cpu":0,"ts":9007199254740990.6}',
    field: 'ts',
    found: '9007199254740990.6',
  },
  { name: 'ts above 2^64-1', text: '{"event":"hyp_init","cpu":0,"ts":"18446744073709551616"}', field: 'ts' },
  { name: 'ts that is no canonical decimal', text: '{"event":"hyp_init","cpu":0,"ts":"007"}', field: 'ts' },
  register('hex without 0x', '"10"'),
  register('hex of 17 digits', '"0x00000000000000001"'),
  register('hex without digits', '"0x"'),
  register('hex as a number', '16'),
  { name: 'ec of 7 bits', text: '{"event":"guest_exit","cpu":0,"ec":"0x40"}', field: 'ec' },
  { name: 'event is no string', text: '{"event":["hyp_init"],"cpu":0}', field: 'event', found: 'an array' },
  { name: 'deep nesting', text: '['.repeat(100_000) + ']'.repeat(100_000), expected: /^a JSON object$/ },
  {
    name: 'deep nesting in a field',
    text: `{"event":"meta","format":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    field: 'format',
    found: 'an array',
  },
  { name: 'deep nesting, open', text: '{"a":'.repeat(50_000), expected: OBJECT },
  {
    name: 'escaped lone surrogate',
    text: '{"event":"hyp_init","cpu":0,"note":"\\ud800"}',
    expected: /^well-formed Unicode$/,
  },
  { name: 'surrogate in UTF-8', text: Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), expected: /^UTF-8 text$/ },
  { name: 'overlong UTF-8', text: Uint8Array.of(0x22, 0xc1, 0xa1, 0x22), expected: /^UTF-8 text$/ },
  { name: 'UTF-8 cut short', text: Uint8Array.of(0x22, 0xe2, 0x82), expected: /^UTF-8 text$/ },
  { name: 'UTF-16', text: Buffer.from('\ufeff{}', 'utf16le'), expected: /^UTF-8 text$/, found: 'UTF-16 text' },
  {
    name: 'UTF-16, big-endian',
    text: Buffer.from('\ufeff{}', 'utf16le').swap16(),
    expected: /^UTF-8 text$/,
    found: 'UTF-16 text',
  },
  { name: 'UTF-16 without a mark', text: Buffer.from('{}', 'utf16le'), expected: OBJECT },
  {
    name: 'binary rubbish',
    text: Uint8Array.from({ length: 300 }, (_, n) => (n * 37 + 128) % 255).filter((b) => b !== 10),
    expected: /^UTF-8 text$/,
  },
  { name: 'BOM after white space', text: ' \ufeff{"event":"hyp_init","cpu":0}', expected: OBJECT, found: '"\ufeff"' },
  { name: 'form feed as white space', text: '{\f"event":"hyp_init","cpu":0}', expected: OBJECT },
  {
    name: 'upper case literal',
    text: '{"event":"hyp_init","cpu":0,"inferred":True}',
    expected: OBJECT,
    found: '"True"',
  },
  { name: 'event of another case', text: '{"Event":"hyp_init","cpu":0}', field: 'event', found: 'nothing' },
  { name: 'NUL', text: '\0', expected: OBJECT, found: '"\0"' },
  { name: 'NUL in a string', text: '{"event":"hyp_init","cpu":0,"note":"\0"}', expected: /^no control character/ },
  {
    name: 'escape sequence in a string',
    text: '{"event":"hyp_init","cpu":0,"note":"\u001b[2J"}',
    expected: /^no control character/,
    found: '"\u001b"',
  },
  {
    name: 'bare CR between lines',
    text: '{"event":"hyp_init","cpu":0}\r{"event":"hyp_init","cpu":1}',
    expected: /^a line that ends in LF or CR LF$/,
  },
  {
    name: 'bare CR as white space',
    text: '{"event":"hyp_init",\r"cpu":0}',
    expected: /^a line that ends in LF or CR LF$/,
  },
  { name: 'U+2028 outside of a string', text: '{"event":"hyp_init",\u2028"cpu":0}', expected: OBJECT },
  { name: 'no-break space', text: '\u00a0', expected: OBJECT },
  {
    name: 'line above the limit',
    text: `{"event":"hyp_init","cpu":0,"note":"${'x'.repeat(300_000)}"}`,
    expected: /^a line of at most 250000 bytes$/,
  },
];
