// Options that look right: a misspelt choice, a number that a 32-bit word can't hold, a range without a member. Each is
// refused by name, and none becomes a default or wraps around.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NatDiscovery } from 'icelens';
import { IceAgent } from 'icelens/agent';
import { IceTransport } from 'icelens/node';
import { relayBandwidth, Simulation } from 'icelens/sim';
import { TurnClient, TurnServer } from 'icelens/turn';

const at = (address, port = 3478) => ({ address, port, family: address.includes(':') ? 'ipv6' : 'ipv4' });
const SERVER = at('198.51.100.1');
const LOCAL = at('192.0.2.1', 5000);
const PWD = 'x'.repeat(22);

/** Refused with a TypeError that names the field. */
function refuses(name, call) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof TypeError && error.message.includes(name), `${name}: ${error}`);
    assert.ok(error.message.length < 300, 'not the whole value');
    return true;
  });
}

const client = (options, server) =>
  new TurnClient({
    server: { kind: 'turn', address: SERVER, username: 'u', credential: 'p', ...server },
    local: LOCAL,
    ...options,
  });
const server = (options) =>
  new TurnServer({ listen: [SERVER], relay: [SERVER.address], realm: 'r', users: { u: 'p' }, ...options });

test('a misspelt choice is not a default', () => {
  refuses('family', () => client({ family: 'IPv6' }));
  refuses('protocol', () => client({}, { protocol: 'TCP' }));
  refuses('kind', () => client({}, { kind: 'stun' }));
  refuses('nomination', () => new IceAgent({ controlling: true, nomination: 'agressive' }));
  refuses('lite', () => new IceAgent({ controlling: true, lite: 'yes' }));
  refuses('relayOnly', () => new IceAgent({ controlling: true, relayOnly: 1 }));
  refuses('renomination', () => new IceAgent({ controlling: true, renomination: 'false' }));
  refuses(
    'servers[0].protocol',
    () => new IceAgent({ controlling: true, servers: [{ kind: 'stun', address: SERVER, protocol: 'sctp' }] }),
  );
  refuses('procedure', () => new NatDiscovery({ server: SERVER, procedure: 'RFC5780' }));
  refuses('tests[1]', () => new NatDiscovery({ server: SERVER, tests: ['mapping', 'filter'] }));
  refuses('openSockets', () => server({ openSockets: 'no' }));
  const packet = { local: LOCAL, remote: SERVER, protocol: 'tls', bytes: new Uint8Array(20) };
  for (const it of [client(), server(), new IceAgent({ controlling: true })])
    refuses('packet.protocol', () => it.receive(0, packet));
});

test('a TURN server that could serve nobody is refused', () => {
  for (const [name, options] of [
    ['ports', { ports: { first: 60_000, last: 50_000 } }],
    ['ports', { ports: { first: 0, last: 10 } }],
    ['ports', { ports: 5 }],
    ['limits', { limits: 7 }],
    ['lifetimes', { lifetimes: '600' }],
    ['nonce', { lifetimes: { nonce: 0 } }],
    ['realm', { realm: 'r'.repeat(764) }],
    ['software', { software: 's'.repeat(764) }],
    ['alternate', { alternate: 0 }],
    // Time-limited names would never end, or never begin.
    ['epoch', { epoch: Number.NaN }],
    ['epoch', { epoch: Number.POSITIVE_INFINITY }],
    ['seed', { seed: new Uint8Array(3) }],
  ])
    refuses(name, () => server(options));
  refuses('seed', () => client({ seed: new Uint8Array(33) }));
  refuses('lifetime', () => client({ lifetime: 2 ** 32 }));
});

