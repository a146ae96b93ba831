/** The house (lib/README.md): rooms in the order of the way of the data, and nothing that goes round in a circle. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { filesOfLib, type Import, importsOf, ROOMS, roomOf } from './imports.ts';

const FILES = filesOfLib();
const IMPORTS: readonly Import[] = FILES.flatMap(importsOf);

test('every file of lib stands in a room', () => {
  const rooms = new Set(FILES.map(roomOf));
  assert.deepEqual([...rooms].sort(), ['', ...ROOMS].sort());
  assert.deepEqual(
    FILES.filter((file) => roomOf(file) === ''),
    ['lib/index.ts'],
  );
});

test('lib/README.md has a line for every room, in that order', () => {
  const rows = readFileSync('lib/README.md', 'utf8').matchAll(/^\| `(\w+)\/` \| \S.* \|$/gm);
  assert.deepEqual(
    [...rows].map(([, room]) => room),
    [...ROOMS],
  );
});

test('imports are read as they are written', () => {
  assert.ok(IMPORTS.length > 2 * FILES.length);
  for (const { from, to } of IMPORTS) assert.ok(FILES.includes(to), `${from} imports ${to}`);
});

test('a file imports from its own room and from rooms before it', () => {
  const place = (file: string) => (ROOMS as readonly string[]).indexOf(roomOf(file));
  const backwards = IMPORTS.filter(({ from, to }) => roomOf(from) !== '' && place(to) > place(from));
  assert.deepEqual(backwards, []);
});

test('no circle between files, types included', () => {
  const next = new Map(FILES.map((file) => [file, IMPORTS.filter(({ from }) => from === file).map(({ to }) => to)]));
  const done = new Set<string>();
  const circles: string[] = [];
  function visit(file: string, path: readonly string[]): void {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (path.includes(file) || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  }
  for (const file of FILES) visit(file, []);
  assert.deepEqual(circles, []);
});

test('no two files of a room have one name', () => {
  for (const room of ROOMS) {
    const names = FILES.filter((file) => roomOf(file) === room).map((file) => file.replace(/.*\//, ''));
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    if (room === 'tools' || room === 'show') continue; // One folder a tool or format, each with its `text.ts`.
    assert.deepEqual(twice, [], room);
  }
});
