/**
 * An `IceTransport` on a host of the lab: `node transport-peer.mjs ROLE OPTIONS`. It tells its parameters and candidates by lines
 * of JSON, takes the other side's the same way, and tells the types of the selected pair once that is final.
 */
import { createInterface } from 'node:readline';
import { IceTransport } from 'icelens/node';

const [role, options] = process.argv.slice(2);
const { iceServers, gatherPolicy } = JSON.parse(options);
const tell = (what) => console.log(JSON.stringify(what));
const transport = new IceTransport({ iceServers });
transport.addEventListener('icecandidate', ({ candidate }) => tell({ candidate: candidate?.toJSON() ?? null }));
transport.addEventListener('statechange', () => {
  const { state, failure } = transport;
  const pair = state === 'completed' ? transport.getSelectedCandidatePair() : null;
  tell({ state, ...(failure && { failure }), ...(pair && { pair: [pair.local.type, pair.remote.type] }) });
});
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { parameters, candidate } = JSON.parse(line);
    if (parameters !== undefined) transport.start(parameters, role);
    else transport.addRemoteCandidate(candidate);
  })
  .on('close', () => process.exit());
tell({ parameters: transport.getLocalParameters() });
transport.gather({ gatherPolicy });
