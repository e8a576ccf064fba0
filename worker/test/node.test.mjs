// The same handler on Node, where the client's port is known.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createConnection } from 'node:net';
import { after, before, it } from 'node:test';
import { decodeMessage, encodeMessage } from 'icelens';
import { once } from '../../pkg-tests/lib/limited.mjs';
import { attach, settings } from '../dist/node.js';
import { ask, closed, connect, handshakeStatus } from './lib.mjs';

const binding = encodeMessage({ class: 'request', method: 'binding' });
let server;
let detach;
let node;

before(async () => {
  server = createServer((_, response) => response.writeHead(404).end());
  detach = attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  node = { url: new URL(`http://127.0.0.1:${server.address().port}/`) };
});
after(async () => {
  detach();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

it('answers with the address and port of the client', async () => {
  const socket = await connect(node);
  const { mappedAddress } = decodeMessage((await ask(socket, binding)).reply);
  assert.deepEqual(mappedAddress, { address: '127.0.0.1', port: socket._socket.localPort, family: 'ipv4' });
  socket.terminate();
});

it('closes as the protocol says', async () => {
  const close = async (message) => {
    const result = await ask(await connect(node), message);
    return result.close;
  };
  assert.equal(await close('text'), 1003);
  assert.equal(await close(new Uint8Array([0xff])), 1007);
  assert.equal(await close(new Uint8Array(1501)), 1009);
});

it('checks the handshake', async () => {
  assert.equal(await handshakeStatus(node, { headers: { Origin: 'https://evil.example' } }), 403);
  assert.equal(await handshakeStatus(node, { protocols: ['turn'] }), 400);
  assert.equal(await handshakeStatus(node, { headers: { Origin: node.url.origin } }), 101);
  // No origin of a page lacks the scheme, or has one of these.
  for (const Origin of [node.url.host, `ftp://${node.url.host}`, `http://http://${node.url.host}`]) {
    assert.equal(await handshakeStatus(node, { headers: { Origin } }), 403, Origin);
  }
});

it('refuses a bad Host, and other paths, and goes on', async () => {
  const status = async (host, path, origin) => {
    const socket = createConnection(node.url.port, '127.0.0.1');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: ${origin}\r\n\r\n`,
    );
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    return Number(/^HTTP\/1.1 (\d+)/.exec(chunk)[1]);
  };
  assert.equal(await status('[', '/stun', 'http://x'), 403);
  assert.equal(await status('x', '/other', 'http://x'), 404);
  const socket = await connect(node);
  assert.equal(decodeMessage((await ask(socket, binding)).reply).class, 'success');
  socket.terminate();
});

it('cuts off a client that does not read', async () => {
  const flooded = createServer();
  const limits = { ...settings({}).limits, rate: 1e6, burst: 1e6, answerBytes: 1e9 };
  const stop = attach(flooded, { ...settings({}), limits });
  flooded.listen(0, '127.0.0.1');
  await once(flooded, 'listening');
  const socket = await connect({ url: new URL(`http://127.0.0.1:${flooded.address().port}/`) });
  socket._socket.pause();
  const gone = closed(socket._socket);
  const asking = setInterval(() => {
    for (let i = 0; i < 5000 && socket.readyState === 1; i++) socket.send(binding, () => {});
  }, 20);
  socket.on('error', () => {});
  // The server's reset is seen when there is something to write.
  await gone;
  clearInterval(asking);
  stop();
  flooded.close();
});
