/** The command line. */
import { existsSync, readFileSync } from 'node:fs';
import { completionsOf } from './completions.js';
import { decode } from './decode.js';
import { matrix } from './matrix.js';
import { nat } from './nat.js';
import { nearest } from './nearest.js';
import { reason } from './reason.js';
import { scan } from './scan.js';
import { serve } from './serve.js';
import { sim } from './sim.js';
import { type Command, complain, printLines, UsageError } from './usage.js';

const tools = { nat, serve, decode, scan, sim, matrix };
const commands: Record<string, Command> = { ...tools, completions: completionsOf(tools) };

const help = () => `icelens: see and prove why a peer-to-peer connection works or fails

${Object.values(commands)
  .map(({ usage, summary }) => `  icelens ${usage}\n      ${summary}`)
  .join('\n')}

  icelens help COMMAND   says more
  icelens --version      prints the version`;

/** Runs a command; returns the exit code: 0 done, 1 inconclusive, 2 usage or IO error, 3 UDP blocked. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads the output may have seen enough: `| head`.
    if (error.code === 'EPIPE') process.exit(0);
    complain(`icelens: standard output: ${reason(error)}`);
    process.exit(2);
  });
  // Nobody can read what went wrong: the exit code still tells.
  process.stderr.on('error', () => {});
  if (name === undefined || name === '--help' || name === '-h') return helpOf(undefined, name === undefined ? 2 : 0);
  if (name === 'help') return helpOf(rest[0], 0);
  if (name === '--version' || name === '-V' || name === 'version') {
    printLines(version());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined || rest.includes('--help') || rest.includes('-h')) return helpOf(name, 0);
  try {
    return await command.run(rest);
  } catch (error) {
    const hint = error instanceof UsageError ? `\nTry: icelens ${name} --help` : '';
    complain(`icelens ${name}: ${reason(error)}${hint}`);
    return 2;
  }
}

/** Prints the help of a command, or with none that of all; gives `code`, or 2 where there is no such command. */
function helpOf(name: string | undefined, code: number): number {
  if (name === undefined) {
    printLines(help());
    return code;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    complain(`icelens: there is no command '${name}'${meant(name)}\nTry: icelens --help`);
    return 2;
  }
  printLines(`icelens ${command.usage}\n\n${command.summary}\n\n${command.help}`);
  return code;
}

/** The command that a mistyped word was probably meant to be, as the rest of the sentence. */
function meant(name: string): string {
  if (name.startsWith('-')) return ': the command comes before its options';
  const near = nearest(name, Object.keys(commands));
  if (near !== null) return `; did you mean 'icelens ${near}'?`;
  return existsSync(name) ? `; to read the file: icelens scan ${name}` : '';
}

/** The version of the package. */
function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
