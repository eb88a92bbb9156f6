/**
 * Completion scripts for bash, zsh and fish, made from the commands there are.
 * Below: commander's tree. Above: cli.ts.
 */
import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** How each shell is told, for the help. */
export const installation: Record<Shell, string> = {
  bash: 'eval "$(parley completion bash)"',
  zsh: 'eval "$(parley completion zsh)"',
  fish: 'parley completion fish | source',
};

/** The script that completes the commands and options of `program`, and files for the rest. */
export function completion(program: Command, shell: Shell): string {
  const commands = program.commands.filter((command) => command.name() !== 'help');
  const options = (command: Command): string[] =>
    [...program.options, ...command.options].flatMap(({ long }) => long ?? []);
  if (shell === 'fish') {
    const none = '__fish_use_subcommand';
    return commands
      .flatMap((command) => [
        `complete -c parley -n ${none} -a ${command.name()} -d ${quoted(command.description())}`,
        ...options(command).map(
          (long) =>
            `complete -c parley -n '__fish_seen_subcommand_from ${command.name()}' -l ${long.slice(2)}`,
        ),
      ])
      .join('\n');
  }
  const cases = commands.map(
    (command) => `    ${command.name()}) words="${options(command).join(' ')}" ;;`,
  );
  const lines = [
    ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_parley() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" words',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${commands.map((c) => c.name()).join(' ')}" -- "$word")); return`,
    '  fi',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    '  esac',
    '  COMPREPLY=()',
    '  case "$word" in -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;; esac',
    '}',
    'complete -o default -F _parley parley',
  ];
  return lines.join('\n');
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "\\'")}'`;
}