test('numbers that do not fit do not wrap around', () => {
  const agent = new IceAgent({ controlling: true });
  agent.addLocalCandidate(LOCAL);
  const line = 'candidate:1 1 udp 2130706431 192.0.2.9 6000 typ host';
  for (const number of [65_536, 2 ** 32, 2 ** 53, -1, 0.5, '0', Number.NaN]) {
    refuses('stream', () => agent.addRemoteCandidate(line, number));
    refuses('stream', () => agent.removeRemoteCandidate(line, number));
    refuses('stream', () => agent.pairs(number));
    refuses('stream', () => agent.selected(1, number));
    refuses('component', () => agent.selected(number));
    refuses('component', () => agent.send(0, new Uint8Array(1), number));
  }
  assert.deepEqual(agent.remoteCandidates, []);
  const relayed = { relayed: { share: 0.5 } };
  for (const concurrent of [-1, 2 ** 32, 0.5, Number.POSITIVE_INFINITY])
    refuses('concurrent', () => relayBandwidth(relayed, { concurrent, mediaKbps: 100 }));
  for (const mediaKbps of [-1, Number.POSITIVE_INFINITY])
    refuses('mediaKbps', () => relayBandwidth(relayed, { concurrent: 1, mediaKbps }));
  for (const share of [-1, Number.NaN])
    refuses('share', () => relayBandwidth({ relayed: { share } }, { concurrent: 1, mediaKbps: 1 }));
  for (const seed of [-1, 0.5, 2 ** 60]) refuses('seed', () => new Simulation('cone-to-cone', { seed }));
  const relay = server();
  for (const [name, error] of [
    ['type', { type: 256 + 3, code: 3 }],
    ['code', { type: 3, code: 2 ** 32 + 3 }],
    ['data', { type: 3, code: 3, data: -1 }],
  ])
    refuses(name, () => relay.icmp(0, SERVER, LOCAL, error));
});

test('a time that is none is not the start of the clock', () => {
  const packet = { local: SERVER, remote: LOCAL, protocol: 'udp', bytes: new Uint8Array(20) };
  const discovery = new NatDiscovery({ server: SERVER, sockets: [LOCAL] });
  for (const now of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, Number.NaN, '5', null]) {
    for (const it of [client(), server(), new IceAgent({ controlling: true }), discovery]) {
      refuses('now', () => it.timeout(now));
      refuses('now', () => it.receive(now, packet));
    }
  }
});

test('credentials are those of RFC 8839 §5.4', () => {
  for (const ufrag of ['', 'abc', 'a'.repeat(257), 'ab c', 'ab\r\n', 'ab:cd', '\ud800abc']) {
    refuses('ufrag', () => new IceAgent({ controlling: true, credentials: { ufrag, pwd: PWD } }));
    const agent = new IceAgent({ controlling: true });
    refuses('ufrag', () => agent.setRemoteCredentials({ ufrag, pwd: PWD }));
    refuses('ufrag', () => agent.restart({ ufrag, pwd: PWD }));
    const transport = new IceTransport();
    refuses('usernameFragment', () => transport.start({ usernameFragment: ufrag, password: PWD }));
    assert.equal(transport.getRemoteParameters(), null);
  }
  for (const pwd of ['', 'x'.repeat(21), 'x'.repeat(257)])
    refuses('pwd', () => new IceAgent({ controlling: true, credentials: { ufrag: 'abcd', pwd } }));
});

test('an IPv6 address in another spelling is the same address', () => {
  const [listen, relay] = ['2001:DB8:0:0::1', '2001:0db8::0001'];
  const asked = at('2001:db8::1');
  const turn = new TurnServer({ listen: [at(listen)], relay: [relay], realm: 'r', users: { u: 'p' } });
  const local = at('2001:db8::9', 5000);
  const user = client({ local, family: 'ipv6' }, { address: asked });
  const peer = at('2001:db8::77', 7000);
  const turned = ({ local, remote, ...packet }) => ({ ...packet, local: remote, remote: local });
  const settle = (now) => {
    for (let round = 0; round < 8; round++) {
      for (let packet = user.pollTransmit(); packet; packet = user.pollTransmit()) turn.receive(now, turned(packet));
      for (let packet = turn.pollTransmit(); packet; packet = turn.pollTransmit()) user.receive(now, turned(packet));
    }
  };
  user.timeout(0);
  settle(0);
  assert.equal(user.state, 'allocated');
  user.createPermission(1, peer.address);
  settle(1);
  turn.receive(2, {
    local: { ...user.relayed[0], address: relay },
    remote: peer,
    protocol: 'udp',
    bytes: Uint8Array.of(9),
  });
  settle(2);
  const told = [];
  for (let event = user.pollEvent(); event; event = user.pollEvent()) told.push(event.type);
  assert.equal(told.at(-1), 'data');
});

test('the trace of a simulation is not the caller’s to change', () => {
  const simulation = new Simulation('cone-to-cone');
  simulation.run(1000);
  const { trace } = simulation;
  assert.throws(() => trace.push({}), TypeError);
  simulation.run();
  assert.deepEqual(simulation.trace.slice(0, trace.length), trace);
  const lines = simulation.toJsonLines().trimEnd().split('\n').length;
  assert.equal(simulation.trace.length, lines);
});
