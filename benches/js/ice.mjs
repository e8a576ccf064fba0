// The ICE agent beside werift's, in one run: `node benches/js/ice.mjs`. Rounds of both take turns, and the least of each counts.
// A connection of two goes over real sockets of this machine, because werift waits by timers of its own: what counts there is
// the CPU that the process uses. werift answers a check without looking at its integrity.
import { createRequire } from 'node:module';
import { networkInterfaces } from 'node:os';
import { encodeMessage } from 'icelens';
import { IceAgent } from 'icelens/agent';
import { IceTransport, serveStun } from 'icelens/node';

// Past its `exports`, which have the peer connection only.
const inside = (file) => createRequire(import.meta.url)(`./node_modules/werift/lib/ice/src/${file}`);
const werift = inside('index.js');
const { StunProtocol } = inside('stun/protocol.js');

const ROUNDS = 11;
const CHECKS = 500;
const FORMED = 20;
const CONNECTED = 5;
const PWD = 'passwordofthebenchmark00';
const line = (at, address, port) => `candidate:${at} 1 udp ${2130706431 - at * 256} ${address} ${port} typ host`;

const own = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

/** Signed requests to an agent with these credentials, each its own transaction. */
function requests({ ufrag, pwd }) {
  return Array.from({ length: CHECKS }, (_, at) => {
    const transactionId = new Uint8Array(12);
    new DataView(transactionId.buffer).setUint32(0, at);
    const attributes = [
      ['USERNAME', `${ufrag}:them`],
      ['PRIORITY', 1845501695],
      ['ICE-CONTROLLING', 9n],
    ];
    const message = { class: 'request', method: 'binding', transactionId, attributes };
    return Buffer.from(encodeMessage({ ...message, integrity: { password: pwd }, fingerprint: true }));
  });
}

/** A werift connection with so many sockets that go nowhere; `sent` counts what it sends. */
async function pretended(count, controlling) {
  const connection = new werift.Connection(controlling, {});
  const made = { connection, protocols: [], sent: 0 };
  for (let at = 0; at < count; at++) {
    const protocol = new StunProtocol();
    const send = async () => {
      made.sent++;
    };
    protocol.transport = { closed: false, address: ['192.0.2.1', 1000 + at], send };
    protocol.localCandidate = werift.Candidate.fromSdp(line(at, '192.0.2.1', 1000 + at).slice('candidate:'.length));
    connection.ensureProtocol(protocol);
    connection.protocols.push(protocol);
    made.protocols.push(protocol);
  }
  connection.setRemoteParams({ iceLite: false, usernameFragment: 'them', password: PWD });
  return made;
}

function agent(count, controlling) {
  const made = new IceAgent({ controlling });
  for (let at = 0; at < count; at++) made.addLocalCandidate({ address: '192.0.2.1', port: 1000 + at });
  made.setRemoteCredentials({ ufrag: 'them', pwd: PWD });
  return made;
}

/** Microseconds of each of `count` runs of `work`. */
async function timed(count, work) {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1000 / count;
}

