// `IceTransport` of `icelens/node`: two of them over loopback, with and without a relay.
import assert from 'node:assert/strict';
import dgram, { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { IceTransport, serveStun } from 'icelens/node';
import { open } from './lib/ends.mjs';
import { execFile, once, until, within } from './lib/limited.mjs';
import { LOCAL, transport } from './lib/transports.mjs';

const USER = { username: 'user', credential: 'password' };
const inState = (it, ...states) => until(it, 'statechange', () => states.includes(it.state));
const dataOf = (it) => {
  const arrived = new Promise((resolve) =>
    it.addEventListener('data', ({ data }) => resolve(Buffer.from(data).toString()), { once: true }),
  );
  return within(arrived, 'data');
};

/** Lets each tell the other its candidates, as they come. */
function signal(a, b) {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ])
    from.addEventListener('icecandidate', ({ candidate }) => to.addRemoteCandidate(candidate?.toJSON() ?? null));
}

function begin(a, b, roles = ['controlling', 'controlled'], gather = {}) {
  signal(a, b);
  a.gather(gather);
  b.gather(gather);
  a.start(b.getLocalParameters(), roles[0]);
  b.start(a.getLocalParameters(), roles[1]);
}

const completed = (...all) => Promise.all(all.map((it) => inState(it, 'completed')));

/** A UDP port that is free may be taken in TCP: then another is tried. */
async function free(listen) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen();
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || attempt === 20) throw error;
    }
  }
}

async function relay(tcp = true) {
  const events = [];
  const turn = {
    realm: 'test',
    users: { user: 'password' },
    allowPeers: ['127.0.0.0/8'],
    onEvent: (it) => events.push(it),
  };
  const server = await free(() => serveStun({ primary: { address: '127.0.0.1', port: 0, family: 'ipv4' }, tcp, turn }));
  open.push(() => server.close());
  return { port: server.addresses[0].port, events };
}

test('two transports gather, connect and send', async () => {
  const [a, b] = [transport(), transport()];
  assert.deepEqual([a.state, a.gatheringState, a.role, a.getSelectedCandidatePair()], ['new', 'new', null, null]);
  const ended = [];
  a.addEventListener('icecandidate', ({ candidate }) => candidate ?? ended.push(true));
  const switches = [];
  a.addEventListener('selectedcandidatepairchange', ({ reason }) => switches.push(reason));
  begin(a, b);
  assert.equal(a.gatheringState, 'gathering');
  await completed(a, b);
  assert.deepEqual([a.gatheringState, ended.length], ['complete', 1]);
  assert.deepEqual(switches, ['best-nominated']);
  assert.deepEqual([a.role, b.role], ['controlling', 'controlled']);
  const [pair, other] = [a.getSelectedCandidatePair(), b.getSelectedCandidatePair()];
  assert.deepEqual([pair.local.address, pair.local.type, pair.local.port], ['127.0.0.1', 'host', other.remote.port]);
  assert.deepEqual([a.getLocalCandidates().length, a.getRemoteCandidates().length], [1, 1]);
  assert.equal(a.getRemoteParameters().password, b.getLocalParameters().password);
  const arrived = [dataOf(a), dataOf(b)];
  a.send(Buffer.from('to b'));
  b.send(new TextEncoder().encode('to a'));
  assert.deepEqual(await Promise.all(arrived), ['to a', 'to b']);
});

test('start and candidates may come before gather', async () => {
  const [a, b] = [transport(), transport()];
  signal(a, b);
  a.start(b.getLocalParameters(), 'controlling');
  b.start(a.getLocalParameters(), 'controlled');
  a.gather();
  await until(a, 'gatheringstatechange', () => a.gatheringState === 'complete');
  assert.equal(b.state, 'new');
  b.gather();
  await completed(a, b);
});

test('two transports of one role settle it', async () => {
  for (const role of ['controlling', 'controlled']) {
    const [a, b] = [transport(), transport()];
    begin(a, b, [role, role]);
    await completed(a, b);
    assert.notEqual(a.role, b.role);
  }
});

test('a restart has new credentials, and data goes on', async () => {
  const [a, b] = [transport(), transport()];
  begin(a, b);
  await completed(a, b);
  const before = [a.getLocalParameters(), b.getLocalParameters()];
  a.restart();
  const carried = dataOf(b);
  a.send(Buffer.from('during'));
  assert.equal(await carried, 'during');
  b.start(a.getLocalParameters(), 'controlled');
  a.start(b.getLocalParameters(), 'controlling');
  for (const [from, to] of [
    [a, b],
    [b, a],
  ])
    for (const candidate of from.getLocalCandidates()) to.addRemoteCandidate(candidate);
  assert.notEqual(a.getLocalParameters().password, before[0].password);
  assert.notEqual(b.getLocalParameters().password, before[1].password);
  await completed(a, b);
  const arrived = dataOf(a);
  b.send(Buffer.from('after'));
  assert.equal(await arrived, 'after');
});

