// docs/interop.md around the table.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/lib/run.mjs';
import { packageVersion } from './prepare.mjs';

/** The section with what `bench` printed. */
export function speedSection(output) {
  return `
## Speed

Written by the same run: \`interop/peers/src/bench.rs\`, natively, without sockets, time as an argument. In microseconds, the least of fifteen rounds that take turns; in brackets, how many times what icelens takes.

${output.trim()}
`;
}

/** The page with the table, what was run and when, and the section on speed. */
export async function document(table, speed, { run, right, faults, not }) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const coturn = (await packageVersion('coturn')) ?? 'none';
  const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' });
  const commit = stdout?.trim() ? ` at or after commit ${stdout.trim()}` : '';
  const date = new Date().toISOString().slice(0, 10);
  return `# icelens with other ICE agents

Written by \`npm run interop\` on ${date}: icelens ${version}${commit}, coturn ${coturn}, Linux. ${right} of ${run} cells connect, ${faults} fail by a known fault of the peer, ${not} can't be run. Versions stand beside the names.

Each cell is a run of its own over real sockets, in a network namespace with one interface: icelens (\`interop/peers\`, the crate on the standard library's UDP sockets) and the peer in processes of their own, which get each other's
credentials and candidates from the runner. A cell is ✓ when both say that they are connected, icelens has its nominated pair, data has arrived both ways, and one side is controlling and the other controlled where the peer tells its role.
The time runs from the first description to data both ways, so it has the start of the processes in it. With browsers, DTLS is not answered: their ICE state, and their ClientHello arriving at icelens, are what is looked at.

${table}

| condition | what it is |
|---|---|
| controlling, controlled | the role of icelens; it nominates once (regular nomination); every candidate is in the description |
| aggressive | icelens controlling with the nomination of RFC 5245 |
| trickle | checks begin without a candidate; then they come one by one on both sides |
| restart | once connected, both get new credentials (RFC 8445 §9), connect again and send data again |
| both controlling, both controlled | both begin in one role: RFC 8445 §7.3.1.1 settles it |
| icelens lite, peer lite | that side answers checks only |
| relay, coturn; relay, icelens | both use relayed candidates alone, by coturn or by \`examples/turn_server\`; a peer without TURN uses its host candidate |
| IPv6 | icelens has IPv6 addresses only |
| 10 % loss | icelens loses one packet in ten of each direction, always the same ones |
${speed}`;
}
