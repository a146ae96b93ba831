/** The manual page, made of the commands, options and topics as they are declared. */

import type { Command } from 'commander';
import { TOPICS } from './topics.ts';

/** What roff would take for its own: a backslash, a control line, and a hyphen, which is to be one that can be pasted. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .split('\n')
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join('\n');
}

export function manPage(program: Command, version: string): string {
  const lines = [
    `.TH WORLDSWITCH 1 "" "worldswitch ${roff(version)}"`,
    '.SH NAME',
    `worldswitch \\- replay traces of the KVM/arm64 world switch`,
    '.SH SYNOPSIS',
    '.B worldswitch',
    'COMMAND [OPTIONS] [ARGUMENTS]',
    '.SH DESCRIPTION',
    roff(program.description()),
    '.SH COMMANDS',
    ...program.commands.flatMap(commandLines),
    ...Object.entries(TOPICS).flatMap(([name, text]) => [
      `.SH ${roff(name.replace('-', ' ').toUpperCase())}`,
      '.nf',
      roff(text()),
      '.fi',
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(command: Command): readonly string[] {
  const options = command.options.flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, roff(option.description)]);
  const usage = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
  return [`.SS worldswitch ${roff([command.name(), ...usage].join(' '))}`, roff(command.description()), ...options];
}
