// `IceAgent` of the built package: two of them over virtual time, and over real sockets.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { IceAgent } from 'icelens/agent';
import './lib/ends.mjs';

const at = (address, port) => ({ address, port, family: 'ipv4' });

/** Tells two agents all of each other. */
function exchange(a, b, options = ['ice2']) {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ]) {
    to.setRemoteCredentials({ ...from.localCredentials, options });
    for (const candidate of from.localCandidates) to.addRemoteCandidate(candidate);
    to.endOfRemoteCandidates();
  }
}

function run(a, b, until, arrives = () => true) {
  let now = 0;
  const events = [[], []];
  for (;;) {
    for (const [n, [from, to]] of [
      [a, b],
      [b, a],
    ].entries()) {
      for (let packet = from.pollTransmit(); packet; packet = from.pollTransmit()) {
        if (arrives(now, packet)) to.receive(now, { ...packet, local: packet.remote, remote: packet.local });
      }
      for (let event = from.pollEvent(); event; event = from.pollEvent()) events[n].push(event);
    }
    const due = [a.pollTimeout(), b.pollTimeout()].filter((time) => time !== null);
    if (due.length === 0 || Math.min(...due) > until) return { now, events };
    now = Math.max(now, Math.min(...due));
    a.timeout(now);
    b.timeout(now);
  }
}

function two(options = {}) {
  const a = new IceAgent({ controlling: true, ...options });
  const b = new IceAgent({ controlling: false, ...options });
  a.addLocalCandidate({ address: '192.0.2.1', port: 1000 });
  b.addLocalCandidate({ address: '192.0.2.2', port: 2000 });
  return [a, b];
}

test('two agents connect, send data, and say why', () => {
  const [a, b] = two();
  exchange(a, b);
  const { events } = run(a, b, 1000);
  assert.deepEqual([a.state, b.state], ['completed', 'completed']);
  assert.equal(a.selectedPair.priority, 9151314442783293438n);
  assert.deepEqual([a.selectedPair.local.address, a.selectedPair.remote.port], ['192.0.2.1', 2000]);
  assert.equal(a.checkList.length, 1);
  assert.equal(a.checkList[0].state, 'succeeded');
  const nominated = events[0].find(({ type }) => type === 'nominated');
  assert.match(nominated.rule, /RFC 8445/);
  assert.match(nominated.why, /USE-CANDIDATE/);
  for (const all of events) {
    const reasons = all.filter(({ switchReason }) => switchReason !== undefined);
    assert.deepEqual(
      reasons.map(({ type, switchReason }) => [type, switchReason]),
      [['selected', 'best-nominated']],
    );
  }
  assert.ok(events[0].some(({ type, candidate }) => type === 'candidate' && candidate.startsWith('candidate:')));

  assert.equal(a.send(1000, new Uint8Array([1, 2, 3])), true);
  const packet = a.pollTransmit();
  b.receive(1000, { ...packet, local: packet.remote, remote: packet.local });
  const data = b.pollEvent();
  assert.deepEqual(
    [data.type, [...data.bytes], data.component, data.remote],
    ['data', [1, 2, 3], 1, at('192.0.2.1', 1000)],
  );
});

test('failure has a reason and counts, and disconnected comes before', () => {
  const [a, b] = two();
  exchange(a, b);
  const { events } = run(a, b, 60_000, () => false);
  assert.equal(a.state, 'failed');
  assert.equal(a.failure.reason, 'all-silent');
  assert.equal(a.failure.counts.silent, 1);
  assert.deepEqual(
    Object.entries(a.failure.counts).filter(([, count]) => !Number.isInteger(count)),
    [],
  );
  const failed = events[0].filter(({ failureReason }) => failureReason !== undefined);
  assert.deepEqual(
    failed.map(({ type, failureReason }) => [type, failureReason]),
    [['failed', 'all-silent']],
  );
  const states = events[0].filter(({ type }) => type === 'state-changed').map(({ what }) => what);
  assert.deepEqual(states, ['checking', 'disconnected', 'failed']);
});

