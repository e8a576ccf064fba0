// `npm start` as a person runs it: one URL, a page, a worker, STUN over UDP, and a clean end.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { it } from 'node:test';
import { decodeMessage, encodeMessage } from 'icelens';
import { WebSocket } from 'ws';
import { spawn } from '../../pkg-tests/lib/ends.mjs';
import { once } from '../../pkg-tests/lib/limited.mjs';
import { root } from '../lib/run.mjs';

function start(...args) {
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = { child, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      started.output += chunk;
    });
  }
  return started;
}

async function url(started) {
  while (started.child.exitCode === null) {
    const found = started.output.match(/icelens: (http:\S+)/);
    if (found) return new URL(found[1]);
    await Promise.race([once(started.child.stdout, 'data'), once(started.child, 'exit')]);
  }
  throw new Error(`npm start ended:\n${started.output}`);
}

async function overUdp(host, port) {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.send(encodeMessage({ class: 'request', method: 'binding' }), port, host);
  const [bytes] = await once(socket, 'message');
  const own = socket.address().port;
  socket.close();
  return { message: decodeMessage(bytes), own };
}

async function overWebSocket(page) {
  const target = new URL('/stun', page);
  target.protocol = 'ws:';
  const socket = new WebSocket(target, 'stun.icelens.v1', { origin: page.origin });
  await once(socket, 'open');
  socket.send(encodeMessage({ class: 'request', method: 'binding' }));
  const [bytes] = await once(socket, 'message');
  socket.terminate();
  return decodeMessage(new Uint8Array(bytes));
}

it('serves the page, the worker and STUN over UDP, and ends on Ctrl-C', async () => {
  const started = start('--port', '0');
  try {
    const page = await url(started);
    const html = await (await fetch(page)).text();
    assert.match(html, /<title>[^<]*icelens/i);
    assert.equal((await (await fetch(new URL('/health', page))).json()).status, 'ok');
    assert.equal((await overWebSocket(page)).class, 'success');
    const servers = await (await fetch(new URL('/ice-servers', page))).json();
    assert.ok(servers.length >= 1);
    for (const { urls } of servers) {
      const [, host, port] = urls.match(/^stun:([\d.]+):(\d+)$/);
      const { message, own } = await overUdp(host, Number(port));
      assert.deepEqual(message.mappedAddress, { address: '127.0.0.1', port: own, family: 'ipv4' });
    }
    const ended = once(started.child, 'exit');
    started.child.kill('SIGINT');
    assert.deepEqual(await ended, [130, null]);
    await assert.rejects(fetch(new URL('/health', page)), 'nothing listens any more');
  } finally {
    started.child.kill('SIGKILL');
  }
});

it('says what to do when the port asked for is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const started = start('--port', String(other.address().port));
  const [code] = await once(started.child, 'exit');
  other.close();
  assert.equal(code, 1);
  assert.match(started.output, /in use: choose another with --port/);
});