for (const transportOf of ['udp', 'tcp']) {
  test(`relayed candidates alone, through a TURN server over ${transportOf}`, async () => {
    const { port, events } = await relay();
    const iceServers = [{ urls: `turn:127.0.0.1:${port}?transport=${transportOf}`, ...USER }];
    const [a, b] = [transport({ ...LOCAL, iceServers }), transport({ ...LOCAL, iceServers })];
    begin(a, b, undefined, { gatherPolicy: 'relay' });
    await completed(a, b);
    assert.deepEqual(
      [a, b].map((it) => it.getLocalCandidates().map(({ type }) => type)),
      [['relay'], ['relay']],
    );
    const arrived = [dataOf(a), dataOf(b)];
    a.send(Buffer.from('odd'));
    b.send(Buffer.from('to a'));
    assert.deepEqual(await Promise.all(arrived), ['to a', 'odd']);
    const allocated = () => events.filter(({ type }) => type === 'allocated').length;
    assert.equal(allocated(), 2);
    a.stop();
    b.stop();
  });
}

test('a TURN server that resets connections costs its candidates, nothing else', async () => {
  const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
  open.push(() => server.close());
  await once(server, 'listening');
  const iceServers = [{ urls: `turn:127.0.0.1:${server.address().port}?transport=tcp`, ...USER }];
  const [a, b] = [transport({ ...LOCAL, iceServers }), transport()];
  begin(a, b);
  await completed(a, b);
  assert.equal(a.getSelectedCandidatePair().local.type, 'host');
});

test('what strangers send changes nothing', async () => {
  const [a, b] = [transport(), transport()];
  begin(a, b);
  await completed(a, b);
  const { port } = a.getLocalCandidates()[0];
  const got = [];
  a.addEventListener('data', ({ data }) => got.push(Buffer.from(data).toString()));
  const stranger = createSocket('udp4');
  open.push(() => stranger.close());
  const sent = [
    Buffer.alloc(0),
    Buffer.from('stranger'),
    Buffer.from('000100002112a442000102030405060708090a0b', 'hex'),
  ];
  for (const bytes of sent) await new Promise((resolve) => stranger.send(bytes, port, '127.0.0.1', () => resolve()));
  const arrived = dataOf(a);
  b.send(Buffer.from('friend'));
  await arrived;
  assert.deepEqual(got, ['friend']);
  assert.equal(a.state, 'completed');
});

/** The UDP sockets that are made during `work`. */
async function socketsOf(work) {
  const made = [];
  const original = dgram.createSocket;
  dgram.createSocket = (...args) => {
    const socket = original(...args);
    made.push(socket);
    return socket;
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    dgram.createSocket = original;
    syncBuiltinESMExports();
  }
  return made;
}

test('a packet from a link-local neighbour, whose address has a zone, ends nothing', async () => {
  const one = transport();
  const sockets = await socketsOf(async () => {
    one.gather();
    await until(one, 'gatheringstatechange', () => one.gatheringState === 'complete');
  });
  assert.equal(sockets.length, 1);
  const told = [];
  one.addEventListener('log', ({ entry }) => told.push(entry.type));
  for (const bytes of [Buffer.alloc(0), Buffer.from([0, 1]), Buffer.alloc(100, 0xff)])
    sockets[0].emit('message', bytes, { address: 'fe80::1%eth0', family: 'IPv6', port: 5555, size: bytes.length });
  assert.deepEqual([one.state, told], ['new', []]);
});

for (const type of ['icecandidate', 'gatheringstatechange', 'statechange', 'log'])
  test(`stop in a listener of ${type}: after the state closed nothing follows`, async () => {
    const one = transport();
    const told = [];
    for (const name of ['icecandidate', 'gatheringstatechange', 'selectedcandidatepairchange', 'data', 'log'])
      one.addEventListener(name, () => one.state === 'closed' && told.push(name));
    one.addEventListener(type, () => one.stop());
    one.start(transport().getLocalParameters(), 'controlling');
    one.gather();
    await inState(one, 'closed');
    // Events of the agent are told at once, or never.
    assert.deepEqual(told, []);
    assert.equal(one.getSelectedCandidatePair(), null);
  });

test('a name that is not found is told, and the rest goes on', async () => {
  const iceServers = [{ urls: 'stun:name.invalid' }];
  const [a, b] = [transport({ ...LOCAL, iceServers }), transport()];
  const said = new Promise((resolve) => {
    a.addEventListener('log', ({ entry }) => entry.type === 'server-unresolved' && resolve(entry.why));
  });
  begin(a, b);
  assert.match(await within(said, 'server-unresolved'), /name\.invalid/);
  await completed(a, b);
});

