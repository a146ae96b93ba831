/** Tables of the README that are made from the project's own tables. */

import { COMMANDS } from '../../lib/cli/commands/registry.ts';
import { MODELS } from '../../lib/models/models.ts';
import { FORMATS } from '../../lib/show/formats.ts';
import { EVENTS, type EventRow } from '../../lib/trace/vocabulary.ts';

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** A Markdown table; `|` in a cell would end it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

export function eventsTable(): string {
  const rows = (EVENTS as readonly EventRow[]).map(({ name, required, optional, doc }) => [
    code([name]),
    code(required),
    code(optional),
    doc,
  ]);
  return table(['event', 'required', 'optional', 'what it is'], rows);
}

export function modelsTable(): string {
  const rows = MODELS.map(({ name, kernels, modes, summary }) => [code([name]), kernels, modes.join(', '), summary]);
  return table(['model', 'kernels', 'modes', 'what distinguishes it'], rows);
}

export function formatsTable(): string {
  const rows = Object.entries(FORMATS).map(([name, { doc }]) => [code([name]), doc]);
  return table(['`--format`', 'what it is'], rows);
}

export function commandsTable(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => [code([name]), summary]);
  return table(['command', 'what it does'], rows);
}
