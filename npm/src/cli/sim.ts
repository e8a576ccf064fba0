/** `icelens sim`. */
import { writeFile } from 'node:fs/promises';
import type { Scenario } from '../simulation/result.js';
import { Simulation, scenarios, type TraceEntry } from '../simulation/simulation.js';
import { nearest } from './nearest.js';
import { readAtMost } from './read.js';
import { type Command, print, readArgs, UsageError, wholeNumber } from './usage.js';

const options = {
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
  script: { type: 'boolean', default: false },
  pcapng: { type: 'string' },
} as const;

/** Most bytes of a scenario file. */
const MAX_SCENARIO = 4 << 20;

/** The command. */
export const sim: Command = {
  usage: 'sim [NAME|FILE]',
  summary: 'Runs a call in a simulated network, with real ICE agents, and says how it ended and why.',
  help: `The scenario is a built-in one or a JSON file; without one those that are built in are listed.

      --seed N        another run of the same scenario
      --json          prints the trace as JSON lines
      --pcapng FILE   writes the trace for Wireshark
      --script        prints a shell script that makes the same network of Linux namespaces

Exit code: 0 connected, 1 failed, 2 no such scenario.`,
  options,
  operands: () => scenarios().map(({ name }) => name),
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    const [name, ...more] = positionals;
    if (more.length > 0) throw new UsageError(`one scenario is run, not ${positionals.length}`);
    if (name === undefined) {
      if (args.length > 0) throw new UsageError("name a scenario; 'icelens sim' alone lists them");
      return list();
    }
    const seed = values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER);
    const simulation = new Simulation(await scenario(name), seed === undefined ? {} : { seed });
    if (values.script) {
      process.stdout.write(simulation.toNamespaceScript());
      return 0;
    }
    const result = simulation.run();
    if (values.pcapng !== undefined) await writeFile(values.pcapng, simulation.toPcapng());
    if (values.json) process.stdout.write(simulation.toJsonLines());
    else for (const text of [...simulation.trace.flatMap(line), `${result.outcome}: ${result.why}`]) print(text);
    return result.outcome === 'failed' ? 1 : 0;
  },
};

function list(): number {
  for (const { name, title } of scenarios()) print(`${name.padEnd(34)} ${title}`);
  return 0;
}

/** A built-in name, or the scenario in a file. */
async function scenario(name: string): Promise<Scenario | string> {
  if (scenarios().some((one) => one.name === name)) return name;
  let text: string;
  try {
    text = new TextDecoder().decode(await readAtMost(name, MAX_SCENARIO));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const near = nearest(
      name,
      scenarios().map((one) => one.name),
    );
    const meant = near === null ? "'icelens sim' lists the scenarios" : `did you mean '${near}'?`;
    throw new Error(`'${name}' is neither a built-in scenario nor a file; ${meant}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** An entry in words; none for what only repeats the one before. */
function line(entry: TraceEntry): string[] {
  const time = `${entry.time.toFixed(1).padStart(9)} ms  `;
  const text = (field: string) => String(entry[field] ?? '');
  switch (entry.kind) {
    case 'sent':
      return [`${time}${text('host')} sends ${text('message')} to ${text('destination')}`];
    case 'nat':
      return entry.passes === true ? [] : [`${time}NAT of ${text('network')}: ${text('why')}`];
    case 'lost':
      return [`${time}lost on the way to ${text('destination')}`];
    case 'no-route':
      return [`${time}nobody is at ${text('destination')}`];
    case 'decision':
      return [`${time}${text('host')}: ${text('why')} (${text('rule')})`];
    case 'signal':
      return [`${time}${text('from')} signals to ${text('to')}`];
    case 'event':
      return [`${time}event: ${JSON.stringify(entry.event)}`];
    default:
      return [];
  }
}
