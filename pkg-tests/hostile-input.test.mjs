// Inputs made to harm: odd dumps are read, and nothing of an input gives orders to the terminal.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as full from 'icelens';
import * as sdp from 'icelens/sdp';
import * as small from 'icelens/stun';
import * as turn from 'icelens/turn';
import { spawnSync } from './lib/limited.mjs';

const cli = fileURLToPath(new URL('../bin/icelens.js', import.meta.resolve('icelens')));
const folder = mkdtempSync(join(tmpdir(), 'icelens-'));
after(() => rmSync(folder, { recursive: true }));
const run = (...args) => spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

const deep = (n) => '['.repeat(n) + ']'.repeat(n);
const odd = [
  '{"toString":1}',
  '{"toString":null,"valueOf":null}',
  'null',
  '5',
  'true',
  '[{}]',
  deep(5000),
  deep(20_000),
];

test('a dump with anything in any place is read', async () => {
  for (const value of odd) {
    const event = (name) => `{"updateLog":[{"${name}":${value}}]}`;
    const stats = (name) => `{"stats":{"x-state":{"statsType":"candidate-pair","values":"[]","${name}":${value}}}}`;
    const connections = [
      ...['type', 'time', 'timestamp', 'value'].map(event),
      ...['statsType', 'values', 'startTime', 'endTime'].map(stats),
      ...['url', 'rtcConfiguration', 'updateLog', 'stats'].map((name) => `{"${name}":${value}}`),
      value,
    ];
    for (const connection of connections) {
      const { format } = await full.analyze(`{"PeerConnections":{"a":${connection}}}`);
      assert.equal(format, 'webrtc-internals', connection.slice(0, 80));
    }
  }
});

// A line feed of their own is the only control character that the commands write.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const orders = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const EVIL = '\u001b]0;owned\u0007\u001b[2J\u009b8m\u202ehidden\u001b[0m';

test('decode shows control characters and does not send them', () => {
  const attributes = [
    ['SOFTWARE', EVIL],
    ['USERNAME', 'a\r\nExit code: 0'],
    ['ERROR-CODE', { code: 401, reason: EVIL }],
  ];
  const bytes = full.encodeMessage({ class: 'request', method: 'binding', attributes });
  for (const args of [[], ['--json']]) {
    const { stdout, stderr, status } = run('decode', Buffer.from(bytes).toString('hex'), ...args);
    assert.equal(status, 0);
    assert.doesNotMatch(stdout + stderr, orders);
    assert.match(stdout, /\\u001b\]0;owned/);
    assert.doesNotMatch(stdout, /^Exit code/m);
    if (args.length > 0) assert.equal(JSON.parse(stdout).attributes[0].value, EVIL);
  }
});

test('scan shows control characters and does not send them', () => {
  const file = join(folder, 'evil.log');
  writeFileSync(
    file,
    `candidate:1 1 udp 1 1.2.3.4 5 typ host ${EVIL} x\nINVITE sip:${EVIL}@b SIP/2.0\r\nCall-ID: ${EVIL}\r\n` +
      'Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 1 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n',
  );
  for (const args of [[], ['-f'], ['--json']]) {
    const { stdout, stderr } = run('scan', file, ...args);
    assert.ok(stdout.length > 0);
    assert.doesNotMatch(stdout + stderr, orders);
  }
});

test('what is asked for and is not there is told without control characters', () => {
  for (const args of [[EVIL], ['scan', join(folder, EVIL)], ['decode', EVIL], ['nat', `stun:${EVIL}`]]) {
    const { stdout, stderr, status } = run(...args);
    assert.notEqual(status, 0);
    assert.doesNotMatch(stdout + stderr, orders);
  }
});

const values = [
  undefined,
  null,
  Number.NaN,
  -1,
  5,
  5n,
  true,
  '',
  'x',
  Symbol('x'),
  [],
  {},
  () => {},
  new Date(0),
  /x/,
  new Map(),
];

