// Peers that do everything wrong at once, against `icelens serve` and the worker's Node handler: both keep answering others.
// `SECONDS=600 node --test pkg-tests/serve-chaos.test.mjs` goes on for ten minutes.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeMessage } from 'icelens';
import { spawn } from './lib/ends.mjs';
import { once, spawnSync } from './lib/limited.mjs';

const SECONDS = Number(process.env.SECONDS ?? 5);
/** Megabytes that a server may grow by, whatever its peers do. */
const MAX_GROWTH = 120;
/** Milliseconds in which others are answered; the machine may be busy with the chaos itself. */
const PATIENCE = 20_000;
/**
 * Address of those who behave. A server gives each address its share of connections, so that one which holds too many ends
 * its own: who asks from the address of the attackers would lose its connection to them. All of 127/8 is bound on Linux
 * and Windows only.
 */
const OTHERS = ['linux', 'win32'].includes(process.platform) ? '127.0.0.2' : undefined;

const root = fileURLToPath(new URL('..', import.meta.url));
const binding = Buffer.from(encodeMessage({ class: 'request', method: 'binding' }));
const random = (() => {
  let state = 20261128;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
})();

// ------------------------------------------------------------------------------------------------- servers

/** Starts a program; `port` is what `listening` finds in its first words. */
async function start(command, args, listening) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const server = { child, said: '', exited: null, port: 0 };
  child.stderr.on('data', (chunk) => (server.said += chunk));
  child.on('exit', (code, signal) => (server.exited = { code, signal }));
  const [first] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  server.port = Number(listening.exec(String(first))?.[1]);
  child.stdout.resume();
  assert.ok(server.port > 0, `it did not start: ${first} ${server.said}`);
  return server;
}

const bin = join(root, 'pkg/bin/icelens.js');
const serve = (address) => start(process.execPath, [bin, 'serve', address, '--port', '0'], /:(\d+)/);

const handler = `
import { createServer } from 'node:http';
import { attach } from './worker/dist/node.js';
const server = createServer((request, response) => response.end('page'));
attach(server);
server.listen(0, '127.0.0.1', () => console.log(':' + server.address().port));`;
const worker = () => start(process.execPath, ['--input-type=module', '-e', handler], /:(\d+)/);

function megabytes({ child }) {
  if (!existsSync('/proc/self/status')) return 0;
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000;
}

// ------------------------------------------------------------------------------------------------- peers

/** A TCP connection that fails quietly. */
function dial(port, host = '127.0.0.1', localAddress = undefined) {
  const socket = connect({ port, host, localAddress });
  socket.on('error', () => {});
  // Flows, so that the other end's close is seen.
  return socket.resume();
}

/** The first of some events, or the end of the socket; never an error. Resolves with what came, or null. */
function first(socket, name, milliseconds = PATIENCE) {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve(null);
    const done = (...what) => {
      clearTimeout(timer);
      socket.off(name, came).off('close', gone);
      resolve(what.length > 0 ? what : null);
    };
    const came = (what) => done(what);
    const gone = () => done();
    const timer = setTimeout(gone, milliseconds);
    socket.on(name, came).on('close', gone);
  });
}

const opened = async (socket) => {
  await first(socket, 'connect');
  return socket;
};