test('what is not an argument is refused by name', () => {
  const it = transport();
  for (const [call, message] of [
    [() => new IceTransport(1), /options/],
    [() => new IceTransport({ component: 3 }), /component/],
    [() => new IceTransport({ addresses: ['localhost'] }), /addresses\[0\]/],
    [() => new IceTransport({ iceServers: [{ urls: 'http://example.org' }] }), /not a stun:, turn: or turns: URL/],
    [() => new IceTransport({ iceServers: [{ urls: 'turn:192.0.2.1' }] }), /username/],
    [() => new IceTransport({ iceServers: [{ urls: 7 }] }), /urls/],
    [() => it.gather({ gatherPolicy: 'none' }), /gatherPolicy/],
    [() => it.start(), /remoteParameters/],
    [() => it.start({ usernameFragment: 'abcd' }), /password/],
    [() => it.start({ usernameFragment: 'abcd', password: 'x'.repeat(22) }, 'offerer'), /role/],
    [() => it.addRemoteCandidate(5), /candidate/],
    [() => it.addRemoteCandidate('nonsense'), /not a candidate/],
    [() => it.addRemoteCandidate('candidate:1 2 udp 1 192.0.2.1 9 typ host'), /component/],
    [() => it.send('text'), /data/],
  ])
    assert.throws(call, (error) => error instanceof TypeError && message.test(error.message), String(call));
});

test('what comes at the wrong time is an InvalidStateError', async () => {
  const it = transport();
  const refused = { name: 'InvalidStateError' };
  assert.throws(() => it.send(new Uint8Array(1)), refused);
  assert.throws(() => it.restart(), refused);
  it.gather();
  assert.throws(() => it.gather(), refused);
  const remote = { usernameFragment: 'abcd', password: 'x'.repeat(22) };
  it.start(remote, 'controlling');
  assert.throws(() => it.start(remote, 'controlled'), refused);
  it.stop();
  it.stop();
  assert.equal(it.state, 'closed');
  for (const call of [
    () => it.gather(),
    () => it.start(remote),
    () => it.addRemoteCandidate(),
    () => it.send(new Uint8Array(1)),
  ])
    assert.throws(call, refused);
});

test('relayed candidates through TURN over TLS', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-tls-'));
  open.push(() => rmSync(folder, { recursive: true }));
  const [key, cert] = ['key.pem', 'cert.pem'].map((file) => join(folder, file));
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert];
  try {
    await execFile('openssl', [...request, ...name]);
  } catch (error) {
    return t.skip(`openssl made no certificate: ${error.message}`);
  }
  const { port } = await relay();
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (from) => {
    const to = connect(port, '127.0.0.1');
    for (const socket of [from, to]) socket.on('error', () => {});
    from.pipe(to).pipe(from);
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  open.push(() => server.close());
  await once(server, 'listening');
  const script = `
    import { IceTransport } from 'icelens/node';
    const urls = 'turns:localhost:${server.address().port}';
    const iceServers = [{ urls, username: 'user', credential: 'password' }];
    const transport = new IceTransport({ addresses: ['127.0.0.1'], iceServers });
    transport.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate === null) return;
      console.log(candidate.type);
      transport.stop();
    });
    transport.gather({ gatherPolicy: 'relay' });
  `;
  const { stdout } = await execFile(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    timeout: 60_000,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: cert },
  });
  assert.equal(stdout.trim(), 'relay');
});

test('stop closes every socket: the process ends by itself', async () => {
  const { port } = await relay();
  const script = `
    import { IceTransport } from 'icelens/node';
    const iceServers = ['udp', 'tcp'].map((it) => ({ urls: 'turn:127.0.0.1:${port}?transport=' + it, username: 'user', credential: 'password' }));
    const all = [1, 2].map(() => new IceTransport({ addresses: ['127.0.0.1'], iceServers }));
    const [a, b] = all;
    for (const [from, to] of [[a, b], [b, a]])
      from.addEventListener('icecandidate', ({ candidate }) => to.addRemoteCandidate(candidate));
    for (const it of all) {
      it.addEventListener('statechange', () => all.every(({ state }) => state === 'completed') && all.forEach((one) => one.stop()));
      it.gather();
    }
    a.start(b.getLocalParameters(), 'controlling');
    b.start(a.getLocalParameters(), 'controlled');
    const early = new IceTransport();
    early.gather();
    early.stop();
    process.on('exit', () => console.log(all.map(({ state }) => state).join()));
  `;
  const { stdout } = await execFile(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    timeout: 60_000,
  });
  assert.equal(stdout.trim(), 'closed,closed');
});
