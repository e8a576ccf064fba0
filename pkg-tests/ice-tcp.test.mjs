// ICE over TCP (RFC 6544) of `IceTransport`: two of them, with Chromium, and with connections that misbehave.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { IceTransport } from 'icelens/node';
import { launchChromium, noWebRtc } from './lib/chromium.mjs';
import { open } from './lib/ends.mjs';
import { once, until, within } from './lib/limited.mjs';
import { transport } from './lib/transports.mjs';

const TCP = { addresses: ['127.0.0.1'], protocols: ['tcp'] };
const completed = (...all) => Promise.all(all.map((it) => until(it, 'statechange', () => it.state === 'completed')));

/** Data as it arrives, and a promise for a number of packets. */
function inbox(it) {
  const got = [];
  it.addEventListener('data', ({ data }) => got.push(Buffer.from(data)));
  return { got, count: (number) => until(it, 'data', () => got.length >= number) };
}

/** Lets `from` tell `to` the candidates that `which` lets through, as it changes them. */
function signal(from, to, which = (candidate) => candidate) {
  from.addEventListener('icecandidate', ({ candidate }) => {
    const line = candidate === null ? null : which(candidate);
    if (candidate === null || line) to.addRemoteCandidate(line?.toJSON?.() ?? line);
  });
}

function begin(a, b) {
  a.gather();
  b.gather();
  a.start(b.getLocalParameters(), 'controlling');
  b.start(a.getLocalParameters(), 'controlled');
}

const passive = (candidate) => candidate.tcpType === 'passive' && candidate;
const kinds = (it) => it.getLocalCandidates().map(({ protocol, tcpType, type }) => [protocol, tcpType, type]);

test('two transports connect over TCP alone, and packets keep their bounds', async () => {
  const [a, b] = [transport(TCP), transport(TCP)];
  signal(a, b);
  signal(b, a);
  begin(a, b);
  await completed(a, b);
  const host = kinds(a).filter(([, , type]) => type === 'host');
  assert.deepEqual(host, [
    ['tcp', 'active', 'host'],
    ['tcp', 'passive', 'host'],
  ]);
  const [active] = a.getLocalCandidates();
  assert.equal(active.port, 9);
  for (const it of [a, b]) assert.equal(it.getSelectedCandidatePair().local.protocol, 'tcp');
  const [toA, toB] = [inbox(a), inbox(b)];
  const sent = [1, 20, 1200, 60_000, 3].map((length, i) => Buffer.alloc(length, i + 65));
  for (const bytes of sent) {
    a.send(bytes);
    b.send(bytes);
  }
  await Promise.all([toA.count(sent.length), toB.count(sent.length)]);
  assert.deepEqual([toA.got, toB.got], [sent, sent]);
});

for (const role of ['controlling', 'controlled']) {
  test(`an active candidate reaches a passive one that knows nothing of it, ${role}`, async () => {
    const [a, b] = [transport({ ...TCP, protocols: ['udp', 'tcp'] }), transport(TCP)];
    // Only `b`'s passive candidate is told: `a` is learned from its check, and its UDP candidate finds nobody.
    signal(b, a, passive);
    a.gather();
    b.gather();
    a.start(b.getLocalParameters(), role);
    b.start(a.getLocalParameters(), role === 'controlling' ? 'controlled' : 'controlling');
    await completed(a, b);
    const { local, remote } = b.getSelectedCandidatePair();
    assert.deepEqual([local.tcpType, remote.type, remote.tcpType], ['passive', 'prflx', 'active']);
    const arrived = inbox(a);
    b.send(Buffer.from('to the active side'));
    await arrived.count(1);
    assert.equal(arrived.got[0].toString(), 'to the active side');
  });
}

test('IPv6 addresses, however they are written', async (t) => {
  const probe = createServer().listen(0, '::1');
  const hasIpv6 = await Promise.race([
    once(probe, 'listening').then(() => true),
    once(probe, 'error').then(() => false),
  ]);
  probe.close();
  if (!hasIpv6) return t.skip('this machine has no IPv6');
  const [a, b] = [transport({ ...TCP, addresses: ['0:0::0:1'] }), transport({ ...TCP, addresses: ['::1'] })];
  signal(a, b);
  signal(b, a);
  begin(a, b);
  await completed(a, b);
  assert.equal(a.getSelectedCandidatePair().remote.address, '::1');
});

test('strangers at the passive port change nothing: pieces, garbage, resets', async () => {
  const [a, b] = [transport(TCP), transport(TCP)];
  signal(a, b);
  signal(b, a);
  begin(a, b);
  await completed(a, b);
  const { port } = a.getLocalCandidates().find(passive);
  const check = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  const sent = [
    Buffer.from([0]),
    Buffer.from([0xff, 0xff, 1, 2, 3]),
    Buffer.from([0, 0, 0, 0, 0, 0]),
    Buffer.concat([Buffer.from([0, check.length]), check, Buffer.from([0, 4]), Buffer.from('data')]),
    Buffer.alloc(200_000, 0xab),
  ];
  const strangers = sent.flatMap((bytes) => [true, false].map((reset) => ({ bytes, reset })));
  await Promise.all(
    strangers.map(async ({ bytes, reset }) => {
      const stranger = connect(port, '127.0.0.1');
      stranger.on('error', () => {});
      await once(stranger, 'connect');
      await new Promise((resolve) => stranger.write(bytes, resolve));
      const gone = once(stranger, 'close');
      if (reset) stranger.resetAndDestroy();
      else stranger.destroy();
      await gone;
    }),
  );
  const toA = inbox(a);
  b.send(Buffer.from('friend'));
  await toA.count(1);
  assert.deepEqual([toA.got.map(String), a.state], [['friend'], 'completed']);
});

