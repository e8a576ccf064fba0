// Parts of `icelens serve`: addresses, the table of connections on a clock of our own, frames, the guard.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect, isIP, Server } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { decodeMessage, encodeMessage, NatDiscovery, StunServer } from 'icelens';
import { serveStun } from 'icelens/node';
import { once } from './lib/limited.mjs';
import './lib/ends.mjs';

async function load(path) {
  const entryPoints = [fileURLToPath(new URL(`../npm/src/${path}`, import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', platform: 'node', write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
const { readIp, clientKey, isLoopback } = await load('source.ts');
const { IpTexts } = await load('node/ip-texts.ts');
const { Connections } = await load('node/connections.ts');
const { Frames, STUN_FRAMING } = await load('node/streams.ts');
const { guarded } = await load('guard.ts');
const at = (address, port) => ({ address, port, family: 'ipv4' });
const binding = Buffer.from(encodeMessage({ class: 'request', method: 'binding' }));

test('addresses are read as Node reads them, on 200 000 random texts', () => {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const parts = ['::', '192.0.2.1', '1:', 'ffff', '::ffff:', '255', '.', ':', 'g', '0', ...'0123456789abcdefF'];
  const words = new Uint32Array(4);
  let good = 0;
  for (let i = 0; i < 200_000; i++) {
    const text = Array.from({ length: Math.floor(next() * 12) }, () => parts[Math.floor(next() * parts.length)]).join(
      '',
    );
    assert.equal(readIp(text, words), isIP(text) !== 0, JSON.stringify(text));
    good += isIP(text) === 0 ? 0 : 1;
  }
  assert.ok(good > 1000, `${good} of them were addresses`);
});

test('texts of addresses that are kept: of each its own, however many take the places of others', () => {
  const texts = new IpTexts();
  const words = new Uint32Array(4);
  const some = ['0.0.0.0', '192.0.2.1', '255.255.255.255', '::', '::1', '2001:db8::1', 'fe80::1'];
  const many = Array.from({ length: 5000 }, (_, i) =>
    i % 2 ? `10.0.${i >> 8}.${i & 255}` : `2001:db8:${(i + 1).toString(16)}::1`,
  );
  for (const text of [...some, ...many, ...many.reverse(), ...some]) {
    readIp(text, words);
    for (let i = 0; i < 2; i++) assert.equal(texts.of(...words), text);
  }
});

test('a client is an IPv4 address or an IPv6 network of 64 bits, however it is written', () => {
  assert.equal(clientKey('2001:db8::1'), clientKey('2001:db8:0:0:ffff::2'));
  assert.equal(clientKey('2001:db8::1'), clientKey('2001:db8:0:0:1::'));
  assert.notEqual(clientKey('2001:db8::1'), clientKey('2001:db8:0:1::1'));
  assert.equal(clientKey('fe80::1%eth0'), clientKey('fe80::2%eth1'));
  assert.equal(clientKey('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(clientKey('no address'), 'unknown');
  assert.deepEqual(['127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopback), [true, true, true]);
  assert.deepEqual(['128.0.0.1', '::2', '192.0.2.1', ''].map(isLoopback), [false, false, false, false]);
});

test('connections: a client that opens too many loses its own that was silent longest', () => {
  const limits = { total: 5, perClient: 3, idle: 100, message: 20, lifetime: 1000, rate: 100 };
  const table = new Connections(limits);
  const ended = [];
  const open = (client, name, now) => table.open(client, () => ended.push(name), now);
  const [a1] = [open('a', 'a1', 0), open('a', 'a2', 1), open('a', 'a3', 2)];
  table.heard(a1, 3);
  open('a', 'a4', 4);
  assert.deepEqual(ended, ['a2']);
  open('b', 'b1', 5);
  open('b', 'b2', 5);
  assert.equal(table.size, 5);
  // All places are taken: the client with the most makes room.
  open('c', 'c1', 6);
  assert.deepEqual(ended, ['a2', 'a3']);
  assert.equal(table.size, 5);
  table.closed(a1);
  table.closed(a1);
  assert.equal(table.size, 4);
});

test('connections: silence, a message that drips, and age end them', () => {
  const table = new Connections({ total: 9, perClient: 9, idle: 100, message: 20, lifetime: 1000, rate: 100 });
  const ended = [];
  const open = (name) => table.open('a', () => ended.push(name), 0);
  const [, dripping, busy] = [open('silent'), open('dripping'), open('busy')];
  table.began(dripping, 10);
  table.began(dripping, 29);
  table.sweep(29);
  assert.deepEqual(ended, []);
  table.sweep(30);
  assert.deepEqual(ended, ['dripping']);
  for (let now = 90; now <= 900; now += 90) {
    table.began(busy, now - 5);
    table.heard(busy, now);
    table.sweep(now + 15);
  }
  table.sweep(999);
  assert.deepEqual(ended, ['dripping', 'silent']);
  table.sweep(1000);
  assert.deepEqual(ended, ['dripping', 'silent', 'busy']);
  assert.equal(table.size, 0);
});

test('connections: messages have a rate', () => {
  const table = new Connections({ total: 9, perClient: 9, idle: 1e9, message: 20, lifetime: 1e9, rate: 10 });
  const one = table.open('a', () => {}, 0);
  const taken = (now) => {
    let count = 0;
    while (table.heard(one, now)) count++;
    one.allowance = 0;
    return count;
  };
  assert.equal(taken(0), 20);
  assert.equal(taken(1000), 10);
  assert.equal(taken(1_000_000), 20, 'no more is saved up');
  assert.equal(taken(0), 0, 'a clock that goes back earns nothing');
});

test('frames: whole whatever the pieces; what is none, and what is too long, ends the stream', () => {
  const stream = Buffer.concat([binding, binding, binding]);
  for (let size = 1; size <= stream.length; size++) {
    const frames = new Frames(STUN_FRAMING);
    let whole = 0;
    for (let i = 0; i < stream.length; i += size) {
      assert.ok(frames.take(stream.subarray(i, i + size), (frame) => frame.length === 20 && ++whole > 0));
    }
    assert.deepEqual([whole, frames.waiting], [3, 0]);
  }
  const take = (...bytes) => new Frames(STUN_FRAMING).take(Buffer.from(bytes), () => true);
  assert.equal(take(0x47), false, 'no STUN begins with G');
  assert.equal(take(0, 1, 0xff, 0xff, ...new Array(16).fill(0)), false, 'longer than a message may be');
  assert.equal(take(0, 1, 0), true);
});

test('the guard lets nothing through: not what is thrown, not what is rejected, not what the other end throws', async () => {
  const seen = [];
  const fail = (error) => {
    seen.push(error.message);
    throw new Error('again');
  };
  guarded(() => {
    throw new Error('thrown');
  }, fail)();
  guarded(() => Promise.reject(new Error('rejected')), fail)();
  guarded(() => {
    throw new Error('unheard');
  })();
  await new Promise(setImmediate);
  assert.deepEqual(seen, ['thrown', 'rejected']);
});

// ------------------------------------------------------------------------------------------------- answers

/** Answer of the server of `options` to a request of these attributes. */
function answerTo(options, attributes, remote = at('192.0.2.7', 5000)) {
  const server = new StunServer(options);
  const bytes = encodeMessage({ class: 'request', method: 'binding', attributes });
  server.receive(0, { local: options.primary, remote, protocol: 'udp', bytes });
  return { asked: bytes.length, answer: server.pollTransmit()?.bytes ?? null };
}

test('a bare request gets an answer of twice its length at most, three times with discovery', () => {
  const primary = at('198.51.100.1', 3478);
  const other = at('198.51.100.2', 3479);
  const alone = answerTo({ primary }, []);
  assert.ok(alone.answer.length <= 2 * alone.asked);
  assert.deepEqual(
    decodeMessage(alone.answer).attributes.map(({ name }) => name),
    ['XOR-MAPPED-ADDRESS'],
  );
  const both = answerTo({ primary, other }, []);
  assert.ok(both.answer.length <= 3 * both.asked);
  for (const attribute of [
    ['RESPONSE-PORT', 6000],
    ['CHANGE-REQUEST', { ip: true, port: true }],
    ['PADDING', new Uint8Array(8)],
  ]) {
    const refused = answerTo({ primary }, [attribute]);
    assert.equal(decodeMessage(refused.answer).errorCode.code, 420);
    assert.ok(refused.answer.length <= 2 * refused.asked);
  }
});

test('a source has a rate, loopback has none', () => {
  const primary = at('198.51.100.1', 3478);
  const server = new StunServer({ primary, rate: 10 });
  const answers = (address) => {
    let count = 0;
    for (let i = 0; i < 100; i++) {
      server.receive(0, { local: primary, remote: at(address, 5000), protocol: 'udp', bytes: binding });
      if (server.pollTransmit()) count++;
    }
    return count;
  };
  assert.equal(answers('192.0.2.1'), 25);
  assert.equal(answers('127.0.0.1'), 100);
});

test('memory of the wasm is freed by `free` and by `using`', () => {
  const primary = at('198.51.100.1', 3478);
  for (const made of [new StunServer({ primary }), new NatDiscovery({ server: primary })]) {
    assert.equal(typeof made[Symbol.dispose], 'function');
    made[Symbol.dispose]();
    assert.throws(() => made.pollTransmit());
  }
});

test('serveStun answers IPv6 clients, and link-local ones, with their address', async (t) => {
  const { networkInterfaces } = await import('node:os');
  const local = Object.entries(networkInterfaces())
    .flatMap(([name, list]) => list.map((one) => ({ name, ...one })))
    .find(({ address }) => address.startsWith('fe80:'));
  let server;
  try {
    server = await serveStun({ primary: { address: '::', port: 0, family: 'ipv6' } });
  } catch (error) {
    return t.skip(`no IPv6 here: ${error.code}`);
  }
  try {
    const { port } = server.addresses[0];
    const ask = async (address) => {
      const socket = createSocket({ type: 'udp6', ipv6Only: true });
      socket.bind(0, address);
      await once(socket, 'listening');
      socket.send(binding, port, address);
      const [bytes] = await once(socket, 'message');
      socket.close();
      return decodeMessage(bytes).mappedAddress.address;
    };
    assert.equal(await ask('::1'), '::1');
    if (local === undefined) return t.diagnostic('no link-local address here');
    assert.equal(await ask(`${local.address}%${local.name}`), local.address);
    const stream = connect({ host: `${local.address}%${local.name}`, port });
    stream.write(binding);
    const [bytes] = await once(stream, 'data');
    assert.equal(decodeMessage(bytes).mappedAddress.address, local.address);
    stream.destroy();
  } finally {
    await server.close();
  }
});

test('serveStun sends the longest answer there is: padding and a long SOFTWARE', { timeout: 30_000 }, async (t) => {
  const port = 20_000 + Math.floor(Math.random() * 30_000);
  const software = 'x'.repeat(763);
  const server = await serveStun({ primary: at('127.0.0.1', port), other: at('127.0.0.2', port + 1), software });
  t.after(() => server.close());
  const padding = new Uint8Array(2048);
  const bytes = encodeMessage({ class: 'request', method: 'binding', attributes: [['PADDING', padding]] });
  const alone = answerTo({ primary: at('127.0.0.1', port), other: at('127.0.0.2', port + 1), software }, [
    ['PADDING', padding],
  ]);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  const answered = once(socket, 'message');
  socket.send(bytes, port, '127.0.0.1');
  const [answer] = await answered;
  assert.equal(answer.length, alone.answer.length);
  assert.ok(answer.length > 2048 + 763);
});

test('port 0 is one port for UDP and TCP: when TCP has it taken, another is tried', async (t) => {
  const listen = Server.prototype.listen;
  const blocked = [];
  let busy = 0;
  // Somebody else takes the port for TCP, twice, between the binding of UDP and that of TCP.
  const taken = t.mock.method(Server.prototype, 'listen', function (options, done) {
    // Another program of this machine may have it too.
    const real = () => {
      this.once('error', () => busy++);
      listen.call(this, options, done);
    };
    if (blocked.length === 2) real();
    else {
      const other = new Server();
      other.once('error', real);
      listen.call(other, options, () => {
        blocked.push({ other, port: options.port });
        listen.call(this, options, done);
      });
    }
    return this;
  });
  const server = await serveStun({ primary: at('127.0.0.1', 0) });
  const { port } = server.addresses[0];
  assert.equal(taken.mock.callCount(), blocked.length + busy + 1);
  assert.equal(blocked.length, 2);
  assert.ok(blocked.every((it) => it.port !== port));
  const stream = connect(port, '127.0.0.1');
  await once(stream, 'connect');
  stream.destroy();
  await server.close();
  // A port that was asked for by its number is that one or none.
  const fixed = blocked[0].port;
  taken.mock.restore();
  await assert.rejects(serveStun({ primary: at('127.0.0.1', fixed) }), { code: 'EADDRINUSE' });
  for (const { other } of blocked) other.close();
});
