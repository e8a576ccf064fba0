// The same handler on Node, where the client's port is known.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, it } from 'node:test';
import { decodeMessage, encodeMessage } from 'icelens';
import { attach } from '../dist/node.js';
import { ask, connect, handshakeStatus } from './lib.mjs';

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
});
