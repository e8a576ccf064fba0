// The worker in workerd, asked by a real WebSocket client.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { decodeMessage, encodeMessage } from 'icelens';
import { startWorker, wranglerConfig } from '../../scripts/lib/worker.mjs';
import { ask, closed, connect, handshakeStatus, start } from './lib.mjs';

const id = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
const binding = encodeMessage({ class: 'request', method: 'binding', transactionId: id });

async function exchange(worker, message, options) {
  const socket = await connect(worker, options);
  const result = await ask(socket, message);
  socket.terminate();
  return result;
}

describe('a Binding request', () => {
  let worker;
  before(async () => {
    worker = await startWorker();
  });
  after(() => worker.stop());

  it('gets a success response with the address of the client, SOFTWARE and FINGERPRINT', async () => {
    const { reply } = await exchange(worker, binding);
    const message = decodeMessage(reply);
    assert.equal(message.class, 'success');
    assert.equal(message.method, 'binding');
    assert.deepEqual(message.transactionId, id);
    assert.deepEqual(message.mappedAddress, { address: '127.0.0.1', port: 0, family: 'ipv4' });
    assert.equal(message.fingerprint, 'valid');
    assert.equal(message.software, 'icelens');
    assert.deepEqual(
      message.attributes.map(({ name }) => name),
      ['XOR-MAPPED-ADDRESS', 'SOFTWARE', 'FINGERPRINT'],
    );
  });

  it('has the bytes that PROTOCOL.md shows', async () => {
    const { reply } = await exchange(worker, Buffer.from('000100002112a4420102030405060708090a0b0c', 'hex'), {
      headers: { 'CF-Connecting-IP': '192.0.2.1' },
    });
    const hex = Buffer.from(reply).toString('hex');
    assert.match(hex, /^0101....2112a4420102030405060708090a0b0c0020000800012112e112a643/);
  });

  it('in the classic dialect gets MAPPED-ADDRESS', async () => {
    const transactionId = Uint8Array.from({ length: 16 }, (_, i) => 200 + i);
    const request = encodeMessage({ class: 'request', method: 'binding', dialect: 'rfc3489', transactionId });
    const message = decodeMessage((await exchange(worker, request)).reply);
    assert.equal(message.dialect, 'rfc3489');
    assert.deepEqual(message.transactionId, transactionId);
    assert.deepEqual(
      message.attributes.map(({ name }) => name),
      ['MAPPED-ADDRESS'],
    );
    assert.equal(message.mappedAddress.address, '127.0.0.1');
  });

  it('with an unknown required attribute gets 420 that names it', async () => {
    const attributes = [[0x7f77, new Uint8Array([1, 2, 3])]];
    const request = encodeMessage({ class: 'request', method: 'binding', transactionId: id, attributes });
    const message = decodeMessage((await exchange(worker, request)).reply);
    assert.equal(message.class, 'error');
    assert.equal(message.errorCode.code, 420);
    assert.deepEqual([...message.get('UNKNOWN-ATTRIBUTES')], [0x7f77]);
  });

  it('with another method gets 400', async () => {
    const request = encodeMessage({ class: 'request', method: 'allocate', transactionId: id });
    assert.equal(decodeMessage((await exchange(worker, request)).reply).errorCode.code, 400);
  });

  it('whose attribute runs over its end gets 400 with its transaction id', async () => {
    const request = Buffer.concat([binding, Buffer.from('0006ffff', 'hex')]);
    request.writeUInt16BE(4, 2);
    const message = decodeMessage((await exchange(worker, request)).reply);
    assert.equal(message.errorCode.code, 400);
    assert.deepEqual(message.transactionId, id);
  });

  it('comes again and again on one connection', async () => {
    const socket = await connect(worker);
    for (let i = 0; i < 50; i++) {
      const transactionId = id.map((byte) => byte + i);
      const { reply } = await ask(socket, encodeMessage({ class: 'request', method: 'binding', transactionId }));
      assert.deepEqual(decodeMessage(reply).transactionId, transactionId);
    }
    socket.terminate();
  });
});

