/** Makes a large capture: `node --import tsx test/bench/capture.ts FILE LINES` repeats one of the tests, later each time. */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const CAPTURE = new URL('../import/data/owner-debug.ftrace', import.meta.url);
/** Whole seconds of an entry, behind the flags. */
const SECONDS = /(\[\d{3}\] \S+ +)(\d+)(?=\.\d{6}: )/;

/** `lines` entries at least, and those of the last repetition. Throws what writing throws. */
export function generateCapture(path: string, lines: number): void {
  const all = readFileSync(CAPTURE, 'latin1').trimEnd().split('\n');
  const entries = all.filter((line) => SECONDS.test(line)).map((line) => line.split(SECONDS));
  const times = entries.map(([, , seconds]) => Number(seconds));
  const span = Math.max(...times) - Math.min(...times) + 1;
  const file = openSync(path, 'w');
  writeSync(
    file,
    all.filter((line) => line.startsWith('# worldswitch-capture: ') && !line.includes('entries')).join('\n'),
  );
  for (let times = 0; times * entries.length < lines; times++) {
    const moved = entries.map(
      ([begin, flags, seconds, rest]) => `${begin}${flags}${Number(seconds) + times * span}${rest}`,
    );
    writeSync(file, `\n${moved.join('\n')}`, undefined, 'latin1');
  }
  writeSync(file, '\n');
  closeSync(file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path, lines] = process.argv.slice(2);
  if (path === undefined || !(Number(lines) > 0)) throw new Error('usage: capture.ts FILE LINES');
  generateCapture(path, Number(lines));
}
