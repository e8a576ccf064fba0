// Captures of real browsers through the built package: who is selected, what TURN did, and advice on captures that fail.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { analyze, encodeMessage, scan } from 'icelens';
import { spawnSync } from './lib/limited.mjs';

const fixture = (name) =>
  new Uint8Array(readFileSync(new URL(`../tests/fixtures/capture/${name}.pcap`, import.meta.url)));

const captures = [
  { name: 'cone-direct', format: 'pcapng', relayed: false, allocated: [] },
  { name: 'symmetric-relay-udp', format: 'pcap', relayed: true, allocated: ['udp'] },
  { name: 'blocked-relay-tcp', format: 'pcap', relayed: true, allocated: ['tcp'] },
];

for (const { name, format, relayed, allocated } of captures) {
  test(`${name}: the pair that carried the data is selected`, async () => {
    const report = await analyze(fixture(name));
    assert.equal(report.format, format);
    const { capture, findings } = report;
    const [session, ...more] = capture.sessions;
    assert.deepEqual(more, []);
    const pair = capture.pairs[session.selected];
    assert.equal(pair.dataBytes, Math.max(...capture.pairs.map(({ dataBytes }) => dataBytes)));
    assert.equal(pair.relayedFlow !== null, relayed);
    assert.ok(capture.flows[pair.flow ?? pair.relayedFlow].dtls.established);
    const granted = capture.allocations.filter((allocation) => allocation.granted !== null);
    assert.deepEqual(
      granted.map(({ transport }) => transport),
      allocated,
    );
    for (const { relayed: address, channels, sent } of granted) {
      assert.ok([pair.a, pair.b].includes(address));
      assert.equal(channels.length, 1);
      assert.ok(sent.channel > 0);
    }
    // Every sighting is a finding whose bytes are the message, at its place in the file.
    const sightings = capture.transactions.flatMap(({ requests, response }) => [
      ...requests,
      ...(response ? [response.seen] : []),
    ]);
    for (const sighting of sightings) {
      const finding = findings[sighting.finding];
      assert.equal(finding.kind, 'stun');
      assert.deepEqual([finding.packet.number, finding.packet.time], [sighting.packet, sighting.time]);
      assert.ok(finding.value.class !== 'indication');
    }
    assert.equal(scan(fixture(name)).length, findings.length);
  });
}

test('symmetric mapping shows in the answers of two servers', async () => {
  const { advice } = await analyze(fixture('symmetric-relay-udp'));
  assert.deepEqual(
    advice.map(({ code }) => code),
    ['nat.symmetric'],
  );
});

