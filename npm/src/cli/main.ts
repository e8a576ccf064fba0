/** The command line. */
import { decode } from './decode.js';
import { matrix } from './matrix.js';
import { nat } from './nat.js';
import { scan } from './scan.js';
import { serve } from './serve.js';
import { sim } from './sim.js';
import { type Command, complain, printLines, UsageError } from './usage.js';

const commands: Record<string, Command> = { nat, serve, decode, scan, sim, matrix };

const help = () => `icelens: see and prove why a peer-to-peer connection works or fails

${Object.values(commands)
  .map(({ usage, summary }) => `  icelens ${usage}\n      ${summary}`)
  .join('\n')}

  icelens COMMAND --help   says more`;

/** Runs a command; returns the exit code: 0 done, 1 inconclusive, 2 usage or IO error, 3 UDP blocked. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  // Whoever reads the output may have seen enough: `| head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    printLines(help());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    complain(`icelens: there is no command '${name}'\n\n${help()}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    printLines(`icelens ${command.usage}\n\n${command.summary}\n\n${command.help}`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const hint = error instanceof UsageError ? `\nTry: icelens ${name} --help` : '';
    complain(`icelens ${name}: ${text}${hint}`);
    return 2;
  }
}