describe('the mapped address', () => {
  const mapped = async (worker, headers) =>
    decodeMessage((await exchange(worker, binding, { headers })).reply).mappedAddress;

  it('is CF-Connecting-IP, of either family', async (t) => {
    const worker = await start(t);
    const v4 = await mapped(worker, { 'CF-Connecting-IP': '203.0.113.9', 'X-Client-Port': '4242' });
    assert.deepEqual(
      v4,
      { address: '203.0.113.9', port: 0, family: 'ipv4' },
      'a header that is not trusted is not read',
    );
    const v6 = await mapped(worker, { 'CF-Connecting-IP': '2001:db8::abcd' });
    assert.deepEqual(v6, { address: '2001:db8::abcd', port: 0, family: 'ipv6' });
  });

  it('has the port of the header that the operator trusts', async (t) => {
    const worker = await start(t, { vars: { CLIENT_PORT_HEADER: 'X-Client-Port' } });
    const port = async (text) =>
      (await mapped(worker, { 'CF-Connecting-IP': '203.0.113.9', 'X-Client-Port': text })).port;
    assert.equal(await port('4242'), 4242);
    assert.equal(await port('65536'), 0);
    assert.equal(await port('-1'), 0);
    assert.equal(await port('4242x'), 0);
    assert.equal((await mapped(worker, {})).port, 0);
  });
});

describe('the handshake', () => {
  let worker;
  before(async () => {
    worker = await startWorker({ vars: { ALLOWED_ORIGINS: 'https://good.example, https://other.example' } });
  });
  after(() => worker.stop());
  const status = (options) => handshakeStatus(worker, options);

  it('answers with the first subprotocol that it knows', async () => {
    for (const [protocols, expected] of [
      [['stun.icelens.v1'], 'stun.icelens.v1'],
      [['stun'], 'stun'],
      [['other', 'stun', 'stun.icelens.v1'], 'stun.icelens.v1'],
      [[], ''],
    ]) {
      const socket = await connect(worker, { protocols });
      assert.equal(socket.protocol, expected);
      socket.terminate();
    }
  });

  it('refuses a client that offers only others', async () => {
    assert.equal(await status({ protocols: ['turn'] }), 400);
  });

  it('admits the origins of the list and clients that are not browsers, and no others', async () => {
    assert.equal(await status({ headers: { Origin: 'https://good.example' } }), 101);
    assert.equal(await status({ headers: { Origin: 'https://other.example' } }), 101);
    assert.equal(await status({ headers: { Origin: 'https://evil.example' } }), 403);
    assert.equal(await status({ headers: { Origin: 'null' } }), 403);
    assert.equal(await status({}), 101);
  });

  it('refuses what is no WebSocket', async () => {
    const get = await fetch(new URL('/stun', worker.url));
    assert.equal(get.status, 426);
    assert.match(await get.text(), /new WebSocket/);
    const post = await fetch(new URL('/stun', worker.url), { method: 'POST', body: binding });
    assert.equal(post.status, 405);
  });

  it('has no compression', async (t) => {
    // Straight to the worker: the server that miniflare puts in front negotiates for itself.
    const direct = await start(t, { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] });
    const url = await direct.miniflare.unsafeGetDirectURL();
    const socket = await connect({ url }, { perMessageDeflate: true, headers: { 'CF-Connecting-IP': '192.0.2.1' } });
    assert.equal(socket.extensions, '');
    socket.terminate();
  });

  it('limits new connections where the operator asks for it', async (t) => {
    const limited = await start(t, { ratelimits: { CONNECTIONS: { simple: { limit: 2, period: 60 } } } });
    const open = async (ip) => {
      const headers = { 'CF-Connecting-IP': ip };
      return handshakeStatus(limited, { headers });
    };
    const network = ['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:1::3'];
    assert.deepEqual([await open(network[0]), await open(network[1]), await open(network[2])], [101, 101, 429]);
    assert.equal(await open('2001:db8:0:2::1'), 101);
    // However the zeros of a network are written, it is one client.
    assert.deepEqual(
      [await open('2001:db8::1'), await open('2001:db8::2'), await open('2001:db8::3')],
      [101, 101, 429],
    );
  });

  it('limits them as deployed, except those of this machine', async (t) => {
    const worker = await start(t);
    const { limit } = wranglerConfig().ratelimits[0].simple;
    const statuses = [];
    for (let i = 0; i <= limit; i++) {
      statuses.push(await handshakeStatus(worker, { headers: { 'CF-Connecting-IP': '198.51.100.77' } }));
    }
    assert.deepEqual(new Set(statuses), new Set([101, 429]));
    assert.equal(statuses[0], 101);
    assert.equal(await handshakeStatus(worker, { headers: { 'CF-Connecting-IP': '127.0.0.1' } }), 101);
  });
});

describe('by default', () => {
  it('only pages served here may connect', async (t) => {
    const worker = await start(t);
    const own = await connect(worker, { headers: { Origin: worker.url.origin } });
    own.terminate();
    await assert.rejects(connect(worker, { headers: { Origin: 'https://evil.example' } }), { status: 403 });
  });
});