const upgrade = (host = 'localhost', path = '/stun', more = '') =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`,
  );
const frame = (payload, first = 0x82) =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

/** Resets after each number of bytes of what a client would send, now or when an answer may be under way. */
async function resets(port, bytes) {
  for (let length = 0; length <= bytes.length; length += bytes.length > 64 ? 1 + random(16) : 1) {
    const socket = await opened(dial(port));
    if (length > 0) socket.write(bytes.subarray(0, length));
    if (random(2)) await sleep(random(3));
    socket.resetAndDestroy();
  }
}

/** Keeps connections open that say nothing, half a message, a byte now and then, or that close their own half. */
async function holds(port, bytes, until) {
  const sockets = await Promise.all(Array.from({ length: 120 }, () => opened(dial(port))));
  for (const [index, socket] of sockets.entries()) {
    if (index % 4 === 1) socket.write(bytes.subarray(0, 7));
    if (index % 4 === 2) socket.end(bytes.subarray(0, 11));
  }
  for (let i = 0; Date.now() < until && i < bytes.length; i++) {
    for (let k = 3; k < sockets.length; k += 4) sockets[k].write(bytes.subarray(i, i + 1));
    await sleep(50);
  }
  for (const socket of sockets) random(2) ? socket.destroy() : socket.resetAndDestroy();
}

/** Asks for ever and never reads an answer. */
async function neverReads(port, hello, request, until) {
  const socket = await opened(dial(port).pause());
  socket.write(hello);
  const many = Buffer.concat(Array.from({ length: 100 }, () => request));
  while (Date.now() < until && !socket.destroyed) {
    if (!socket.write(many)) await first(socket, 'drain', 200);
    await sleep(20);
  }
  socket.destroy();
}

/** Datagrams of every length and kind. */
async function datagrams(port, until) {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  while (Date.now() < until) {
    for (let i = 0; i < 50; i++) {
      const length = [0, 1, 19, 20, 21, 600, 9000, 65507][random(8)];
      const bytes = Buffer.alloc(length, random(256));
      if (random(2)) binding.copy(bytes);
      if (length > 20 && random(2)) bytes.writeUInt16BE(random(2) ? length - 20 : random(65536), 2);
      socket.send(bytes, port, '127.0.0.1', () => {});
    }
    await sleep(5);
  }
  socket.close();
}

/** A neighbour at its link-local address; null where there is no such address. */
const neighbour = Object.entries(networkInterfaces())
  .flatMap(([name, list]) => list.map(({ address }) => `${address}%${name}`))
  .find((address) => address.startsWith('fe80:'));

async function linkLocal(port, until) {
  const socket = createSocket({ type: 'udp6', ipv6Only: true });
  socket.on('error', () => {});
  socket.bind(0, neighbour);
  await once(socket, 'listening');
  let answers = 0;
  socket.on('message', () => answers++);
  const end = Date.now() + PATIENCE;
  while (Date.now() < until || (answers === 0 && Date.now() < end)) {
    socket.send(random(2) ? binding : 'x', port, neighbour);
    dial(port, neighbour).end(binding);
    await sleep(20);
  }
  socket.close();
  return answers;
}

/** Requests from port 0, which only a raw socket can send. */
const portZero = `
import socket, struct, sys
port = int(sys.argv[1]); s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
data = bytes.fromhex('000100002112a442') + bytes(12)
for i in range(50): s.sendto(struct.pack('!HHHH', 0, port, 8 + len(data), 0) + data, ('127.0.0.1', 0))`;

// ------------------------------------------------------------------------------------------------- those who behave

const answered = {
  async udp(port, family = 4, host = '127.0.0.1') {
    const socket = createSocket(`udp${family}`);
    try {
      // UDP may lose a request under such load: ask again, as RFC 8489 does.
      const asking = setInterval(() => socket.send(binding, port, host, () => {}), 100);
      const got = await first(socket, 'message');
      clearInterval(asking);
      return got !== null;
    } finally {
      socket.close();
    }
  },
  async tcp(port) {
    const socket = dial(port, '127.0.0.1', OTHERS);
    socket.write(binding);
    const got = await first(socket, 'data');
    socket.destroy();
    return got !== null;
  },
  async webSocket(port) {
    const socket = dial(port, '127.0.0.1', OTHERS);
    socket.write(Buffer.concat([upgrade(), frame(binding)]));
    let got = Buffer.alloc(0);
    socket.on('data', (chunk) => (got = Buffer.concat([got, chunk])));
    const end = Date.now() + PATIENCE;
    // The frame of a success response follows the head.
    while (Date.now() < end && !socket.destroyed && !got.includes(Buffer.from([0x01, 0x01, 0x00]))) await sleep(10);
    socket.destroy();
    return got.includes(Buffer.from([0x01, 0x01, 0x00]));
  },
};

/** Runs attacks until the time is over, while others ask; returns how often they were answered. */
async function endure(server, attacks, asks) {
  const before = megabytes(server);
  const until = Date.now() + SECONDS * 1000;
  const goOn = async (attack) => {
    while (Date.now() < until && server.exited === null) await attack(until);
  };
  const attackers = attacks.map(goOn);
  let count = 0;
  let most = 0;
  const unanswered = [];
  while (Date.now() < until && server.exited === null) {
    for (const [name, ask] of Object.entries(asks)) {
      if (await ask()) count++;
      else unanswered.push(name);
    }
    most = Math.max(most, server.exited === null ? megabytes(server) - before : 0);
    await sleep(50);
  }
  await Promise.all(attackers);
  // Without the lines of minified code that Node shows.
  const said = server.said.split('\n').filter((line) => line !== '' && line.length < 300);
  assert.deepEqual([server.exited, said], [null, []], 'it runs, and complains of nothing');
  assert.deepEqual(unanswered, []);
  assert.ok(count > 0, 'somebody asked');
  assert.ok(most < MAX_GROWTH, `it grew by ${Math.round(most)} MB`);
  return count;
}

const alone = { concurrency: false, timeout: (SECONDS + 120) * 1000 };

test('icelens serve', alone, async (t) => {
  const server = await serve('127.0.0.1');
  t.after(() => server.child.kill());
  const { port } = server;
  const attacks = [
    () => resets(port, binding),
    (until) => holds(port, binding, until),
    ...Array.from({ length: 5 }, () => (until) => neverReads(port, Buffer.alloc(0), binding, until)),
    (until) => datagrams(port, until),
  ];
  const zero = process.getuid?.() === 0 ? spawnSync('python3', ['-c', portZero, String(port)]) : { status: null };
  if (zero.status !== 0) t.diagnostic('port 0 was left out: it needs root and python3');
  const count = await endure(server, attacks, { udp: () => answered.udp(port), tcp: () => answered.tcp(port) });
  t.diagnostic(`${count} answers to others`);
});

test('a crowd at one address does not end the connection of another', alone, async (t) => {
  if (OTHERS === undefined) return t.skip('needs a second address');
  const server = await serve('127.0.0.1');
  t.after(() => server.child.kill());
  const other = await opened(dial(server.port, '127.0.0.1', OTHERS));
  const crowd = await Promise.all(Array.from({ length: 120 }, () => opened(dial(server.port))));
  // The server has taken them all when those over the share of their address are closed.
  const over = crowd.slice(0, 70).map((socket) => first(socket, 'end'));
  await Promise.all(over);
  other.write(binding);
  assert.notEqual(await first(other, 'data'), null);
  for (const socket of [other, ...crowd]) socket.destroy();
});

test('icelens serve, IPv6 and link-local neighbours', alone, async (t) => {
  if (neighbour === undefined) return t.skip('no link-local address here');
  const server = await serve('::');
  t.after(() => server.child.kill());
  let answers = 0;
  const attacks = [
    async (until) => {
      answers += await linkLocal(server.port, Math.min(until, Date.now() + 1000));
    },
  ];
  await endure(server, attacks, { udp: () => answered.udp(server.port, 6, '::1') });
  assert.ok(answers > 0, 'neighbours are answered too');
});

test('icelens serve without file descriptors', alone, async (t) => {
  if (process.platform === 'win32') return t.skip('no ulimit here');
  const command = `ulimit -n 40; exec "$0" "$1" serve 127.0.0.1 --port 0`;
  const server = await start('sh', ['-c', command, process.execPath, bin], /:(\d+)/);
  t.after(() => server.child.kill());
  const exhaust = async () => {
    const sockets = Array.from({ length: 200 }, () => dial(server.port));
    await Promise.all(sockets.map(opened));
    await sleep(100);
    for (const socket of sockets) socket.destroy();
    await sleep(100);
  };
  await endure(server, [exhaust], { udp: () => answered.udp(server.port) });
  // It may not have seen yet that the others went.
  const end = Date.now() + PATIENCE;
  let again = await answered.tcp(server.port);
  while (!again && Date.now() < end) {
    await sleep(50);
    again = await answered.tcp(server.port);
  }
  assert.ok(again, 'and over TCP when there are some again');
});

test("the worker's Node handler", alone, async (t) => {
  const server = await worker();
  t.after(() => server.child.kill());
  const { port } = server;
  const whole = Buffer.concat([upgrade(), frame(binding)]);
  const attacks = [
    () => resets(port, whole),
    () => resets(port, upgrade('localhost', '/other')),
    () => resets(port, upgrade('localhost', '/stun', 'Origin: http://evil.example\r\n')),
    (until) => holds(port, whole, until),
    ...Array.from({ length: 5 }, () => (until) => neverReads(port, upgrade(), frame(binding), until)),
    (until) => neverReads(port, upgrade(), frame(Buffer.alloc(125), 0x89), until),
    async () => {
      for (const host of ['[', '', ':', 'a b', '\x01', '%', 'x'.repeat(4000)]) {
        dial(port).write(upgrade(host, '/stun', 'Origin: http://x\r\n'));
        await sleep(5);
      }
    },
  ];
  const count = await endure(server, attacks, { webSocket: () => answered.webSocket(port) });
  t.diagnostic(`${count} answers to others`);
});