/** Microseconds of CPU of each of `count` runs. */
async function used(count, work) {
  const before = process.cpuUsage();
  for (let at = 0; at < count; at++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const answered = {
  async icelens() {
    const it = agent(1, false);
    it.addRemoteCandidate(line(1, '192.0.2.2', 2000));
    it.timeout(0);
    while (it.pollTransmit() !== null);
    const all = requests(it.localCredentials);
    const [local, remote] = ['192.0.2.1', '192.0.2.2'].map((address, at) => ({
      address,
      port: (1 + at) * 1000,
      family: 'ipv4',
    }));
    let answers = 0;
    const took = await timed(CHECKS, () => {
      for (const bytes of all) {
        it.receive(0, { local, remote, protocol: 'udp', bytes });
        for (let packet = it.pollTransmit(); packet !== null; packet = it.pollTransmit()) answers += packet.bytes[0];
        while (it.pollEvent() !== null);
      }
    });
    it.free();
    if (answers < CHECKS) throw new Error(`icelens answered ${answers}`);
    return took;
  },
  async werift() {
    const made = await pretended(1, false);
    await made.connection.addRemoteCandidate(werift.Candidate.fromSdp(line(1, '192.0.2.2', 2000).slice(10)));
    const { localUsername: ufrag, localPassword: pwd } = made.connection;
    const all = requests({ ufrag, pwd });
    // Checks of its own are not part of it.
    made.connection.checkStart = () => ({});
    const took = await timed(CHECKS, () => {
      for (const bytes of all) made.protocols[0].datagramReceived(bytes, ['192.0.2.2', 2000]);
    });
    if (made.sent < CHECKS) throw new Error(`werift answered ${made.sent}`);
    return took;
  },
};

const formed = {
  async icelens() {
    return await timed(FORMED, () => {
      for (let run = 0; run < FORMED; run++) {
        const it = agent(10, true);
        for (let at = 0; at < 10; at++) it.addRemoteCandidate(line(at, '192.0.2.2', 2000 + at));
        it.timeout(0);
        if (it.pollTransmit() === null) throw new Error('icelens has no check');
        it.free();
      }
    });
  },
  async werift() {
    return await timed(FORMED, async () => {
      for (let run = 0; run < FORMED; run++) {
        const { connection } = await pretended(10, true);
        for (let at = 0; at < 10; at++)
          await connection.addRemoteCandidate(werift.Candidate.fromSdp(line(at, '192.0.2.2', 2000 + at).slice(10)));
        if (connection.checkList.length !== 100) throw new Error(`werift has ${connection.checkList.length} pairs`);
      }
    });
  },
};

const connected = {
  icelens: () =>
    used(CONNECTED, async () => {
      const ends = [0, 1].map(() => new IceTransport({ addresses: [own] }));
      const done = ends.map(
        (end) =>
          new Promise((resolve) => end.addEventListener('statechange', () => end.state === 'completed' && resolve())),
      );
      for (const [at, end] of ends.entries()) {
        const other = ends[1 - at];
        end.addEventListener('icecandidate', ({ candidate }) => other.addRemoteCandidate(candidate));
        end.gather();
        end.start(other.getLocalParameters(), at === 0 ? 'controlling' : 'controlled');
      }
      await Promise.all(done);
      for (const end of ends) end.stop();
    }),
  werift: () =>
    used(CONNECTED, async () => {
      const options = { useIpv6: false, interfaceAddresses: { udp4: own }, stunServer: stun };
      const ends = [true, false].map((controlling) => new werift.Connection(controlling, options));
      await Promise.all(ends.map((end) => end.gatherCandidates()));
      for (const [at, end] of ends.entries()) {
        const other = ends[1 - at];
        const { localUsername: usernameFragment, localPassword: password } = other;
        end.setRemoteParams({ iceLite: false, usernameFragment, password });
        for (const candidate of other.localCandidates) await end.addRemoteCandidate(candidate);
        await end.addRemoteCandidate(undefined);
      }
      await Promise.all(ends.map((end) => end.connect()));
      await Promise.all(ends.map((end) => end.close()));
    }),
};

const server = await serveStun({ primary: { address: '127.0.0.1', port: 0, family: 'ipv4' }, tcp: false });
const stun = [server.addresses[0].address, server.addresses[0].port];
console.log('| µs (times icelens) | icelens | werift |\n|---|---|---|');
for (const [what, works] of Object.entries({
  'a check answered': answered,
  '100 pairs formed and sorted': formed,
  'CPU of two agents that connect over sockets': connected,
})) {
  const best = { icelens: Number.POSITIVE_INFINITY, werift: Number.POSITIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) best[name] = Math.min(best[name], await work());
  }
  const ratio = (best.werift / best.icelens).toFixed(1);
  console.log(`| ${what} | ${best.icelens.toFixed(1)} (1.0) | ${best.werift.toFixed(1)} (${ratio}) |`);
}
await server.close();
process.exit();
