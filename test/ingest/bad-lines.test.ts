import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BAD, type BadLine } from '../support/bad-lines.ts';
import { collectBytes, collectFiles, linesOf, type Seen, temporaryFiles } from '../support/collect.ts';

const GOOD = ['{"event":"hyp_init","cpu":1}', '', '{"event":"hyp_init","cpu":2,"note":"\u2028 :: \ud83d\ude00"}'];
const OPTIONS = { maxLineBytes: 250_000 };
const file = temporaryFiles();

/** A trace with the bad line in its place, and the line number that has to be named. */
function traceWith(bad: BadLine, position: number, lineEnd: string, isEnded: boolean): { bytes: Buffer; line: number } {
  const lines: (string | Uint8Array)[] = GOOD.flatMap((line) => [line]);
  lines.splice(position, 0, bad.text);
  const parts = lines.flatMap((line, index) => [
    Buffer.from(line as string),
    Buffer.from(index < lines.length - 1 || isEnded ? lineEnd : ''),
  ]);
  return { bytes: Buffer.concat(parts), line: position + 1 };
}

function assertNamed(bad: BadLine, seen: readonly Seen[], line: number, context: string): void {
  assert.deepEqual(linesOf(seen, 'error'), [line], context);
  assert.deepEqual(
    linesOf(seen, 'event'),
    [1, 3].map((good) => (good >= line ? good + 1 : good)),
    context,
  );
  const error = seen.find((item) => item.error)?.error;
  assert.equal(error?.field, bad.field ?? '', context);
  if (bad.expected) assert.match(error.expected, bad.expected, context);
  if (bad.found !== undefined) assert.equal(error.found, bad.found, context);
  assert.ok(error.found.length <= 80, context);
}

for (const bad of BAD) {
  test(`bad line: ${bad.name}`, async () => {
    const isLong = bad.text.length > 1000;
    for (const position of [0, 1, GOOD.length]) {
      for (const lineEnd of ['\n', '\r\n']) {
        for (const isEnded of [true, false]) {
          const { bytes, line } = traceWith(bad, position, lineEnd, isEnded);
          const context = `position ${position}, ${JSON.stringify(lineEnd)}, ${isEnded ? 'ended' : 'not ended'}`;
          // A byte at a time is for short lines; every chunking of every line is a property of the splitter.
          const sizes = isLong ? [1000, 65_536] : [1, 2, 61];
          const whole = await collectBytes(bytes, OPTIONS);
          assertNamed(bad, whole, line, context);
          for (const chunkSize of sizes) {
            assert.deepEqual(
              await collectBytes(bytes, { ...OPTIONS, chunkSize }),
              whole,
              `${context}, by ${chunkSize}`,
            );
          }
        }
      }
    }
    const { bytes, line } = traceWith(bad, 1, '\n', true);
    for (const path of [file('plain.ndjson', bytes), file('packed.ndjson', gzipSync(bytes))]) {
      for (const chunkSize of isLong ? [undefined, 1000] : [undefined, 1, 5]) {
        const options = chunkSize === undefined ? OPTIONS : { ...OPTIONS, chunkSize };
        assertNamed(bad, await collectFiles([path], options), line, path);
      }
    }
  });
}

test('what looks bad but is not', async () => {
  const good = [
    ['hostile names', '{"event":"hyp_init","cpu":1,"__proto__":{"cpu":2},"constructor":1.5,"toString":-0}'],
    ['hostile event', '{"event":"__proto__","cpu":1}'],
    ['numbers in text', '{"event":"hyp_init","cpu":1,"note":"a: 1.5, [2e3] :-0"}'],
    ['escapes', '{"\\u0065vent":"hyp_\\u0069nit","cpu":1,"note":"\\ud83d\\ude00\\u0000"}'],
    ['white space', ' \t{ "event" : "hyp_init" , "cpu" : 1 }\t '],
    ['spare nesting', `{"event":"hyp_init","cpu":1,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['largest ts', '{"event":"hyp_init","cpu":1,"ts":9007199254740991}'],
  ];
  for (const [name, text] of good) {
    const [seen, ...rest] = await collectBytes(`${text}\n`);
    assert.equal(rest.length, 0, name);
    assert.equal(seen?.event?.cpu, 1, name);
  }
});

test('meta is an error anywhere but on the first line', async () => {
  const meta = '{"event":"meta","format":1}';
  const seen = await collectBytes(`\n${meta}\n${GOOD[0]}\n${meta}\n${meta}`);
  assert.deepEqual(linesOf(seen, 'event'), [2, 3]);
  assert.deepEqual(linesOf(seen, 'error'), [4, 5]);
  assert.equal(seen.at(-1)?.error?.field, 'event');
  assert.deepEqual(linesOf(await collectBytes(`{\n${meta}\n`), 'error'), [1, 2]);
});
