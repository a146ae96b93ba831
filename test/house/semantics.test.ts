/** lib/kernel/SEMANTICS.md is what the code cites: the sections, rules, switches and models that the code has are in it. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../../lib/check/rules.ts';
import { MODELS } from '../../lib/models/models.ts';
import type { Profile } from '../../lib/models/profile.ts';
import { EVENTS } from '../../lib/trace/vocabulary.ts';

const TEXT = readFileSync('lib/kernel/SEMANTICS.md', 'utf8');
const SECTIONS = new Set([...TEXT.matchAll(/^#{2,4} (\d+(?:\.\d+)*)\.? \S/gm)].map(([, number]) => number));

/** "semantics 5.4 - 5.10, 6.2", "semantics, section 2.2", "semantics 4, 5.4.1 and 5.15". */
const CITATION = /\bsemantics,?(?: section)? (\d+(?:\.\d+)*(?:(?:, (?:and )?| and | to | - )\d+(?:\.\d+)*)*)/gi;

interface Citation {
  readonly file: string;
  readonly section: string;
}

function citationsOf(file: string): Citation[] {
  // A comment may break its line within a citation.
  const text = readFileSync(file, 'utf8').replace(/\n\s*(?:\*|\/\/) /g, ' ');
  const cited = [...text.matchAll(CITATION)].flatMap(([, list = '']) => list.match(/\d+(?:\.\d+)*/g) ?? []);
  return cited.map((section) => ({ file, section }));
}

const FILES = ['lib', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

test('every section that the code cites is there', () => {
  const cited = FILES.flatMap(citationsOf);
  assert.ok(new Set(cited.map(({ section }) => section)).size > 20);
  assert.deepEqual(
    cited.filter(({ section }) => !SECTIONS.has(section)),
    [],
  );
});

test('nothing is cited in a way that this test cannot read', () => {
  const read = FILES.flatMap(citationsOf).length;
  const written = FILES.flatMap(
    (file) => readFileSync(file, 'utf8').match(/\bsemantics[, *\n]+(?:section )?\d/gi) ?? [],
  );
  assert.ok(read >= written.length, `${written.length} citations, ${read} of them read`);
});

test('every event of the vocabulary has a section', () => {
  for (const { name, section } of EVENTS) assert.ok(SECTIONS.has(section), `${name}: no section ${section}`);
});

test('every rule is stated, and every statement is a rule', () => {
  const stated = [...TEXT.matchAll(/^\*\*([A-Z]{2}-\d{2}) \(/gm)].map(([, id]) => id);
  assert.deepEqual([...stated].sort(), RULES.map(({ id }) => id).sort());
});

/** The cells of each row of the first table below the heading of that section. */
function tableOf(section: string): string[][] {
  const [, below = ''] = TEXT.split(new RegExp(`^#{2,4} ${section.replaceAll('.', '\\.')}\\.? .*$`, 'm'));
  const [table = ''] = /(?:^\|.*\n)+/m.exec(below) ?? [];
  const rows = table.trimEnd().split('\n');
  return rows.map((row) => row.slice(1, -1).split('|')).map((cells) => cells.map((cell) => cell.trim()));
}

const bare = (cell: string | undefined): string => (cell ?? '').replaceAll(/[*`]/g, '');

test('every model has its generation', () => {
  const [, , ...rows] = tableOf('2.1');
  const generations = rows.flatMap(([id, names]) =>
    bare(names)
      .split(', ')
      .map((name) => `${bare(id)} ${name}`),
  );
  assert.deepEqual(generations.sort(), MODELS.map(({ id, name }) => `${id} ${name}`).sort());
});

/** What a cell says of the first kernel of its column: "y", "const, cached >=6.5", ">=6.12". */
function switchOf(cell: string): Profile[keyof Profile] {
  const [word = ''] = cell.replaceAll('*', '').split(/[ ,(]/);
  if (word === 'y') return true;
  if (word === 'n' || word.startsWith('>=')) return false;
  return (word === '-' ? 'none' : word) as Profile[keyof Profile];
}

test('the switches of the models are those of the table', () => {
  const [[, ...ids] = [], , ...rows] = tableOf('2.2');
  const first = ids.map((id) => MODELS.find((model) => model.id === id));
  const different: string[] = [];
  for (const [head, ...cells] of rows) {
    const name = /^`(\w+)`/.exec(head ?? '')?.[1] as keyof Profile;
    for (const [index, cell] of cells.entries()) {
      const model = first[index];
      assert.ok(model !== undefined, ids[index]);
      const value = switchOf(cell);
      if (model.profile[name] !== value)
        different.push(`${name} of ${model.name} is ${model.profile[name]}, not ${cell}`);
    }
  }
  assert.deepEqual(different, []);
  const named = rows.map(([head]) => /^`(\w+)`/.exec(head ?? '')?.[1]);
  assert.deepEqual(named.sort(), Object.keys(MODELS[0]?.profile ?? {}).sort());
});