test('each switch of the selected pair has its reason', () => {
  const reasons = (events) => events.flatMap(({ switchReason }) => switchReason ?? []);
  const [a, b] = two({ renomination: true });
  b.addLocalCandidate({ address: '192.0.2.22', port: 2000 });
  exchange(a, b, ['ice2', 'renomination']);
  const best = '192.0.2.2';
  const late = (now, { local, remote }) => now > 3000 || (local.address !== best && remote.address !== best);
  const moved = run(a, b, 20_000, late);
  assert.deepEqual(reasons(moved.events[0]), ['nominated-last', 'nominated-last']);
  assert.equal(reasons(moved.events[1]).at(-1), 'highest-count');
  b.removeLocalAddress(at(best, 2000));
  assert.deepEqual(reasons(run(a, b, 20_001).events[1]), ['other-gone']);

  const lite = two({ lite: true });
  for (const [from, to] of [lite, [...lite].reverse()]) {
    to.setRemoteCredentials({ ...from.localCredentials, lite: true, options: ['ice2'] });
    for (const candidate of from.localCandidates) to.addRemoteCandidate(candidate);
    to.endOfRemoteCandidates();
    to.endOfLocalCandidates();
  }
  assert.deepEqual(reasons(run(...lite, 1000).events[0]), ['both-lite']);
});

test('both controlling comes to one of each', () => {
  const a = new IceAgent({ controlling: true, tieBreaker: 5n });
  const b = new IceAgent({ controlling: true, tieBreaker: 5n });
  a.addLocalCandidate({ address: '192.0.2.1', port: 1000 });
  b.addLocalCandidate({ address: '192.0.2.2', port: 2000 });
  exchange(a, b);
  run(a, b, 2000);
  assert.deepEqual([a.role, b.role].sort(), ['controlled', 'controlling']);
  assert.notEqual(a.tieBreaker, b.tieBreaker);
});

test('arguments are refused by name', () => {
  const agent = new IceAgent({ controlling: true });
  assert.throws(() => new IceAgent({}), /controlling must be a boolean/);
  assert.throws(() => new IceAgent({ controlling: true, profile: 'x' }), /no profile 'x'/);
  assert.throws(() => agent.addLocalCandidate({ address: 'nowhere', port: 1 }), /'nowhere:1' is no IP address/);
  assert.throws(
    () => agent.addRemoteCandidate('candidate:1 1 udp 1 a.local 9 typ host'),
    /a name that was not resolved/,
  );
  assert.throws(() => agent.addRemoteCandidate('nonsense'), /not a candidate line/);
  assert.throws(() => agent.receive(0, { local: at('192.0.2.1', 1), remote: {}, bytes: [] }), /packet.remote.address/);
  agent.free();
  assert.throws(() => agent.state, /this IceAgent is gone/);
});

test('over real sockets on loopback', async () => {
  const agents = [new IceAgent({ controlling: true }), new IceAgent({ controlling: false })];
  const sockets = await Promise.all(
    agents.map(
      () =>
        new Promise((resolve) => {
          const socket = createSocket('udp4');
          socket.bind(0, '127.0.0.1', () => resolve(socket));
        }),
    ),
  );
  const done = [];
  for (const [n, agent] of agents.entries()) {
    const socket = sockets[n];
    const { port } = socket.address();
    const local = at('127.0.0.1', port);
    agent.addLocalCandidate({ address: '127.0.0.1', port });
    let timer;
    const step = () => {
      for (let packet = agent.pollTransmit(); packet; packet = agent.pollTransmit()) {
        socket.send(packet.bytes, packet.remote.port, packet.remote.address);
      }
      clearTimeout(timer);
      const due = agent.pollTimeout();
      if (due === null || agent.state === 'completed') return;
      timer = setTimeout(() => {
        agent.timeout(performance.now());
        step();
      }, due - performance.now());
    };
    socket.on('message', (bytes, { address, port }) => {
      agent.receive(performance.now(), { local, remote: at(address, port), protocol: 'udp', bytes });
      step();
    });
    done.push(step);
  }
  exchange(...agents);
  for (const step of done) step();
  const until = performance.now() + 10_000;
  while (!agents.every(({ state }) => state === 'completed') && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual(
    agents.map(({ state }) => state),
    ['completed', 'completed'],
  );
  for (const socket of sockets) socket.close();
  for (const agent of agents) agent.free();
});
