// TURN: the engines of the package against each other, against coturn in both directions, over UDP and TCP, and as
// Chromium's relay.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serveStun } from 'icelens/node';
import { TurnClient, TurnServer, turnPassword } from 'icelens/turn';
import { launchChromium, noWebRtc } from './lib/chromium.mjs';
import { spawn } from './lib/ends.mjs';
import { eventually, once, spawnSync, within } from './lib/limited.mjs';

const CLI = fileURLToPath(new URL('../pkg/bin/icelens.js', import.meta.url));
const at = (address, port) => ({ address, port, family: 'ipv4' });
const loopback = (port) => at('127.0.0.1', port);
const has = (program) => spawnSync('which', [program]).status === 0;
const without = (program) => (has(program) ? false : `${program} not found: install coturn`);
const users = { user: 'pass' };
const turn = { realm: 'lab', users, allowPeers: ['127.0.0.0/8'], limits: { perUser: 100 } };
const credentials = { username: 'user', credential: 'pass' };

/** Hands over what both have for each other, until nothing is left. */
function settle(now, client, server, toPeers) {
  for (let moved = true; moved; ) {
    moved = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      for (let packet = from.pollTransmit(); packet; packet = from.pollTransmit()) {
        moved = true;
        const { local, remote, protocol, bytes } = packet;
        if (from === server && remote.address !== '192.0.2.1') toPeers.push(packet);
        else to.receive(now, { local: remote, remote: local, protocol, bytes });
      }
    }
  }
}

function events(engine) {
  const all = [];
  for (let event = engine.pollEvent(); event; event = engine.pollEvent()) all.push(event);
  return all;
}

test('client and server without sockets', () => {
  const [local, address, peer] = [at('192.0.2.1', 5000), at('198.51.100.1', 3478), at('203.0.113.1', 7000)];
  const server = new TurnServer({ listen: [address], relay: ['198.51.100.1'], realm: 'lab', users });
  const client = new TurnClient({ server: { kind: 'turn', address, ...credentials }, local });
  assert.deepEqual([client.state, client.pollTimeout()], ['new', 0]);
  const sent = [];
  client.timeout(0);
  settle(0, client, server, sent);
  const [allocated] = events(client);
  assert.equal(allocated.type, 'allocated');
  assert.deepEqual([allocated.mapped, allocated.lifetime, allocated.missing], [local, 600_000, null]);
  assert.match(allocated.why, /^the server relays from 198\.51\.100\.1:\d+ for 600 s$/);
  assert.deepEqual(client.relayed, allocated.relayed);
  assert.equal(client.send(1, peer, Uint8Array.of(1, 2, 3)), 'waiting');
  settle(1, client, server, sent);
  assert.equal(client.bindChannel(2, peer), null);
  settle(2, client, server, sent);
  assert.equal(client.send(3, peer, Uint8Array.of(4)), 'channel');
  settle(3, client, server, sent);
  assert.deepEqual(
    sent.map(({ local, remote, bytes }) => [local, remote, [...bytes]]),
    [
      [client.relayed[0], peer, [1, 2, 3]],
      [client.relayed[0], peer, [4]],
    ],
  );
  server.receive(4, { local: client.relayed[0], remote: peer, protocol: 'udp', bytes: Uint8Array.of(9) });
  settle(4, client, server, sent);
  const data = events(client).filter(({ type }) => type === 'data');
  assert.deepEqual(
    data.map(({ peer, bytes }) => [peer, [...bytes]]),
    [[peer, [9]]],
  );
  assert.equal(client.createPermission(5, '10.0.0.1'), null);
  settle(5, client, server, sent);
  const [refused] = events(client);
  assert.deepEqual([refused.type, refused.reason, refused.code], ['permission-refused', 'forbidden', 403]);
  client.close(6);
  settle(6, client, server, sent);
  assert.equal(events(client).at(-1).type, 'closed');
  assert.deepEqual([server.allocations, server.pollTimeout(), client.pollTimeout()], [0, null, null]);
  assert.deepEqual(
    events(server).map(({ type }) => type),
    ['allocated', 'refused', 'ended'],
  );
  assert.throws(() => new TurnServer({ listen: [], relay: ['nowhere'], realm: 'x' }), TypeError);
  assert.throws(() => new TurnServer({ listen: [], relay: [], realm: 'x' }), TypeError);
  const bad = () => new TurnServer({ listen: [], relay: ['127.0.0.1'], realm: 'x', allowPeers: ['10.0.0.0/99'] });
  assert.throws(bad, TypeError);
});

