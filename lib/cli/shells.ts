/** Completion for shells, made of the commands and options as they are declared. */

import type { Command, Option } from 'commander';
import { RULES } from '../check/rules.ts';
import { MODELS } from '../models/models.ts';
import { MODES } from '../models/profile.ts';
import { EVENTS } from '../trace/vocabulary.ts';
import { TOPICS } from './topics.ts';

interface Word {
  readonly name: string;
  readonly doc: string;
}

interface CommandWords extends Word {
  /** What the first argument can be, where that is not a file. */
  readonly first: readonly string[];
  readonly options: readonly (Word & { readonly choices: readonly string[]; readonly takesValue: boolean })[];
}

const models = MODELS.map(({ name }) => name);
const rules = RULES.map(({ id }) => id);
const events = EVENTS.map(({ name }) => name);

/** Values of options that take names, whatever command they are of. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  model: models,
  models,
  mode: MODES,
  modes: MODES,
  rule: rules,
  event: events,
  records: events,
};

const choicesOf = (option: Option): readonly string[] => option.argChoices ?? VALUES[option.name()] ?? [];

function optionsOf(command: Command): CommandWords['options'] {
  return command.options.flatMap((option) =>
    [option.long, option.short]
      .filter((name) => name !== undefined)
      .map((name) => ({
        name,
        doc: option.description,
        choices: choicesOf(option),
        takesValue: option.required || option.optional,
      })),
  );
}

/** What follows a command: the commands below it, else the choices of its first argument. */
function firstOf(command: Command): readonly string[] {
  if (command.name() === 'rules') return rules;
  if (command.commands.length > 0) return command.commands.map((below) => below.name());
  return command.registeredArguments[0]?.argChoices ?? [];
}

function wordsOf(program: Command): readonly CommandWords[] {
  const commands = program.commands.map((command) => {
    const all = [command, ...command.commands].flatMap(optionsOf);
    const options = all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
    return { name: command.name(), doc: command.summary(), first: firstOf(command), options };
  });
  const named = [...commands.map(({ name }) => name), ...Object.keys(TOPICS)];
  return [...commands, { name: 'help', doc: 'what a command does, or a topic', first: named, options: [] }];
}

export const SHELLS = { bash, zsh, fish } as const;
export type Shell = keyof typeof SHELLS;

/** Files are completed where nothing else is known: after a command, and after an option that takes a value. */
function bash(program: Command): string {
  const commands = wordsOf(program);
  const cases = commands.map(({ name, first, options }) => {
    const values = options
      .filter(({ choices }) => choices.length > 0)
      .map(
        (option) =>
          `      ${option.name}) COMPREPLY=($(compgen -W '${option.choices.join(' ')}' -- "$word")); return ;;`,
      );
    const names = options.map((option) => option.name).join(' ');
    return [
      `    ${name})`,
      ...(values.length === 0 ? [] : ['      case "$before" in', ...values.map((line) => `  ${line}`), '      esac']),
      ...(first.length === 0
        ? []
        : [`      ((COMP_CWORD == 2)) && COMPREPLY=($(compgen -W '${first.join(' ')}' -- "$word"))`]),
      `      [[ $word == -* ]] && COMPREPLY=($(compgen -W '${names} --help' -- "$word")) ;;`,
    ].join('\n');
  });
  return `# worldswitch completion bash > ~/.local/share/bash-completion/completions/worldswitch
_worldswitch() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o default -F _worldswitch worldswitch
`;
}

/** A word of zsh or fish in single quotes, where only the quote itself is special. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function zsh(program: Command): string {
  const commands = wordsOf(program);
  // In a specification of _arguments, brackets and colons have a meaning.
  const plain = (text: string): string => text.replace(/[[\]:]/g, ' ');
  const cases = commands.map(({ name, first, options }) => {
    const specs = options.map((option) => {
      const value = option.choices.length > 0 ? `:value:(${option.choices.join(' ')})` : ':value:_files';
      return quoted(`${option.name}[${plain(option.doc)}]${option.takesValue ? value : ''}`);
    });
    const argument = first.length === 0 ? [] : [quoted(`1:${name}:(${first.join(' ')})`)];
    return `    ${name}) _arguments ${[...specs, ...argument, quoted('*:file:_files')].join(' ')} ;;`;
  });
  return `#compdef worldswitch
# worldswitch completion zsh > ~/.zfunc/_worldswitch
_worldswitch() {
  local -a commands=(${commands.map(({ name, doc }) => quoted(`${name}:${doc}`)).join(' ')})
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local name=$words[2]
  shift words
  ((CURRENT--))
  case $name in
${cases.join('\n')}
  esac
}
_worldswitch "$@"
`;
}

function fish(program: Command): string {
  // In fish, a backslash is special in single quotes too.
  const word = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = wordsOf(program).flatMap(({ name, doc, first, options }) => [
    `complete -c worldswitch -n __fish_use_subcommand -a ${name} -d ${word(doc)}`,
    ...(first.length === 0
      ? []
      : [`complete -c worldswitch -n '__fish_seen_subcommand_from ${name}' -a ${word(first.join(' '))}`]),
    ...options.map((option) => {
      const flag = option.name.startsWith('--') ? `-l ${option.name.slice(2)}` : `-s ${option.name.slice(1)}`;
      const value =
        option.choices.length > 0 ? ` -x -a ${word(option.choices.join(' '))}` : option.takesValue ? ' -r' : '';
      return `complete -c worldswitch -n '__fish_seen_subcommand_from ${name}' ${flag}${value} -d ${word(option.doc)}`;
    }),
  ]);
  return `# worldswitch completion fish > ~/.config/fish/completions/worldswitch.fish\n${lines.join('\n')}\n`;
}
