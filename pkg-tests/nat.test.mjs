// NAT inference, the procedures, the STUN server and the command line, through the built package.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeMessage, encodeMessage, inferNat, NatDiscovery, predictTraversal, StunServer } from 'icelens';
import { discoverNat, serveStun } from 'icelens/node';
import { spawn } from './lib/ends.mjs';
import { once } from './lib/limited.mjs';

const at = (address, port) => ({ address, port, family: 'ipv4' });
const base = '192.168.1.7:51000';
const answer = (destination, mapped, more = {}) => ({ base, destination, mapped, source: 'stun', ...more });

test('inferNat keeps the observations and names its evidence', () => {
  const observations = [
    answer('198.51.100.1:3478', '203.0.113.5:40000'),
    answer('198.51.100.2:3478', '203.0.113.5:40000'),
  ];
  const report = inferNat(observations);
  const [path] = report.paths;
  assert.equal(path.mapping.value, 'endpoint-independent');
  assert.deepEqual(path.mapping.evidence, [0, 1]);
  assert.equal(path.filtering.value, 'unknown');
  assert.equal(path.classic, 'cone');
  assert.deepEqual(path.exits, ['203.0.113.5']);
  assert.deepEqual(report.observations, observations);
  assert.equal(report.complete, false);
  assert.deepEqual(path.forecast, []);
});

test('inferNat tells silence, a dropped candidate and an error apart', () => {
  const first = answer('198.51.100.1:3478', '203.0.113.5:40000');
  const value = (second) => inferNat([first, second]).paths[0].mapping.value;
  assert.equal(value(answer('198.51.100.2:3478', null)), 'unknown');
  assert.equal(value(answer('198.51.100.2:3478', undefined, { source: 'srflx' })), 'endpoint-independent');
  const refused = inferNat([first, answer('198.51.100.1:3478', undefined, { test: 'change-ip-port', error: 420 })]);
  assert.equal(refused.paths[0].filtering.code, 'change-request-refused');
});

test('what inferNat cannot read is named', () => {
  const bad = (observation, message) => assert.throws(() => inferNat([observation]), { name: 'TypeError', message });
  bad({ base: 'x y', destination: '192.0.2.1:1', source: '' }, /observation 0: base 'x y'/);
  bad(answer('192.0.2.1:1', 'name:80'), /mapped 'name:80' is a name/);
  const odd = inferNat([answer('192.0.2.1:1', '203.0.113.5:1', { test: 'my own' })]);
  assert.ok(odd.warnings.some(({ code, text }) => code === 'unknown-test' && text.includes('my own')));
});

test('predictTraversal gives reasons, odds and advice', () => {
  const kind = (mapping, filtering) => ({ mapping, filtering });
  const symmetric = kind('address-and-port-dependent', 'address-and-port-dependent');
  const portRestricted = kind('endpoint-independent', 'address-and-port-dependent');
  const no = predictTraversal(symmetric, portRestricted);
  assert.deepEqual([no.direct, no.pair], [false, null]);
  assert.ok(no.odds.length > 0 && no.advice.includes('relay') && no.why.length > 0);
  const yes = predictTraversal(symmetric, kind('endpoint-independent', 'address-dependent'));
  assert.deepEqual([yes.direct, yes.pair, yes.odds], [true, 'prflx-srflx', []]);
  const both = kind('address-dependent', 'address-dependent');
  assert.equal(predictTraversal(both, both).direct, false);
  assert.equal(predictTraversal(both, both, { filterScope: 'endpoint' }).direct, true);
  assert.throws(() => predictTraversal({ mapping: 'cone', filtering: 'none' }, both), TypeError);
});