const UDP = 17;
const TCP = 6;
const ICMP = 1;
const words = (...values) =>
  values.flatMap((value) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
const halves = (...values) => values.flatMap((value) => [value >> 8, value & 255]);
const host = (address) => address.split(':')[0].split('.').map(Number);
const port = (address) => Number(address.split(':')[1]);

/** An IPv4 packet; addresses as 'a.b.c.d:port'. */
function ipv4(from, to, protocol, body) {
  return [0x45, 0, ...halves(body.length + 20, 0, 0), 64, protocol, 0, 0, ...host(from), ...host(to), ...body];
}

function udp(from, to, payload) {
  return ipv4(from, to, UDP, [...halves(port(from), port(to), payload.length + 8, 0), ...payload]);
}

function tcp(from, to, sequence, payload) {
  const head = [...halves(port(from), port(to)), ...words(sequence, 0), 0x50, 0x10, ...halves(0xffff, 0, 0)];
  return ipv4(from, to, TCP, [...head, ...payload]);
}

/** A pcap of raw IPv4: `[milliseconds, packet]`, or `[milliseconds, from, to, payload]` of UDP. */
function pcap(packets) {
  const out = [0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, ...words(0, 0, 65535, 101)];
  for (const [time, ...rest] of packets) {
    const packet = rest.length === 1 ? rest[0] : udp(...rest);
    out.push(...words(Math.floor(time / 1000), (time % 1000) * 1000, packet.length, packet.length), ...packet);
  }
  return new Uint8Array(out);
}

const [L, R, S] = ['192.0.2.1:5000', '198.51.100.2:6000', '203.0.113.10:3478'];
const id = (number) => new Uint8Array(12).fill(number);
const check = (number, username, role, nominate = false) =>
  encodeMessage({
    class: 'request',
    method: 'binding',
    transactionId: id(number),
    attributes: [['USERNAME', username], [role, 7n], ...(nominate ? [['USE-CANDIDATE']] : [])],
  });
const answer = (number, method = 'binding') => encodeMessage({ class: 'success', method, transactionId: id(number) });
const error = (number, code, method = 'binding') =>
  encodeMessage({
    class: 'error',
    method,
    transactionId: id(number),
    attributes: [['ERROR-CODE', { code, reason: '' }]],
  });
const granted = (number, lifetime) =>
  encodeMessage({
    class: 'success',
    method: 'allocate',
    transactionId: id(number),
    attributes: [
      ['XOR-RELAYED-ADDRESS', { address: '203.0.113.10', port: 50_000, family: 'ipv4' }],
      ['LIFETIME', lifetime],
    ],
  });
const plain = (number, method = 'binding') => encodeMessage({ class: 'request', method, transactionId: id(number) });
const fromL = (number, nominate) => check(number, 'rrrr:llll', 'ICE-CONTROLLING', nominate);
const fromR = (number) => check(number, 'llll:rrrr', 'ICE-CONTROLLED');
const hello = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const alert = [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 42];
const end = [9000, L, R, [0]];
const connected = [
  [0, L, R, fromL(1, true)],
  [10, R, L, answer(1)],
];

/** "Destination unreachable" of the code, from a router, quoting a datagram. */
const unreachable = (code, from, to, payload) =>
  ipv4('203.0.113.254:0', from, ICMP, [3, code, 0, 0, 0, 0, 0, 0, ...udp(from, to, payload)]);

/** Captures that fail, and the advice each has to give. */
const failures = {
  'stun.server-silent': [[0, L, S, plain(1)], [500, L, S, plain(1)], end],
  'ice.nothing-answered': [[0, L, R, fromL(1)], [500, L, R, fromL(1)], end],
  'ice.one-way': [[0, L, R, fromL(1)], [5, R, L, answer(1)], [10, R, L, fromR(2)], [100, R, L, fromR(3)], end],
  'ice.role-conflict': [[0, L, R, fromL(1)], [5, R, L, error(1, 487)], end],
  'ice.check-refused': [[0, L, R, fromL(1)], [5, R, L, error(1, 401)], end],
  'ice.not-nominated': [[0, L, R, fromL(1)], [5, R, L, answer(1)], end],
  'ice.consent-lost': [
    ...connected,
    ...[1, 2, 3, 4, 5].map((at) => [at * 5000, L, R, fromL(at + 1)]),
    [30_000, R, L, [0]],
  ],
  'dtls.no-hello': [...connected, end],
  'dtls.failed': [...connected, [20, L, R, hello], [30, R, L, alert], end],
  'turn.refused': [
    [0, L, S, plain(1, 'allocate')],
    [5, S, L, error(1, 401, 'allocate')],
    [6, L, S, plain(2, 'allocate')],
    [9, S, L, error(2, 401, 'allocate')],
    end,
  ],
  'turn.silent': [[0, L, S, plain(1, 'allocate')], end],
  'icmp.unreachable': [[0, L, R, fromL(1)], [4, unreachable(3, L, R, fromL(1))], end],
  'turn.expired': [
    [0, L, S, plain(1, 'allocate')],
    [5, S, L, error(1, 401, 'allocate')],
    [6, L, S, plain(2, 'allocate')],
    [9, S, L, granted(2, 600)],
    [650_000, L, R, [0]],
  ],
};

for (const [code, packets] of Object.entries(failures)) {
  test(`advice ${code}`, async () => {
    const { advice, capture } = await analyze(pcap(packets));
    const found = advice.find((one) => one.code === code);
    assert.ok(found, `${code} expected, got ${advice.map((one) => one.code)}`);
    assert.doesNotMatch(found.text, /[{}]|undefined/);
    assert.ok(found.evidence.length > 0);
    for (const { kind, index } of found.evidence) assert.ok(capture[`${kind}s`][index], `${kind} ${index}`);
  });
}

test('a capture that is cut off says where', async () => {
  const whole = fixture('symmetric-relay-udp');
  const { capture, advice } = await analyze(whole.subarray(0, whole.length - 10));
  assert.ok(capture.damaged > 0 && capture.packets > 10);
  assert.ok(advice.some(({ code, parameters }) => code === 'capture.damaged' && parameters.offset === capture.damaged));
});

test('ICMP tells why a check was not answered, and who says so', async () => {
  const refused = (code) => [[0, L, R, fromL(1)], [4, unreachable(code, L, R, fromL(1))], [500, L, R, fromL(1)], end];
  for (const [code, reason, words] of [
    [3, 'port', 'nobody listens on that port'],
    [13, 'prohibited', 'a filter forbids it'],
    [1, 'host', 'no such host'],
    [0, 'network', 'no route leads there'],
  ]) {
    const { advice, capture } = await analyze(pcap(refused(code)));
    assert.deepEqual(capture.unreachable, [
      { packet: 2, time: 4, by: '203.0.113.254', from: L, to: R, reason, transaction: 0 },
    ]);
    const found = advice.find((one) => one.code === 'icmp.unreachable');
    assert.deepEqual(
      [found.parameters, found.evidence],
      [
        { by: '203.0.113.254', count: 1, from: L, to: R, meaning: `icmp.${reason}` },
        [{ kind: 'transaction', index: 0 }],
      ],
    );
    assert.ok(found.text.includes(words), found.text);
  }
});

test('SIP over TCP, cut into segments: INVITE and 200 OK are offer and answer of one call', async () => {
  const call = (start, description) => {
    const head = `${start}\r\nCall-ID: over-tcp\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n`;
    return new TextEncoder().encode(`${head}Content-Length: ${description.length}\r\n\r\n${description}`);
  };
  const sdp = (address, id) =>
    `v=0\r\no=- ${id} 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n`;
  const [alice, bob] = ['192.0.2.1:40000', '192.0.2.2:5060'];
  const segments = (from, to, bytes, time) =>
    Array.from({ length: Math.ceil(bytes.length / 100) }, (_, at) => [
      time + at,
      tcp(from, to, 1 + at * 100, bytes.subarray(at * 100, at * 100 + 100)),
    ]);
  const { sessions, findings } = await analyze(
    pcap([
      ...segments(alice, bob, call('INVITE sip:bob@example.org SIP/2.0', sdp('192.0.2.1', 1)), 0),
      ...segments(bob, alice, call('SIP/2.0 200 OK', sdp('192.0.2.2', 2)), 50),
    ]),
  );
  assert.deepEqual(
    findings.map(({ kind, packet }) => [kind, packet.transport, packet.from]),
    [
      ['sip', 'tcp', alice],
      ['sdp', 'tcp', alice],
      ['sip', 'tcp', bob],
      ['sdp', 'tcp', bob],
    ],
  );
  assert.equal(findings[1].value.toString(), sdp('192.0.2.1', 1));
  assert.deepEqual(
    sessions.map(({ call, offerer, answerer }) => [call, offerer.descriptions, answerer.descriptions]),
    [['over-tcp', [1], [3]]],
  );
});

test('packets cut by a snap length are counted', async () => {
  const whole = pcap(connected);
  // The second packet keeps 40 of its bytes: its length in the file shrinks, the one on the wire stays.
  const second = 24 + 16 + new DataView(whole.buffer).getUint32(24 + 8);
  const short = whole.slice(0, second + 16 + 40);
  new DataView(short.buffer).setUint32(second + 8, 40);
  const { capture, advice } = await analyze(short);
  assert.deepEqual([capture.packets, capture.skipped.cut, capture.damaged], [2, 1, null]);
  const found = advice.find(({ code }) => code === 'capture.cut');
  assert.deepEqual([found.severity, found.parameters, found.evidence], ['warning', { count: 1 }, []]);
  assert.match(found.text, /^1 packet is cut by the snap length/);
});

test('icelens scan: report, JSON, exit codes', () => {
  const cli = fileURLToPath(new URL('../pkg/bin/icelens.js', import.meta.url));
  const run = (...args) => spawnSync(process.execPath, [cli, 'scan', ...args], { encoding: 'utf8' });
  const file = fileURLToPath(new URL('../tests/fixtures/scan/seed-000.txt', import.meta.url));
  const text = run(file);
  assert.equal(text.status, 0, text.stderr);
  assert.match(text.stdout, /6 sdp, 6 candidates, 6 end-of-candidates/);
  const json = JSON.parse(run('--json', file).stdout);
  assert.equal(json.findings.length, 18);
  assert.equal(json.sessions.length, 3);
  const folder = mkdtempSync(join(tmpdir(), 'icelens-scan-'));
  try {
    const broken = join(folder, 'broken.pcap');
    writeFileSync(broken, pcap(failures['ice.nothing-answered']));
    const failed = run('--findings', broken);
    assert.equal(failed.status, 1, failed.stderr);
    assert.match(failed.stdout, /error ice\.nothing-answered \(session 0\): .*\[pair 0\]/);
  } finally {
    rmSync(folder, { recursive: true });
  }
  for (const args of [[], ['a', 'b'], ['/nowhere/at/all'], ['--what', file]]) assert.equal(run(...args).status, 2);
});
