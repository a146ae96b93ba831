/**
 * The text of a module that does what lib/automaton/access.ts does, with the names in the code: a property whose name is in a
 * variable takes ten times as long.
 */

import { EAGER_NAMES, KINDS, type Kind, SMALL } from '../lib/automaton/fields.ts';

const cases = <Item>(items: readonly Item[], textOf: (item: Item, index: number) => string): string =>
  items.map((item, index) => `    ${textOf(item, index)}`).join('\n');

const read = (kind: Kind): string => SMALL[kind].map(({ name }, at) => `into[${at}] = of.${name};`).join(' ');
const write = (kind: Kind): string => SMALL[kind].map(({ name }, at) => `of.${name} = values[${at}];`).join(' ');

export function textOfAccess(): string {
  return `export function readField(field, of) {
  switch (field) {
${cases(EAGER_NAMES, (name, field) => `case ${field}: return of.${name};`)}
  }
}
export function writeField(field, of, value) {
  switch (field) {
${cases(EAGER_NAMES, (name, field) => `case ${field}: of.${name} = value; return;`)}
  }
}
${KINDS.map((kind) => `function read_${kind}(of, into) { ${read(kind)} }\nfunction write_${kind}(of, values) { ${write(kind)} }`).join('\n')}
export function readSmall(kind, of, into) {
  switch (kind) {
${cases(KINDS, (kind) => `case '${kind}': return read_${kind}(of, into);`)}
  }
}
export function writeSmall(kind, of, values) {
  switch (kind) {
${cases(KINDS, (kind) => `case '${kind}': return write_${kind}(of, values);`)}
  }
}
`;
}