/** A discovery and a server joined by a function that may translate or drop each datagram. */
function join2(options, wire) {
  const server = new StunServer({ primary: at('198.51.100.1', 3478), other: at('198.51.100.2', 3479) });
  const discovery = new NatDiscovery({ server: at('198.51.100.1', 3478), ...options });
  let now = 0;
  for (let due = discovery.pollTimeout(); due !== null; due = discovery.pollTimeout()) {
    now = Math.max(now, due);
    discovery.timeout(now);
    for (let sent = discovery.pollTransmit(); sent; sent = discovery.pollTransmit()) {
      const out = wire.out(sent);
      if (out) server.receive(now, { ...out, local: out.remote, remote: out.local });
      for (let reply = server.pollTransmit(); reply; reply = server.pollTransmit()) {
        const back = wire.back({ ...reply, local: reply.remote, remote: reply.local });
        if (back) discovery.receive(now, back);
      }
    }
  }
  return { discovery, now };
}

test('NatDiscovery and StunServer share the poll shape', () => {
  const local = at('192.168.1.7', 51000);
  const mapped = at('203.0.113.5', 40000);
  const filters = {
    'full cone': () => true,
    'restricted cone': (contacted, { address }) => [...contacted].some((one) => one.startsWith(`${address}:`)),
    'port restricted cone': (contacted, { address, port }) => contacted.has(`${address}:${port}`),
  };
  for (const procedure of ['rfc5780', 'rfc3489']) {
    for (const [classic, passes] of Object.entries(filters)) {
      const contacted = new Set();
      const wire = {
        out: (sent) => {
          contacted.add(`${sent.remote.address}:${sent.remote.port}`);
          return { ...sent, local: mapped };
        },
        back: (reply) => (passes(contacted, reply.remote) ? { ...reply, local } : null),
      };
      const { discovery } = join2({ procedure, sockets: [local] }, wire);
      const report = discovery.report();
      assert.equal(report.paths[0].classic, classic, report.paths[0].filtering.why);
      assert.ok(discovery.finished && report.complete);
      assert.equal(discovery.pollEvent().type, 'sent');
    }
  }
});

test('a discovery that hears nothing ends, and says so', () => {
  const { discovery, now } = join2({}, { out: () => null, back: () => null });
  assert.ok(now < 7000, `${now} ms`);
  assert.equal(discovery.report().paths[0].classic, 'unknown');
  const tcp = { base: '0.0.0.0:0', destination: '198.51.100.1:3478', test: 'tcp', source: 'tcp' };
  assert.equal(discovery.report([tcp]).paths[0].classic, 'blocked');
});

test('StunServer refuses what it cannot use', () => {
  assert.throws(
    () => new StunServer({ primary: at('198.51.100.1', 3478), other: at('198.51.100.1', 3479) }),
    TypeError,
  );
  assert.throws(() => new StunServer({ primary: at('no address', 1) }), TypeError);
  const alone = new StunServer({ primary: at('198.51.100.1', 3478) });
  assert.equal(alone.addresses.length, 1);
  alone.receive(0, {
    local: at('198.51.100.1', 3478),
    remote: at('192.0.2.1', 9),
    protocol: 'udp',
    bytes: new Uint8Array(3),
  });
  assert.deepEqual([alone.pollTransmit(), alone.pollEvent().answeredFrom], [null, null]);
});

// ------------------------------------------------------------------------------------------------- real sockets

/** Two loopback addresses with two free ports each; null where the system has only 127.0.0.1. */
async function serve(options = {}) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    try {
      return await serveStun({ primary: at('127.0.0.1', port), other: at('127.0.0.2', port + 1), ...options });
    } catch (error) {
      if (error.code === 'EADDRNOTAVAIL') return null;
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('no free ports');
}

test('discoverNat finds that loopback has no NAT', async (t) => {
  const server = await serve();
  if (server === null) return t.skip('127.0.0.2 is not an address of this system');
  try {
    const report = await discoverNat({ servers: [server.addresses[0]] });
    assert.equal(report.paths[0].classic, 'open', report.paths[0].filtering.why);
    assert.ok(report.complete);
    assert.equal(report.paths[0].ports.value, 'preserved');
  } finally {
    await server.close();
  }
});

test('discoverNat can be aborted', async () => {
  const server = await serveStun({ primary: at('127.0.0.1', 0), tcp: false });
  const signal = AbortSignal.timeout(50);
  await assert.rejects(discoverNat({ servers: server.addresses, signal }), { name: 'TimeoutError' });
  await server.close();
});

