/** `icelens completions`: what shells complete, from the commands' own options. */
import { type Command, printLines, readArgs, UsageError } from './usage.js';

const options = {} as const;
const ALWAYS = ['help', '--help', '--version'];

/** The command, for these commands and itself. */
export function completionsOf(tools: Record<string, Command>): Command {
  const command: Command = {
    usage: 'completions SHELL',
    summary: 'Prints a script with which bash, zsh or fish completes commands, options and files.',
    help: `For the shell that runs:

  bash   eval "$(icelens completions bash)"
  zsh    eval "$(icelens completions zsh)"
  fish   icelens completions fish | source

Exit code: 0 printed, 2 no such shell.`,
    options,
    operands: () => Object.keys(shells),
    async run(args) {
      const [shell, ...rest] = readArgs(args, options).positionals;
      const script = shell !== undefined && rest.length === 0 && Object.hasOwn(shells, shell) && shells[shell];
      if (!script) throw new UsageError(`name one shell: ${Object.keys(shells).join(', ')}`);
      printLines(script({ ...tools, completions: command }));
      return 0;
    },
  };
  return command;
}

type Commands = Record<string, Command>;

const shells: Record<string, (commands: Commands) => string> = { bash, zsh, fish };

/** The options of a command as they are written; `valued` only those that take a value. */
function flags({ options }: Command, valued = false): string[] {
  return Object.entries(options)
    .filter(([, { type }]) => !valued || type === 'string')
    .flatMap(([name, { short }]) => (short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]));
}

/** Words in single quotes, as each of the shells reads them. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const words = (list: readonly string[]) => quoted(list.join(' '));

function bash(commands: Commands): string {
  const cases = Object.entries(commands).map(([name, command]) => {
    const operands = command.operands?.().join(' ');
    const valued = flags(command, true).join('|');
    const value = valued === '' ? '' : `case $previous in ${valued}) _icelens_files; return ;; esac; `;
    const operand = operands === undefined ? '_icelens_files' : `_icelens_offer ${quoted(operands)}`;
    return `    ${name}) ${value}case $word in -*) _icelens_offer ${words([...flags(command), '--help'])} ;; *) ${operand} ;; esac ;;`;
  });
  return `_icelens() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  _icelens_offer() { COMPREPLY=($(compgen -W "$1" -- "$word")); }
  _icelens_files() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")); }
  if [ "$COMP_CWORD" -eq 1 ]; then _icelens_offer ${words([...Object.keys(commands), ...ALWAYS])}; return; fi
  case \${COMP_WORDS[1]} in
    help) _icelens_offer ${words(Object.keys(commands))} ;;
${cases.join('\n')}
  esac
}
complete -F _icelens icelens`;
}

function zsh(commands: Commands): string {
  const described = Object.entries(commands).map(([name, { summary }]) => quoted(`${name}:${summary}`));
  const cases = Object.entries(commands).map(([name, command]) => {
    const valued = flags(command, true).join('|');
    const value = valued === '' ? '' : `case $words[CURRENT-1] in ${valued}) _files; return ;; esac; `;
    const operands = command.operands?.();
    const operand = operands === undefined ? '_files' : `compadd -- ${operands.map(quoted).join(' ')}`;
    const own = [...flags(command), '--help'].map(quoted).join(' ');
    return `    ${name}) ${value}case $words[CURRENT] in -*) compadd -- ${own} ;; *) ${operand} ;; esac ;;`;
  });
  return `#compdef icelens
_icelens() {
  if (( CURRENT == 2 )); then
    local -a described=(${described.join(' ')})
    _describe command described
    compadd -- ${ALWAYS.join(' ')}
    return
  fi
  case $words[2] in
    help) compadd -- ${Object.keys(commands).join(' ')} ;;
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _icelens ]; then _icelens "$@"; else compdef _icelens icelens; fi`;
}

function fish(commands: Commands): string {
  const names = [...Object.keys(commands), 'help'].join(' ');
  const lines = Object.entries(commands).flatMap(([name, command]) => {
    const here = `complete -c icelens -n '__fish_seen_subcommand_from ${name}'`;
    const operands = command.operands?.();
    return [
      `complete -c icelens -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(command.summary)}`,
      operands === undefined ? `${here} -F` : `${here} -a ${words(operands)}`,
      ...Object.entries(command.options).map(([option, { type, short }]) => {
        const letter = short === undefined ? '' : ` -s ${short}`;
        return `${here} -l ${option}${letter}${type === 'string' ? ' -r' : ''}`;
      }),
    ];
  });
  return [
    'complete -c icelens -f',
    `complete -c icelens -n 'not __fish_seen_subcommand_from ${names}' -a help`,
    `complete -c icelens -n '__fish_seen_subcommand_from help' -a ${words(Object.keys(commands))}`,
    'complete -c icelens -l help',
    'complete -c icelens -l version',
    ...lines,
  ].join('\n');
}
