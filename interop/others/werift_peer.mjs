// werift's ICE, told what to do by lines of JSON and telling what happens the same way. `node werift_peer.mjs CONFIG FOLDER`:
// FOLDER has node_modules with werift.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const config = JSON.parse(process.argv[2]);
const werift = createRequire(join(process.argv[3], 'index.js'))('./node_modules/werift/lib/ice/src/index.js');

const tell = (what) => console.log(JSON.stringify(what));

const hostAndPort = (text) => {
  const at = text.lastIndexOf(':');
  return [text.slice(0, at).replace(/[[\]]/g, ''), Number(text.slice(at + 1))];
};

const connection = new werift.Connection(config.controlling, {
  iceLite: config.lite === true,
  useIpv4: config.addresses.some((address) => !address.includes(':')),
  useIpv6: config.addresses.some((address) => address.includes(':')),
  // Without one it waits five seconds for Google's, which is not in this network.
  stunServer: hostAndPort(config.stun),
  ...(config.turn && {
    turnServer: hostAndPort(config.turn.address),
    turnUsername: config.turn.username,
    turnPassword: config.turn.password,
    forceTurn: config.relayOnly === true,
  }),
});

const states = { connected: 'connected', completed: 'completed', disconnected: 'disconnected', failed: 'failed' };
connection.stateChanged.subscribe((state) => states[state] && tell({ state: states[state] }));
connection.onData.subscribe((data) => tell({ data: data.toString() }));
connection.onIceCandidate.subscribe((candidate) => tell({ candidate: `candidate:${candidate.toSdp()}` }));

const tellParameters = () =>
  tell({
    parameters: {
      ufrag: connection.localUsername,
      pwd: connection.localPassword,
      lite: config.lite === true,
      options: [],
    },
  });

async function gather() {
  tellParameters();
  await connection.gatherCandidates();
  tell({ end: true });
}

const failed = (error) => tell({ error: error.message });
let gathering = Promise.resolve();
let begun = true;
/** Its check list is made here, and an empty one fails: so it begins once both sides have candidates. */
async function begin() {
  if (begun) return;
  begun = true;
  await gathering;
  connection.connect().catch(failed);
}

async function take(line) {
  if (line.remote) {
    connection.setRemoteParams({
      iceLite: line.remote.lite === true,
      usernameFragment: line.remote.ufrag,
      password: line.remote.pwd,
    });
    begun = false;
  }
  if (line.candidate)
    await connection.addRemoteCandidate(werift.Candidate.fromSdp(line.candidate.replace(/^candidate:/, '')));
  if (line.end) await connection.addRemoteCandidate(undefined);
  if (line.candidate || line.end) await begin();
  if (line.send) await connection.send(Buffer.from(line.send));
  if (line.restart) {
    await connection.restart();
    gathering = gather();
    await gathering;
  }
  if (line.selected) {
    const pair = connection.nominated;
    const selected = pair ? `${pair.localCandidate.type} → ${pair.remoteCandidate.type}` : null;
    tell({ selected, controlling: connection.iceControlling });
  }
}

gathering = gather().catch(failed);
createInterface({ input: process.stdin })
  .on('line', (text) => take(JSON.parse(text)).catch(failed))
  .on('close', () => process.exit());
