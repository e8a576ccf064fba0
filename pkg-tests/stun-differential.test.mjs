// tshark, and Node's own HMAC, as independent decoders: they must agree with icelens on generated messages that cover
// every attribute, and on captures of Chromium and coturn.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { attributeTable, decodeMessage, encodeMessage } from 'icelens';
import { execFileSync, spawnSync } from './lib/limited.mjs';

const COUNT = 2500;
const password = 'VOkJxbRl1RmTxUk/WvJxBt';
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const shared = process.env.ICELENS_SHARED ?? join(import.meta.dirname, '../../shared');

/** xorshift32: the same messages in every run. */
let state = 0x1ce1e45f;
function random(bound) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % bound;
}
const bytes = (length) => Uint8Array.from({ length }, () => random(256));
const text = (most) =>
  Array.from({ length: 1 + random(most) }, () => 'abcdefghijklmnopqrstuvwxyz0123456789/:'[random(38)]).join('');
const address = () => {
  const port = random(65536);
  if (random(2) === 0) return { address: Array.from({ length: 4 }, () => random(256)).join('.'), port };
  // No group is zero, so that every program writes the address alike.
  return { address: Array.from({ length: 8 }, () => (1 + random(65535)).toString(16)).join(':'), port };
};
const sizes = { 'MESSAGE-INTEGRITY': 20, 'MESSAGE-INTEGRITY-SHA256': 32, USERHASH: 32, 'RESERVATION-TOKEN': 8 };
Object.assign(sizes, { 'GOOG-MESSAGE-INTEGRITY-32': 4, 'MS-SEQUENCE-NUMBER': 24, 'MS-SERVICE-QUALITY': 4 });

/** A random value of each form. */
const values = {
  bytes: (name) => bytes(sizes[name] ?? random(40)),
  flag: () => true,
  number: (name) =>
    name === 'CHANNEL-NUMBER' ? 0x4000 + random(0x1000) : /FAMILY|TRANSPORT/.test(name) ? 1 + random(2) : random(65536),
  bigint: () => (BigInt(random(2 ** 31)) << 32n) | BigInt(random(2 ** 31)),
  boolean: () => random(2) === 1,
  address,
  text: () => text(30),
  error: () => ({ code: 300 + random(400), reason: text(20) }),
  'address-error': () => ({ family: random(2) ? 'ipv4' : 'ipv6', code: 300 + random(400), reason: text(20) }),
  codes: () => Array.from({ length: 1 + random(5) }, () => random(65536)),
  algorithm: () => ({ algorithm: 1 + random(2), parameters: bytes(0) }),
  algorithms: () => ['sha-256', 'md5'].slice(random(2)),
  'change-request': () => ({ ip: random(2) === 1, port: random(2) === 1 }),
  icmp: () => ({ type: random(128), code: random(512), data: random(2 ** 31) }),
  counter: () => ({ request: random(256), response: random(256) }),
  ecn: () => ({ ecn: random(4), valid: random(2) === 1 }),
  network: () => ({ id: random(65536), cost: random(1000) }),
};

const made = ['MESSAGE-INTEGRITY', 'MESSAGE-INTEGRITY-SHA256', 'FINGERPRINT', 'GOOG-MESSAGE-INTEGRITY-32'];
const table = attributeTable();
const plain = table.filter(({ name }) => !made.includes(name));
const methods = ['binding', 'allocate', 'refresh', 'send', 'data', 'create-permission', 'channel-bind', 'connect'];

function generate(index) {
  const first = plain[index % plain.length];
  const others = Array.from({ length: random(4) }, () => plain[random(plain.length)]);
  const attributes = [first, ...others].map(({ name, type, form }) => [type, values[form](name)]);
  // Integrity attributes of the wire, as bytes that anybody may write.
  if (index % 50 === 0) attributes.push([0xc060, bytes(4)]);
  return encodeMessage({
    class: ['request', 'indication', 'success', 'error'][random(4)],
    method: methods[random(methods.length)],
    transactionId: bytes(12),
    attributes,
    ...(random(2) === 0 && { integrity: { password, sha256: [false, true, 'both'][random(3)] } }),
    fingerprint: random(2) === 0,
  });
}