test('every export refuses what is none of its values with an error of its own, and works afterwards', async () => {
  const entries = Object.entries({ icelens: full, 'icelens/stun': small, 'icelens/sdp': sdp });
  for (const [entry, library] of entries) {
    for (const [name, call] of Object.entries(library)) {
      if (typeof call !== 'function' || name === 'createResponder' || name === 'StunError') continue;
      for (const value of values) {
        const isClass = /^class/.test(Function.prototype.toString.call(call));
        try {
          if (isClass) new call(value);
          else await call(value, value, value);
        } catch (error) {
          const own = error instanceof TypeError || error instanceof RangeError || error.name === 'StunError';
          assert.ok(own, `${entry} ${name}: ${error.stack}`);
          assert.doesNotMatch(
            error.message,
            /Cannot (read|destructure|convert)|is not (a function|iterable)/,
            `${entry} ${name}`,
          );
        }
      }
    }
    const message = library.encodeMessage({ class: 'request', method: 'binding', fingerprint: true });
    assert.equal(library.decodeMessage(message).fingerprint, 'valid');
  }
});

test('bytes are an ArrayBuffer or any view of one', () => {
  const bytes = full.encodeMessage({ class: 'request', method: 'binding', fingerprint: true });
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const padded = new Uint8Array(bytes.length + 8);
  padded.set(bytes, 4);
  const same = [
    bytes.buffer,
    new DataView(bytes.buffer),
    new Uint16Array(bytes.buffer),
    new DataView(padded.buffer, 4, bytes.length),
    Buffer.from(bytes),
    shared,
    shared.buffer,
  ];
  for (const one of same) {
    assert.equal(full.isStunMessage(one), true);
    assert.equal(full.decodeMessage(one).fingerprint, 'valid');
  }
  assert.deepEqual(full.scan(new TextEncoder().encode('candidate:1 1 udp 1 1.2.3.4 5 typ host').buffer).length, 1);
  assert.throws(
    () => full.decodeMessage([...bytes]),
    /^TypeError: bytes must be an ArrayBuffer or a view of one, not an array/,
  );
});

test('candidates and descriptions are read as browsers give them', () => {
  const line = 'candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host';
  const init = { candidate: line, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' };
  assert.deepEqual(full.parseCandidate(init).candidate.toJSON(), init);
  assert.equal(full.parseCandidate({ candidate: '' }).endOfCandidates, true);
  assert.equal(full.parseSdp({ type: 'offer', sdp: 'v=0\r\nm=audio 9 RTP/AVP 0\r\n' }).media.length, 1);
  const { pairs, excluded } = full.formCheckList([line, init, 'end-of-candidates'], [line, 'nonsense'], {
    controlling: true,
  });
  assert.equal(pairs.length, 1);
  assert.deepEqual([...new Set(excluded.map(({ rule }) => rule))], ['unreadable']);
  assert.equal(String(excluded[0].remote), 'nonsense');
});

test('TURN takes what its types say and refuses the rest by name', () => {
  const at = { address: '192.0.2.1', port: 3478, family: 'ipv4' };
  const wrong = [undefined, null, 5, {}, [], Symbol('x'), { username: 'u' }];
  for (const value of wrong) {
    assert.throws(() => turn.turnPassword(value, 'user'), TypeError);
    assert.throws(() => turn.turnPassword('secret', value), TypeError);
    assert.throws(() => new turn.TurnClient(value), TypeError);
    assert.throws(() => new turn.TurnServer(value), TypeError);
  }
  const client = new turn.TurnClient({ server: { kind: 'turn', address: at }, local: at });
  const server = new turn.TurnServer({ listen: [at], relay: ['192.0.2.1'], realm: 'r' });
  for (const value of wrong) {
    for (const machine of [client, server]) {
      assert.throws(() => machine.receive(0, value), TypeError);
      assert.throws(() => machine.timeout(typeof value === 'number' ? '5' : value), TypeError);
    }
    assert.throws(() => client.send(0, value, new Uint8Array(1)), TypeError);
    assert.throws(() => client.send(0, at, typeof value === 'object' ? value : 'text'), TypeError);
    assert.throws(() => client.rotate(0, value), TypeError);
    assert.throws(() => server.opened(value, true), TypeError);
  }
  client.timeout(0);
  assert.equal(client.pollTransmit()?.remote.port, 3478);
  assert.equal(turn.turnPassword('secret', '1700000000:alice').length, 28);
});