test('a peer whose port resets or refuses connections costs its candidates, nothing else', async () => {
  const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
  open.push(() => server.close());
  await once(server, 'listening');
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const refuses = closed.address().port;
  await new Promise((resolve) => closed.close(resolve));
  const [a, b] = [transport(TCP), transport(TCP)];
  signal(a, b, passive);
  signal(b, a, passive);
  for (const port of [server.address().port, refuses])
    a.addRemoteCandidate(`candidate:9 1 tcp 2130706431 127.0.0.1 ${port} typ host tcptype passive`);
  begin(a, b);
  await completed(a, b);
});

test('a peer that does not read: what waits is bounded, and what arrives is whole', async () => {
  let target = 0;
  const pairs = [];
  const proxy = createServer((from) => {
    const to = connect(target, '127.0.0.1');
    for (const socket of [from, to]) socket.on('error', () => {});
    from.pipe(to).pipe(from);
    pairs.push({ from, to });
  }).listen(0, '127.0.0.1');
  open.push(() => proxy.close());
  await once(proxy, 'listening');
  const [a, b] = [transport(TCP), transport(TCP)];
  signal(a, b, (candidate) => {
    if (!passive(candidate)) return null;
    target = candidate.port;
    return `candidate:1 1 tcp ${candidate.priority} 127.0.0.1 ${proxy.address().port} typ host tcptype passive`;
  });
  begin(a, b);
  await completed(a, b);
  const toB = inbox(b);
  const [{ from, to }] = pairs;
  to.unpipe(from);
  to.pause();
  const packet = Buffer.alloc(60_000, 7);
  const sent = 2000;
  for (let i = 0; i < sent; i++) a.send(packet);
  to.pipe(from);
  // Lost while too much waits, and again sent with each packet that arrives.
  const end = Buffer.from('end');
  b.addEventListener('data', () => a.send(end));
  await until(b, 'data', () => toB.got.some((data) => data.equals(end)));
  const whole = toB.got.filter((data) => !data.equals(end));
  assert.ok(whole.every((data) => data.equals(packet)));
  assert.ok(whole.length < sent / 2, `${whole.length} of ${sent} packets waited`);
  // A reset in the middle of all that is an end like any other.
  from.resetAndDestroy();
  to.resetAndDestroy();
  await once(to, 'close');
  a.send(packet);
  b.send(packet);
});

test('protocols that are none are refused by name', () => {
  for (const [protocols, message] of [
    ['tcp', /protocols/],
    [['sctp'], /protocols\[0\]/],
    [[], /protocols is empty/],
  ])
    assert.throws(
      () => new IceTransport({ protocols }),
      (error) => error instanceof TypeError && message.test(error.message),
    );
});

test('Chromium connects to a passive candidate', { skip: noWebRtc, timeout: 120_000 }, async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const it = transport({ protocols: ['tcp'] });
    it.gather();
    await until(it, 'gatheringstatechange', () => it.gatheringState === 'complete');
    const lines = it.getLocalCandidates().filter(passive).map(String);
    const parameters = await page.evaluate(offer);
    it.start(parameters, 'controlled');
    const connected = page.evaluate(answer, { ...it.getLocalParameters(), lines });
    await completed(it);
    assert.equal(await within(connected, 'the state connected in Chromium'), true);
    const { local, remote } = it.getSelectedCandidatePair();
    assert.deepEqual([local.tcpType, remote.tcpType], ['passive', 'active']);
  } finally {
    await browser.close();
  }
});

/** In the page: an offer, and its ICE parameters. */
async function offer() {
  const connection = new RTCPeerConnection();
  globalThis.connection = connection;
  connection.createDataChannel('x');
  await connection.setLocalDescription();
  const { sdp } = connection.localDescription;
  return { usernameFragment: /ice-ufrag:(.+)/.exec(sdp)[1].trim(), password: /ice-pwd:(.+)/.exec(sdp)[1].trim() };
}

/** In the page: the answer is the offer with other ICE parameters, as DTLS does not matter here. */
async function answer({ usernameFragment, password, lines }) {
  const { connection } = globalThis;
  const kept = connection.localDescription.sdp.split('\r\n').filter((line) => !/^a=(candidate|end-of)/.test(line));
  const sdp = kept
    .join('\r\n')
    .replace(/ice-ufrag:.+/, `ice-ufrag:${usernameFragment}`)
    .replace(/ice-pwd:.+/, `ice-pwd:${password}`)
    .replace('setup:actpass', 'setup:passive');
  await connection.setRemoteDescription({ type: 'answer', sdp });
  for (const candidate of lines) await connection.addIceCandidate({ candidate, sdpMLineIndex: 0 });
  return new Promise((resolve) => {
    const look = () => {
      if (['connected', 'completed'].includes(connection.iceConnectionState)) resolve(true);
    };
    connection.oniceconnectionstatechange = look;
    look();
  });
}