/** A capture of IPv4 UDP datagrams (LINKTYPE_RAW). */
function pcap(messages) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(101, 20);
  const packets = messages.map((message, index) => {
    const packet = Buffer.alloc(16 + 28 + message.length);
    packet.writeUInt32LE(index, 0);
    packet.writeUInt32LE(28 + message.length, 8);
    packet.writeUInt32LE(28 + message.length, 12);
    packet[16] = 0x45;
    packet.writeUInt16BE(28 + message.length, 18);
    packet.set([64, 17], 24);
    packet.set([192, 0, 2, 1, 192, 0, 2, 2], 28);
    packet.writeUInt16BE(40000, 36);
    packet.writeUInt16BE(3478, 38);
    packet.writeUInt16BE(8 + message.length, 40);
    packet.set(message, 44);
    return packet;
  });
  return Buffer.concat([header, ...packets]);
}

const hex = (value) => Buffer.from(value).toString('hex');
const fields = {
  payload: 'udp.payload',
  id: 'stun.id',
  class: 'stun.type.class',
  method: 'stun.type.method',
  types: 'stun.att.type',
  lengths: 'stun.att.length',
  ports: 'stun.att.port',
  v4: 'stun.att.ipv4',
  v6: 'stun.att.ipv6',
  crc: 'stun.att.crc32.status',
  username: 'stun.att.username',
  realm: 'stun.att.realm',
  nonce: 'stun.att.nonce',
  software: 'stun.att.software',
  priority: 'stun.att.priority',
  lifetime: 'stun.att.lifetime',
  tieBreakers: 'stun.att.tie-breaker',
  channel: 'stun.att.channelnum',
  transport: 'stun.att.transp',
  networkId: 'stun.att.google.network_id',
  networkCost: 'stun.att.google.network_cost',
  hmac: 'stun.att.hmac',
};
const SEPARATOR = '\x1f';

/** Messages as tshark reads them: one record of lists for each datagram. */
function tshark(file) {
  const named = Object.values(fields).flatMap((field) => ['-e', field]);
  const options = [
    '-r',
    file,
    '-Y',
    'stun && udp',
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    `aggregator=${SEPARATOR}`,
  ];
  const output = execFileSync('tshark', [...options, ...named], {
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const cells = line.split('\t');
      return Object.fromEntries(
        Object.keys(fields).map((name, i) => [name, (cells[i] ?? '').split(SEPARATOR).filter((cell) => cell !== '')]),
      );
    });
}

const ADDRESSES = [
  0x0001, 0x0012, 0x0016, 0x0020, 0x8020, 0x8023, 0x802b, 0x802c, 0x0002, 0x0004, 0x0005, 0x000b, 0x0011,
];

/** The types of all records: tshark gives no type for attributes it does not know. */
const typesIn = (records) => new Set(records.flatMap(({ types }) => types.map(Number)));