test('the password of a time-limited name', () => {
  assert.equal(turnPassword('north', '1433895918:kurento'), 'ozxg4Zm+tbDFbkuUXPSLLeGCoC0=');
});

/** A `TurnClient` on a socket; data and failures as promises. */
async function relayClient(port, { protocol = 'udp', family = 'ipv4', localPort = 0, ...more } = {}) {
  const loopback = (port) => ({ address: family === 'ipv6' ? '::1' : '127.0.0.1', port, family });
  const { address: host } = loopback(port);
  const socket = protocol === 'udp' ? createSocket(`udp${host === '::1' ? 6 : 4}`) : connect({ port, host, localPort });
  if (protocol === 'udp') socket.bind(localPort, host);
  await once(socket, protocol === 'udp' ? 'listening' : 'connect');
  const local = loopback(protocol === 'udp' ? socket.address().port : socket.localPort);
  const server = { kind: 'turn', address: loopback(port), protocol, ...credentials, ...more };
  const client = new TurnClient({ server, local, family });
  const heard = [];
  const waiting = [];
  const step = () => {
    for (let packet = client.pollTransmit(); packet; packet = client.pollTransmit()) {
      if (protocol === 'udp') socket.send(packet.bytes, packet.remote.port, packet.remote.address);
      else socket.write(packet.bytes);
    }
    heard.push(...events(client));
    for (const look of waiting) look();
  };
  const take = (bytes) => {
    client.receive(performance.now(), { local, remote: loopback(port), protocol, bytes });
    step();
  };
  let rest = Buffer.alloc(0);
  const cut = (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const length = rest.readUInt16BE(2);
      const whole = rest[0] < 0x40 ? 20 + length : 4 + ((length + 3) & ~3);
      if (rest.length < whole) return;
      take(rest.subarray(0, whole));
      rest = rest.subarray(whole);
    }
  };
  socket.on(protocol === 'udp' ? 'message' : 'data', protocol === 'udp' ? take : cut);
  const timer = setInterval(() => {
    client.timeout(performance.now());
    step();
  }, 20);
  const until = (type, count = 1) => {
    const found = new Promise((resolve) => {
      const look = () => {
        const found = heard.filter((event) => event.type === type);
        if (found.length >= count) resolve(found);
      };
      waiting.push(look);
      look();
    });
    return within(found, `${count} ${type}`);
  };
  const close = () => {
    clearInterval(timer);
    if (protocol === 'udp') socket.close();
    else socket.destroy();
  };
  const act = (what) => {
    what(client, performance.now());
    step();
  };
  return { client, act, until, close, heard };
}

/** Two clients send to each other through their relays. */
async function exchange(port, options) {
  const [a, b] = [await relayClient(port, options), await relayClient(port, options)];
  try {
    await Promise.all([a.until('allocated'), b.until('allocated')]);
    const [toA, toB] = [a.client.relayed[0], b.client.relayed[0]];
    a.act((client, now) => client.bindChannel(now, toB));
    b.act((client, now) => client.createPermission(now, toA.address));
    await Promise.all([a.until('channel-bound'), b.until('permitted')]);
    const size = 1000;
    for (let i = 0; i < 20; i++) {
      a.act((client, now) => assert.equal(client.send(now, toB, new Uint8Array(size + i).fill(i)), 'channel'));
      b.act((client, now) => assert.equal(client.send(now, toA, new Uint8Array(size + i).fill(i)), 'indication'));
    }
    for (const [who, from] of [
      [a, toB],
      [b, toA],
    ]) {
      const data = await who.until('data', 20);
      assert.deepEqual(data.map(({ bytes }) => [bytes.length, bytes[0]]).sort((x, y) => x[0] - y[0])[7], [size + 7, 7]);
      assert.deepEqual(data[0].peer, from);
    }
    for (const who of [a, b]) who.act((client, now) => client.close(now));
    await Promise.all([a.until('closed'), b.until('closed')]);
  } finally {
    a.close();
    b.close();
  }
}

