/**
 * Two `IceTransport`s, each behind a kernel NAT of its own, connect wherever two Chromiums do, by a pair of the same types: those
 * that `tests/fixtures/evidence` has recorded.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { CALLS } from './calls.mjs';
import { missing, Network } from './network.mjs';
import '../lib/ends.mjs';

const PEER = fileURLToPath(new URL('transport-peer.mjs', import.meta.url));
const skip = missing() ?? false;

/** The types of the pair that Chromium had selected at last, by its dump. */
function recorded(name) {
  const file = new URL(`../../tests/fixtures/evidence/${name}.near.json.gz`, import.meta.url);
  const dump = JSON.parse(gunzipSync(readFileSync(file)));
  const [{ stats }] = Object.values(dump.PeerConnections);
  const last = (key) => [].concat(JSON.parse(stats[key].values)).at(-1);
  const transport = Object.keys(stats).find((key) => key.endsWith('-selectedCandidatePairId'));
  const pair = last(transport);
  return ['local', 'remote'].map((side) => last(`${last(`${pair}-${side}CandidateId`)}-candidateType`));
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

class Peer {
  #child;
  /** Lines for the other side, once there are no more. */
  gathered;
  /** Types of the selected pair. */
  pair;

  constructor(network, host, role, options) {
    this.#child = network.spawn(host, process.execPath, [PEER, role, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = [];
    const gathered = withResolvers();
    const pair = withResolvers();
    [this.gathered, this.pair] = [gathered.promise, pair.promise];
    // Whoever waits for the first of them need not be told of the other.
    this.pair.catch(() => {});
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const told = JSON.parse(line);
      if (told.pair) pair.resolve(told.pair);
      else if (told.failure) pair.reject(new Error(line));
      else if (!told.state) lines.push(line);
      if (told.candidate === null) gathered.resolve(lines);
    });
    this.#child.on('exit', () => {
      const ended = new Error(`the transport on ${host} has ended`);
      pair.reject(ended);
      gathered.reject(ended);
    });
  }

  take(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  end() {
    this.#child.stdin.end();
  }
}

/** The types of the pair that the near side ends with. Each gets all that the other has gathered at once. */
async function call(network, { near, far, nearServers, farServers, policy }) {
  network.set(near);
  network.setFar(far);
  const [ours, theirs] = [
    { iceServers: nearServers, gatherPolicy: policy },
    { iceServers: farServers, gatherPolicy: 'all' },
  ];
  const peers = [new Peer(network, 'agent', 'controlling', ours), new Peer(network, 'far', 'controlled', theirs)];
  try {
    const [first, second] = await Promise.all(peers.map((peer) => peer.gathered));
    for (const line of second) peers[0].take(line);
    for (const line of first) peers[1].take(line);
    const [pair] = await Promise.all(peers.map((peer) => peer.pair));
    return pair;
  } finally {
    for (const peer of peers) peer.end();
  }
}

test('two transports behind pairs of NATs', { skip, timeout: 600_000 }, async (t) => {
  const network = new Network();
  t.after(() => network.close());
  network.addFar();
  network.set('cone');
  network.setFar('cone');
  await network.startCoturn();
  for (const scenario of CALLS.filter(({ outcome }) => outcome !== 'failed')) {
    await t.test(scenario.name, async () => {
      const [pair, chromium] = [await call(network, scenario), recorded(scenario.name)];
      const relays = [scenario.nearServers, scenario.farServers].filter((list) =>
        list.some(({ username }) => username),
      );
      // With a relay on each side there are several pairs that work, and a busy machine decides which is the first.
      if (relays.length === 2) assert.ok(pair.includes('relay') && chromium.includes('relay'), `${pair}, ${chromium}`);
      else assert.deepEqual(pair, chromium);
    });
  }
});
