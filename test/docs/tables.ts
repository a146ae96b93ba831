/** Tables of the README that are made from the project's own tables. */

import { MODELS } from '../../lib/models/profiles.ts';
import { EVENTS, type EventRow } from '../../lib/trace/vocabulary.ts';

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

export function eventsTable(): string {
  const rows = (EVENTS as readonly EventRow[]).map(
    ({ name, required, optional, doc }) => `| \`${name}\` | ${code(required)} | ${code(optional)} | ${doc} |`,
  );
  return ['| event | required | optional | what it is |', '|---|---|---|---|', ...rows].join('\n');
}

export function modelsTable(): string {
  const rows = MODELS.map(
    ({ name, kernels, modes, summary }) => `| \`${name}\` | ${kernels} | ${modes.join(', ')} | ${summary} |`,
  );
  return ['| model | kernels | modes | what distinguishes it |', '|---|---|---|---|', ...rows].join('\n');
}