function compare(record, known) {
  const payload = Buffer.from(record.payload[0], 'hex');
  const message = decodeMessage(payload);
  const { attributes } = message;
  const of = (type) => attributes.filter((found) => found.type === type).map((found) => found.value);
  assert.equal(hex(message.transactionId), record.id[0]);
  // The two class bits as they lie in the type.
  assert.equal({ 0: 'request', 1: 'indication', 16: 'success', 17: 'error' }[Number(record.class[0])], message.class);
  assert.deepEqual(
    record.types.map(Number),
    attributes.map(({ type }) => type).filter((type) => known.has(type)),
  );
  assert.deepEqual(
    record.lengths.map(Number),
    attributes.map(({ length }) => length),
  );
  const addresses = attributes.filter(({ type, error }) => ADDRESSES.includes(type) && error === null);
  const texts = (family) => addresses.filter(({ value }) => value.family === family).map(({ value }) => value.address);
  assert.deepEqual(record.v4, texts('ipv4'));
  assert.deepEqual(record.v6, texts('ipv6'));
  assert.deepEqual(record.username, of(0x0006));
  assert.deepEqual(record.realm, of(0x0014));
  assert.deepEqual(record.nonce, of(0x0015));
  assert.deepEqual(record.software, of(0x8022));
  assert.deepEqual(record.priority.map(Number), of(0x0024));
  assert.deepEqual(record.lifetime.map(Number), of(0x000d));
  assert.deepEqual(
    record.networkId.map(Number),
    of(0xc057).map(({ id }) => id),
  );
  assert.deepEqual(
    record.networkCost.map(Number),
    of(0xc057).map(({ cost }) => cost),
  );
  const tieBreakers = attributes.filter(({ type }) => type === 0x8029 || type === 0x802a);
  assert.deepEqual(
    record.tieBreakers,
    tieBreakers.map(({ value }) => value.toString(16).padStart(16, '0')),
  );
  if (message.fingerprint !== 'absent') assert.equal(record.crc[0] === '1', message.fingerprint === 'valid');
  return message;
}

/** HMAC-SHA1 or SHA-256 of the message by Node's crypto. */
function hmacAgrees(message, type, hash) {
  const found = message.attributes.find((attribute) => attribute.type === type);
  if (found === undefined) return 'absent';
  const covered = Buffer.from(message.bytes.subarray(0, found.offset - 4));
  covered.writeUInt16BE(found.offset + found.length - 20, 2);
  return createHmac(hash, password).update(covered).digest('hex') === hex(found.raw) ? 'valid' : 'invalid';
}

test('Node crypto agrees on the integrity of every generated message', () => {
  let signed = 0;
  for (let index = 0; index < COUNT; index++) {
    const message = decodeMessage(generate(index));
    const checks = [hmacAgrees(message, 0x0008, 'sha1'), hmacAgrees(message, 0x001c, 'sha256')];
    if (message.attributes.some(({ type }) => type === 0xc060)) continue; // random bytes, never right
    const expected = checks.includes('invalid') ? 'invalid' : checks.includes('valid') ? 'valid' : 'absent';
    assert.equal(message.verify({ password }), expected);
    if (expected === 'valid') signed++;
  }
  assert.ok(signed > COUNT / 3, `${signed} signed messages`);
});

test('tshark agrees on generated messages of every attribute', {
  skip: !hasTshark && 'tshark is not installed',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-'));
  try {
    const file = join(folder, 'generated.pcap');
    const messages = Array.from({ length: COUNT }, (_, index) => generate(index));
    writeFileSync(file, pcap(messages));
    const records = tshark(file);
    assert.equal(records.length, COUNT);
    const known = typesIn(records);
    assert.ok(known.size > 50, `tshark knows ${known.size} types`);
    const seen = new Set();
    for (const [index, record] of records.entries()) {
      assert.equal(record.payload[0], hex(messages[index]));
      for (const { type } of compare(record, known).attributes) seen.add(type);
    }
    assert.deepEqual(
      table.filter(({ type }) => !seen.has(type)),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const name of ['chromium-cone-cone.pcap', 'chromium-symmetric-cone-turn.pcap']) {
  const file = join(shared, 'captures', name);
  const missing = (!hasTshark && 'tshark is not installed') || (!existsSync(file) && `no capture at ${file}`);
  test(`tshark agrees on ${name}`, { skip: missing }, () => {
    const records = tshark(file).filter((record) => record.types.length > 0);
    assert.ok(records.length > 10);
    const known = typesIn(records);
    let verdicts = 0;
    for (const record of records) if (compare(record, known).fingerprint === 'valid') verdicts++;
    assert.ok(verdicts > 0);
  });
}