test('STUN over TCP: messages in pieces and several at once', async () => {
  const server = await serveStun({ primary: at('127.0.0.1', 0) });
  const stream = connect(server.addresses[0].port, '127.0.0.1');
  const request = encodeMessage({ class: 'request', method: 'binding' });
  const both = Buffer.concat([request, request]);
  stream.write(both.subarray(0, 11));
  setTimeout(() => stream.write(both.subarray(11)), 20);
  let got = Buffer.alloc(0);
  for await (const chunk of stream) {
    got = Buffer.concat([got, chunk]);
    const length = 20 + (got.length >= 20 ? got.readUInt16BE(2) : 0);
    if (got.length >= 2 * length) break;
  }
  const first = decodeMessage(got.subarray(0, got.length / 2));
  assert.deepEqual([first.class, first.mappedAddress.address], ['success', '127.0.0.1']);
  // Bytes that are no STUN end the connection.
  const noise = connect(server.addresses[0].port, '127.0.0.1');
  noise.write('GET / HTTP/1.1\r\n\r\n'.padEnd(64));
  await once(noise.resume(), 'close');
  await server.close();
});

// ------------------------------------------------------------------------------------------------- command line

const bin = join(fileURLToPath(import.meta.resolve('icelens/package.json')), '../bin/icelens.js');

async function icelens(args, input) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: 'pipe' });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (chunk) => (text[name] += chunk));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...text };
}

test('icelens nat: verdict, JSON and exit code', async (t) => {
  const server = await serve();
  if (server === null) return t.skip('127.0.0.2 is not an address of this system');
  const url = `stun:127.0.0.1:${server.addresses[0].port}`;
  try {
    const said = await icelens(['nat', url, '--ports', '3']);
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stdout, /: open\n/);
    assert.match(said.stdout, /connects directly with open, full cone/);
    const json = JSON.parse((await icelens(['nat', url, '--json', '--ports', '0'])).stdout);
    assert.deepEqual([json.schema, json.exitCode, json.paths[0].classic], [1, 0, 'open']);
    for (const { evidence } of [json.paths[0].mapping, json.paths[0].filtering]) {
      assert.ok(evidence.every((index) => index < json.observations.length));
    }
  } finally {
    await server.close();
  }
});

test('icelens nat: a server with one address is inconclusive, silence too', async () => {
  const server = await serveStun({ primary: at('127.0.0.1', 0) });
  const one = await icelens(['nat', `127.0.0.1:${server.addresses[0].port}`]);
  assert.equal(one.code, 1);
  assert.match(one.stdout, /names no other address/);
  await server.close();
  const silent = await icelens(['nat', `127.0.0.1:${server.addresses[0].port}`, '--ports', '0']);
  assert.equal(silent.code, 1);
});

test('icelens: wrong usage is exit code 2, with what to do', async () => {
  const wrong = [
    ['nat', '--nonsense'],
    ['nat', 'http://x/'],
    ['serve', 'nowhere'],
    ['frob'],
    [],
    ['decode', 'ff'],
    ['nat', '--ports', 'x'],
  ];
  for (const args of wrong) {
    const { code, stderr, stdout } = await icelens(args, '');
    assert.equal(code, 2, args.join(' '));
    assert.ok((stderr + stdout).length > 10);
    assert.doesNotMatch(stderr, /at .*\.js:\d+/, 'no stack trace');
  }
  assert.equal((await icelens(['nat', '--help'])).code, 0);
});

test('icelens decode and scan', async () => {
  const request = Buffer.from(
    encodeMessage({ class: 'request', method: 'binding', attributes: [['SOFTWARE', 'test']] }),
  );
  for (const text of [request.toString('hex'), request.toString('base64')]) {
    const { code, stdout } = await icelens(['decode', text]);
    assert.equal(code, 0);
    assert.match(stdout, /SOFTWARE/);
  }
  assert.equal(JSON.parse((await icelens(['decode', '--json'], request)).stdout).method, 'binding');
  const { code, stdout } = await icelens(['scan', '-'], 'candidate:1 1 udp 2130706431 10.0.1.1 8998 typ host\n');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /candidate/);
});
