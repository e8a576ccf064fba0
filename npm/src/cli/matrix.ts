/** `icelens matrix`. */
import { traversalMatrix } from '../simulation/matrix.js';
import { type Command, printLines, readArgs, UsageError, wholeNumber } from './usage.js';

const SIGNS = { direct: '●', relayed: '◐', failed: '–' } as const;

const options = {
  relay: { type: 'boolean', default: false },
  scope: { type: 'string', default: 'mapping' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

/** The command. */
export const matrix: Command = {
  usage: 'matrix',
  summary: 'Which pairs of NATs connect: every cell a run of two real ICE agents.',
  help: `Each NAT is mapping/filtering: endpoint-independent (EIM, EIF), address-dependent (ADM, ADF) or
address-and-port-dependent (APDM, APDF).

      --relay          a TURN server is there
      --scope SCOPE    what filters remember: mapping (as Linux does) or endpoint (the words of RFC 4787)
      --seed N         another run
      --json           prints outcome, pair, time and packets of each cell as JSON

Exit code: 0.`,
  options,
  operands: () => [],
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    if (positionals.length > 0) throw new UsageError(`'${positionals[0]}' is not expected`);
    const { scope } = values;
    if (scope !== 'mapping' && scope !== 'endpoint')
      throw new UsageError(`--scope is mapping or endpoint, not '${scope}'`);
    const seed = wholeNumber('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER);
    const { kinds, cells } = traversalMatrix({ relay: values.relay, filterScope: scope, seed });
    if (values.json) {
      const bare = cells.map((row) =>
        row.map(({ selected, ...cell }) => ({ ...cell, pair: selected && pairTypes(selected) })),
      );
      printLines(JSON.stringify({ kinds, cells: bare }, null, 2));
      return 0;
    }
    const width = Math.max(...kinds.map((kind) => kind.length));
    printLines(`${' '.repeat(width)}  ${kinds.map((kind) => kind.padEnd(width)).join(' ')}`);
    for (const [index, row] of cells.entries()) {
      const signs = row.map(({ outcome }) => SIGNS[outcome].padEnd(width)).join(' ');
      printLines(`${(kinds[index] ?? '').padEnd(width)}  ${signs}`.trimEnd());
    }
    printLines(`\n${SIGNS.direct} direct   ${SIGNS.relayed} through the relay   ${SIGNS.failed} not at all`);
    return 0;
  },
};

function pairTypes({ local, remote }: { local: { type: string }; remote: { type: string } }): string {
  return `${local.type}-${remote.type}`;
}