describe('credentials', () => {
  const request = (init) => encodeMessage({ class: 'request', method: 'binding', transactionId: id, ...init });

  it('short-term ones sign the answer', async (t) => {
    const vars = { STUN_USERNAME: 'ann', STUN_PASSWORD: 'secret' };
    const worker = await start(t, { vars });
    const attributes = [['USERNAME', 'ann']];
    const answer = async (init) => decodeMessage((await exchange(worker, request(init))).reply);
    const good = await answer({ attributes, integrity: { password: 'secret' } });
    assert.equal(good.class, 'success');
    assert.equal(good.verify({ password: 'secret' }), 'valid');
    assert.equal((await answer({ attributes, integrity: { password: 'wrong' } })).errorCode.code, 401);
    assert.equal((await answer({})).errorCode.code, 400);
  });

  it('long-term ones challenge first', async (t) => {
    const vars = { STUN_USERNAME: 'ann', STUN_PASSWORD: 'secret', STUN_REALM: 'example.org' };
    const worker = await start(t, { vars });
    const socket = await connect(worker);
    const challenge = decodeMessage((await ask(socket, request({}))).reply);
    assert.equal(challenge.errorCode.code, 401);
    assert.equal(challenge.realm, 'example.org');
    const attributes = [
      ['USERNAME', 'ann'],
      ['REALM', 'example.org'],
      ['NONCE', challenge.nonce],
    ];
    const credentials = { username: 'ann', realm: 'example.org', password: 'secret' };
    const answer = decodeMessage((await ask(socket, request({ attributes, integrity: credentials }))).reply);
    assert.equal(answer.class, 'success');
    assert.equal(answer.verify(credentials), 'valid');
    const stale = attributes.map(([name, value]) => [name, name === 'NONCE' ? `${value.slice(0, -1)}!` : value]);
    const again = decodeMessage((await ask(socket, request({ attributes: stale, integrity: credentials }))).reply);
    assert.equal(again.errorCode.code, 438);
    socket.terminate();
  });

  it('that are half set are an error that names them', async (t) => {
    const worker = await start(t, { vars: { STUN_USERNAME: 'ann' } });
    const response = await fetch(new URL('/stun', worker.url));
    assert.equal(response.status, 500);
    assert.match(await response.text(), /STUN_PASSWORD/);
  });
});

describe('besides /stun', () => {
  it('/health tells the version, /ice-servers what the page proposes, and other paths are not there', async (t) => {
    const worker = await start(t, { vars: { ICE_SERVERS: 'stun:127.0.0.1:3478, stun:127.0.0.2:3478' } });
    const get = async (path) => fetch(new URL(path, worker.url));
    assert.equal((await (await get('/health')).json()).status, 'ok');
    const servers = await (await get('/ice-servers')).json();
    assert.deepEqual(servers, [{ urls: 'stun:127.0.0.1:3478' }, { urls: 'stun:127.0.0.2:3478' }]);
    assert.equal((await get('/nothing')).status, 404);
  });

  it('every answer tells the browser how little it may do', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'icelens-page-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
    const worker = await start(t, { assets: folder });
    for (const path of ['/', '/index.html', '/health', '/ice-servers', '/stun', '/nothing']) {
      const { headers } = await fetch(new URL(path, worker.url));
      const policy = headers.get('Content-Security-Policy') ?? '';
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /script-src[^;]*'unsafe-(inline|eval)'/, path);
      assert.equal(headers.get('X-Content-Type-Options'), 'nosniff', path);
      assert.equal(headers.get('X-Frame-Options'), 'DENY', path);
      assert.match(headers.get('Permissions-Policy') ?? '', /camera=\(\)/, path);
      assert.equal(headers.get('Referrer-Policy'), 'no-referrer', path);
    }
  });
});

describe('compatibility dates', () => {
  // Before and after: Blob as the default of binary messages (2026-03-17), an automatic answer to Close (2026-04-07).
  for (const date of ['2025-09-01', '2026-03-16', '2026-03-20', wranglerConfig().compatibility_date]) {
    it(date, async (t) => {
      const worker = await start(t, { date });
      const socket = await connect(worker);
      assert.equal(decodeMessage((await ask(socket, binding)).reply).class, 'success');
      const end = closed(socket);
      socket.close(1000);
      assert.equal(await end, 1000, 'the Close is answered');
      assert.equal((await exchange(worker, 'text')).close, 1003);
    });
  }
});