const limit = { timeout: 60_000 };

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all.some(({ address }) => address === '::1'));
for (const [protocol, family] of [
  ['udp', 'ipv4'],
  ['tcp', 'ipv4'],
  ['udp', 'ipv6'],
  ['tcp', 'ipv6'],
]) {
  const skip = family === 'ipv6' && !hasIpv6 ? 'this machine has no IPv6' : false;
  test(`our client through our server over ${protocol}, ${family}`, { ...limit, skip }, async () => {
    const log = [];
    const primary = family === 'ipv6' ? { address: '::1', port: 0, family } : loopback(0);
    const allowPeers = ['127.0.0.0/8', '::1/128'];
    const server = await serveStun({ primary, turn: { ...turn, allowPeers, onEvent: (event) => log.push(event) } });
    try {
      await exchange(server.addresses[0].port, { protocol, family });
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(log.map(({ type }) => type).sort(), ['allocated', 'allocated', 'ended', 'ended']);
      assert.ok(log.filter(({ type }) => type === 'ended').every(({ toPeers, toClient }) => toPeers && toClient));
    } finally {
      await server.close();
    }
  });
}

test('a connection that ends takes its allocation with it', limit, async () => {
  const log = [];
  const server = await serveStun({ primary: loopback(0), turn: { ...turn, onEvent: (event) => log.push(event) } });
  const client = await relayClient(server.addresses[0].port, { protocol: 'tcp' });
  await client.until('allocated');
  client.close();
  const ended = () => log.some(({ type, reason }) => type === 'ended' && reason === 'disconnected');
  await eventually(ended, 'the end of the allocation');
  await server.close();
});

test('relays and connections that come and go: each gets what is its own', limit, async () => {
  const ended = [];
  const onEvent = (event) => event.type === 'ended' && ended.push(event);
  const server = await serveStun({ primary: loopback(0), turn: { ...turn, onEvent } });
  const { port } = server.addresses[0];
  try {
    for (let round = 1; round <= 4; round++) {
      // The numbers of the ends that the round before closed are given again, in another order.
      const order = round % 2 === 0 ? ['udp', 'tcp'] : ['tcp', 'udp'];
      await Promise.all(order.map((protocol) => exchange(port, { protocol })));
      await eventually(() => ended.length >= 4 * round, 'the end of every allocation');
    }
    assert.ok(ended.every(({ toPeers, toClient }) => toPeers === 20_190 && toClient === 20_190));
  } finally {
    await server.close();
  }
});

test('a time-limited name, and one whose time is over', limit, async () => {
  const server = await serveStun({ primary: loopback(0), turn: { ...turn, users: {}, secret: 'north' } });
  const now = Math.floor(Date.now() / 1000);
  try {
    for (const [time, type] of [
      [now + 60, 'allocated'],
      [now - 60, 'failed'],
    ]) {
      const username = `${time}:alice`;
      const options = { username, credential: turnPassword('north', username) };
      const client = await relayClient(server.addresses[0].port, options);
      await client.until(type);
      client.close();
    }
  } finally {
    await server.close();
  }
});

test('listening on every address needs to be told what to relay from', async () => {
  await assert.rejects(serveStun({ primary: at('0.0.0.0', 0), turn }), TypeError);
});

