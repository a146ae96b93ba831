/** Completion for shells, made of the commands and options as they are declared. */

import type { Command } from 'commander';

interface Word {
  readonly name: string;
  readonly doc: string;
}

interface CommandWords extends Word {
  readonly options: readonly (Word & { readonly choices: readonly string[]; readonly takesValue: boolean })[];
}

function wordsOf(program: Command): readonly CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    doc: command.summary(),
    options: command.options.flatMap((option) =>
      [option.long, option.short]
        .filter((name) => name !== undefined)
        .map((name) => ({
          name,
          doc: option.description,
          choices: option.argChoices ?? [],
          takesValue: option.required || option.optional,
        })),
    ),
  }));
}

export const SHELLS = { bash, zsh, fish } as const;
export type Shell = keyof typeof SHELLS;

/** Files are completed where nothing else is known: after a command, and after an option that takes a value. */
function bash(program: Command): string {
  const commands = wordsOf(program);
  const cases = commands.map(({ name, options }) => {
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
      `      [[ $word == -* ]] && COMPREPLY=($(compgen -W '${names} --help' -- "$word")) ;;`,
    ].join('\n');
  });
  return `# worldswitch completion bash > ~/.local/share/bash-completion/completions/worldswitch
_worldswitch() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} help --help --version' -- "$word"))
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
  const cases = commands.map(({ name, options }) => {
    const specs = options.map((option) => {
      const value = option.choices.length > 0 ? `:value:(${option.choices.join(' ')})` : ':value:_files';
      return quoted(`${option.name}[${plain(option.doc)}]${option.takesValue ? value : ''}`);
    });
    return `    ${name}) _arguments ${[...specs, quoted('*:file:_files')].join(' ')} ;;`;
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
  const lines = wordsOf(program).flatMap(({ name, doc, options }) => [
    `complete -c worldswitch -n __fish_use_subcommand -a ${name} -d ${word(doc)}`,
    ...options.map((option) => {
      const flag = option.name.startsWith('--') ? `-l ${option.name.slice(2)}` : `-s ${option.name.slice(1)}`;
      const value =
        option.choices.length > 0 ? ` -x -a ${word(option.choices.join(' '))}` : option.takesValue ? ' -r' : '';
      return `complete -c worldswitch -n '__fish_seen_subcommand_from ${name}' ${flag}${value} -d ${word(option.doc)}`;
    }),
  ]);
  return `# worldswitch completion fish > ~/.config/fish/completions/worldswitch.fish\n${lines.join('\n')}\n`;
}
