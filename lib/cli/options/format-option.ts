/** The output formats of a replay on its command line and in its help. */

import { Option } from 'commander';
import { FORMAT_NAMES, FORMATS } from '../../show/formats.ts';
import { labelled } from '../../text/wrap.ts';

export const format = (): Option =>
  new Option('-f, --format <format>', 'one of the formats below (default text)').choices(FORMAT_NAMES).default('text');

const LONGEST = Math.max(...FORMAT_NAMES.map((name) => name.length));

export const formatsHelp = (): string => {
  const lines = FORMAT_NAMES.flatMap((name) => labelled(2, LONGEST + 2, name, FORMATS[name].doc, (text) => text));
  return `\nFormats:\n${lines.join('\n')}`;
};