/** Starts a program and waits for a line of it. */
async function start(program, args, ready) {
  const child = spawn(program, args);
  let output = '';
  const started = new Promise((resolve, reject) => {
    const look = (chunk) => {
      output += chunk;
      if (ready.test(output)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}:\n${output}`)));
  });
  await within(started, `${ready} of ${program}`);
  return child;
}

/** A port that nobody has. */
async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

test('our client through coturn', { skip: without('turnserver'), ...limit }, async () => {
  const port = await freePort();
  const args = ['-n', '--no-tls', '--no-dtls', '--no-cli', '-L', '127.0.0.1', '-E', '127.0.0.1', '-p', String(port)];
  const more = [
    '-a',
    '-u',
    'user:pass',
    '-r',
    'lab',
    '--allow-loopback-peers',
    '-l',
    'stdout',
    '--pidfile',
    '/dev/null',
  ];
  const coturn = await start('turnserver', [...args, ...more], /Total General servers/);
  try {
    await exchange(port, { protocol: 'udp' });
    await exchange(port, { protocol: 'tcp' });
    const stranger = await relayClient(port, { credential: 'wrong' });
    const [failed] = await stranger.until('failed');
    assert.deepEqual([failed.reason, failed.code], ['wrong-credentials', 401]);
    stranger.close();
  } finally {
    coturn.kill();
  }
});

/** Report of coturn's client on a run against a server of ours. */
function uclient(port, args) {
  const common = ['-u', 'user', '-w', 'pass', '-p', String(port), '-n', '30'];
  const child = spawn('turnutils_uclient', [...common, ...args, '127.0.0.1']);
  const report = new Promise((resolve) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('exit', () => resolve(output));
  });
  return within(report, `the end of turnutils_uclient ${args.join(' ')}`);
}

test("coturn's client through our server", { skip: without('turnutils_uclient'), timeout: 180_000 }, async (t) => {
  const server = await serveStun({ primary: loopback(0), turn });
  const { port } = server.addresses[0];
  const peer = createSocket('udp4').bind(0, '127.0.0.1');
  await once(peer, 'listening');
  peer.on('message', (bytes, from) => peer.send(bytes, from.port, from.address));
  try {
    await t.test('indications, even ports and reservations, two clients', async () => {
      assert.match(await uclient(port, ['-y', '-s', '-m', '2']), /Total lost packets 0 /);
    });
    await t.test('indications over TCP', async () => {
      assert.match(await uclient(port, ['-t', '-y', '-s', '-c', '-m', '2']), /Total lost packets 0 /);
    });
    await t.test('channels', async () => {
      // It takes a random number of 0x4000 to 0x7fff, and RFC 8656 allows a quarter of them.
      const args = ['-e', '127.0.0.1', '-r', String(peer.address().port), '-c', '-m', '1'];
      let output = '';
      for (let tries = 0; tries < 60 && !output.includes('Total lost'); tries++) output = await uclient(port, args);
      assert.match(output, /Total lost packets 0 /);
    });
  } finally {
    peer.close();
    await server.close();
  }
});

test('Chromium relays through our server, over UDP and TCP', { skip: noWebRtc, timeout: 120_000 }, async () => {
  const log = [];
  const server = await serveStun({ primary: loopback(0), turn: { ...turn, onEvent: (event) => log.push(event) } });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    for (const transport of ['udp', 'tcp']) {
      const urls = `turn:127.0.0.1:${server.addresses[0].port}?transport=${transport}`;
      const result = await within(
        page.evaluate(connectByRelay, { urls, username: 'user', credential: 'pass' }),
        `a relayed connection over ${transport}`,
        60_000,
      );
      assert.deepEqual(result, { text: 'hello', local: 'relay', remote: 'relay', protocol: transport });
    }
    assert.ok(log.filter(({ type }) => type === 'allocated').length >= 4);
  } finally {
    await browser.close();
    await server.close();
  }
});

/** In the page: two connections that may only relay, and one message. */
async function connectByRelay(server) {
  const config = { iceServers: [server], iceTransportPolicy: 'relay' };
  const [a, b] = [new RTCPeerConnection(config), new RTCPeerConnection(config)];
  a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate);
  const channel = a.createDataChannel('x');
  channel.onopen = () => channel.send('hello');
  const text = new Promise((resolve) => {
    b.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => resolve(data);
    };
  });
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  const received = await text;
  const stats = [...(await a.getStats()).values()];
  const transport = stats.find(({ type }) => type === 'transport');
  const of = (id) => stats.find((entry) => entry.id === id);
  const pair = of(transport.selectedCandidatePairId);
  const [local, remote] = [of(pair.localCandidateId), of(pair.remoteCandidateId)];
  a.close();
  b.close();
  return { text: received, local: local.candidateType, remote: remote.candidateType, protocol: local.relayProtocol };
}

test('icelens serve --turn', limit, async () => {
  for (const args of [['--turn'], ['--turn', '--user', 'nobody'], ['--turn', '--user', 'a:b', '--relay-ports', '9']]) {
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'serve', ...args], { encoding: 'utf8' });
    assert.equal(status, 2, stderr);
  }
  const args = ['serve', '127.0.0.1', '-p', '0', '--turn', '--user', 'user:pass', '--allow-peer', '127.0.0.0/8', '-v'];
  const child = await start(process.execPath, [CLI, ...args], /STUN and TURN on 127\.0\.0\.1:\d+/);
  child.kill();
  await once(child, 'exit');
});
