// STUN through the built package: vectors, values, errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attributeTable,
  createResponder,
  decodeMessage,
  encodeMessage,
  explainCheck,
  isStunMessage,
  StunError,
  userHash,
} from 'icelens';
import * as small from 'icelens/stun';

const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const USER = '\u30de\u30c8\u30ea\u30c3\u30af\u30b9';
const PASSWORD = 'The\u{AD}M\u{AA}tr\u{2168}';
const short = { password: 'VOkJxbRl1RmTxUk/WvJxBt' };
const vectors = {
  'RFC 5769 2.1': {
    hex: '000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf',
    credentials: short,
    padding: 0x20,
  },
  'RFC 5769 2.2': {
    hex: '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
    credentials: short,
    padding: 0x20,
  },
  'RFC 5769 2.3': {
    hex: '010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c',
    credentials: short,
    padding: 0x20,
  },
  'RFC 5769 2.4': {
    hex: '000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666',
    credentials: { username: USER, realm: 'example.org', password: PASSWORD },
    padding: 0,
  },
  'RFC 8489 B.1': {
    hex: '000100902112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c394653547679363473410000000014000b6578616d706c652e6f726700001d000400020000001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65',
    credentials: { username: USER, realm: 'example.org', password: PASSWORD, algorithm: 'sha-256' },
    padding: 0,
    sha256: true,
  },
};

for (const [name, { hex, credentials, padding, sha256 }] of Object.entries(vectors)) {
  for (const [build, library] of Object.entries({ icelens: { decodeMessage, encodeMessage }, 'icelens/stun': small })) {
    test(`${name} is verified and written again to the byte by ${build}`, () => {
      const vector = bytes(hex);
      const message = library.decodeMessage(vector);
      assert.equal(message.verify(credentials), 'valid');
      assert.equal(message.verify({ password: 'wrong' }), 'invalid');
      const generated = ['MESSAGE-INTEGRITY', 'MESSAGE-INTEGRITY-SHA256', 'FINGERPRINT'];
      const again = library.encodeMessage({
        class: message.class,
        method: message.method,
        transactionId: message.transactionId,
        attributes: message.attributes.filter((a) => !generated.includes(a.name)).map((a) => [a.name, a.value]),
        integrity: { ...credentials, sha256: sha256 ?? false },
        fingerprint: message.fingerprint !== 'absent',
        padding,
      });
      assert.deepEqual(again, vector);
    });
  }
}

test('the request of RFC 5769 2.1 is read', () => {
  const message = decodeMessage(bytes(vectors['RFC 5769 2.1'].hex));
  assert.equal(message.class, 'request');
  assert.equal(message.method, 'binding');
  assert.equal(message.dialect, 'rfc8489');
  assert.equal(message.software, 'STUN test client');
  assert.equal(message.username, 'evtj:h6vY');
  assert.equal(message.priority, 0x6e0001ff);
  assert.equal(message.iceControlled, 0x932ff9b151263b36n);
  assert.equal(message.iceControlling, null);
  assert.equal(message.useCandidate, false);
  assert.equal(message.fingerprint, 'valid');
  assert.equal(message.get('PRIORITY'), 0x6e0001ff);
  assert.equal(message.get(0x24), 0x6e0001ff);
  assert.equal(message.get('LIFETIME'), null);
  assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(message))), [
    'class',
    'method',
    'dialect',
    'transactionId',
    'attributes',
    'fingerprint',
  ]);
});

test('addresses of both families', () => {
  const [v4, v6] = ['2.2', '2.3'].map((n) => decodeMessage(bytes(vectors[`RFC 5769 ${n}`].hex)).mappedAddress);
  assert.deepEqual(v4, { address: '192.0.2.1', port: 32853, family: 'ipv4' });
  assert.deepEqual(v6, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853, family: 'ipv6' });
});

test('IPv6 addresses are read and written by RFC 5952', () => {
  const written = {
    '2001:db8:0:0:0:0:0:1': '2001:db8::1',
    '::': '::',
    '::1': '::1',
    'fe80::': 'fe80::',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
    '::ffff:192.0.2.1': '::ffff:192.0.2.1',
    '64:ff9b::192.0.2.33': '64:ff9b::c000:221',
    'ABCD::Ef': 'abcd::ef',
  };
  for (const [address, expected] of Object.entries(written)) {
    const message = encodeMessage({
      class: 'success',
      method: 'binding',
      transactionId: new Uint8Array(12),
      attributes: [['XOR-MAPPED-ADDRESS', { address, port: 9 }]],
    });
    assert.equal(decodeMessage(message).mappedAddress.address, expected);
  }
  for (const address of [
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'g::',
    '1:2:3:4:5:6:7::8',
    '',
    ':1.2.3.4',
  ]) {
    assert.throws(
      () =>
        encodeMessage({ class: 'request', method: 'binding', attributes: [['MAPPED-ADDRESS', { address, port: 9 }]] }),
      StunError,
      address,
    );
  }
});

/** A value for each form, as encode takes it and decode gives it back. */
const samples = {
  flag: [true],
  number: [0, 255],
  bigint: [0n, 2n ** 64n - 1n],
  boolean: [true, false],
  address: [
    { address: '198.51.100.1', port: 0, family: 'ipv4' },
    { address: '2001:db8::9', port: 65535, family: 'ipv6' },
  ],
  text: ['', 'plain', 'Grüße 你好'],
  error: [
    { code: 420, reason: 'Unknown Attribute' },
    { code: 699, reason: '' },
  ],
  'address-error': [{ family: 'ipv6', code: 440, reason: 'Address Family not Supported' }],
  codes: [[], [1, 0x8022, 65535]],
  algorithm: [{ algorithm: 'sha-256', parameters: new Uint8Array(0) }],
  algorithms: [
    [
      { algorithm: 'sha-256', parameters: new Uint8Array(0) },
      { algorithm: 7, parameters: bytes('0102030405') },
      { algorithm: 'md5', parameters: new Uint8Array(0) },
    ],
  ],
  'change-request': [
    { ip: true, port: false },
    { ip: false, port: true },
  ],
  icmp: [{ type: 127, code: 511, data: 0xfffffffe }],
  counter: [{ request: 3, response: 255 }],
  ecn: [{ ecn: 3, valid: true }],
  network: [{ id: 50, cost: 999 }],
};

test('every attribute of the table comes back as it was given', () => {
  const sizes = { 'MESSAGE-INTEGRITY': 20, 'MESSAGE-INTEGRITY-SHA256': 32, USERHASH: 32, 'RESERVATION-TOKEN': 8 };
  Object.assign(sizes, { 'GOOG-MESSAGE-INTEGRITY-32': 4, 'MS-SEQUENCE-NUMBER': 24, 'MS-SERVICE-QUALITY': 4 });
  const table = attributeTable();
  assert.ok(table.length > 60);
  for (const { name, form } of table) {
    const values = form === 'bytes' ? [new Uint8Array(sizes[name] ?? 5).fill(7)] : samples[form];
    for (const value of values) {
      const message = decodeMessage(
        encodeMessage({ class: 'request', method: 'binding', attributes: [[name, value]] }),
      );
      assert.deepEqual(message.attributes[0].value, value, name);
      assert.equal(message.attributes[0].name, name);
      assert.equal(message.attributes[0].error, null);
    }
  }
});

test('a message keeps its values after others were decoded', () => {
  const [first, second] = ['RFC 5769 2.2', 'RFC 5769 2.3'].map((name) => decodeMessage(bytes(vectors[name].hex)));
  for (let i = 0; i < 3; i++) {
    assert.equal(first.mappedAddress.family, 'ipv4');
    assert.equal(second.mappedAddress.family, 'ipv6');
    assert.equal(first.verify(short), 'valid');
    assert.equal(second.attributes[1].value.family, 'ipv6');
    assert.equal(first.attributes[1].value.family, 'ipv4');
  }
});

test('more passwords than slots', () => {
  const options = { class: 'request', method: 'binding', transactionId: new Uint8Array(12) };
  const signed = Array.from({ length: 200 }, (_, i) => encodeMessage({ ...options, integrity: { password: `p${i}` } }));
  for (const [i, message] of signed.entries()) {
    assert.equal(decodeMessage(message).verify({ password: `p${i}` }), 'valid');
    assert.equal(decodeMessage(message).verify({ password: `p${i + 1}` }), 'invalid');
  }
});

test('every truncation is a StunError with code and offset', () => {
  for (const { hex } of Object.values(vectors)) {
    const vector = bytes(hex);
    for (let length = 0; length < vector.length; length++) {
      assert.throws(
        () => decodeMessage(vector.subarray(0, length)),
        (error) =>
          error instanceof StunError &&
          error.code === (length < 20 ? 'too-short' : 'truncated') &&
          error.offset === length,
      );
    }
  }
});

test('errors of encoding name the attribute and what it takes', () => {
  const encode =
    (...attributes) =>
    () =>
      encodeMessage({ class: 'request', method: 'binding', attributes });
  assert.throws(encode(['PRIORITY', 'high']), { code: 'wrong-kind', offset: 0, message: /PRIORITY.*number/ });
  assert.throws(encode(['USERNAME', 'a'], ['NOPE', 1]), {
    code: 'unknown-attribute',
    offset: 1,
    message: /none is called NOPE/,
  });
  assert.throws(encode(['USERNAME', 'a'.repeat(600)]), { code: 'wrong-size', offset: 0, message: /USERNAME/ });
  assert.throws(encode(['CHANNEL-NUMBER', 65536]), { code: 'wrong-size', message: /CHANNEL-NUMBER/ });
  assert.throws(() => encodeMessage({ class: 'request', method: 'nope' }), { code: 'unknown-method', message: /nope/ });
  assert.throws(() => encodeMessage({ class: 'req', method: 'binding' }), {
    code: 'unknown-class',
    message: 'class must be one of request, indication, success, error, not req',
  });
  assert.throws(() => encodeMessage({ class: 'success', method: 'binding' }), { code: 'bad-transaction-id' });
});

test('malformed values are shown as bytes with the reason', () => {
  const message = decodeMessage(
    encodeMessage({
      class: 'request',
      method: 'binding',
      attributes: [
        ['PRIORITY', bytes('0102')],
        ['USERNAME', bytes('ff')],
        ['XOR-MAPPED-ADDRESS', bytes('0003000101020304')],
      ],
    }),
  );
  assert.deepEqual(
    message.attributes.map(({ error, value }) => [error, value]),
    [
      ['wrong-size', bytes('0102')],
      ['not-utf8', bytes('ff')],
      ['unknown-family', bytes('0003000101020304')],
    ],
  );
  assert.equal(message.priority, null);
  assert.equal(message.username, null);
  assert.equal(message.mappedAddress, null);
});

test('the classic dialect', () => {
  const id = bytes('000102030405060708090a0b0c0d0e0f');
  const request = encodeMessage({ class: 'request', method: 'binding', dialect: 'rfc3489' });
  assert.equal(decodeMessage(request).transactionId.length, 16);
  const message = decodeMessage(
    encodeMessage({
      class: 'success',
      method: 'binding',
      transactionId: id,
      attributes: [['MAPPED-ADDRESS', '192.0.2.1:99']],
    }),
  );
  assert.equal(message.dialect, 'rfc3489');
  assert.deepEqual(message.transactionId, id);
  assert.equal(message.mappedAddress.port, 99);
  assert.equal(isStunMessage(message.bytes), false);
});

test('isStunMessage looks at first byte, cookie and length', () => {
  const vector = bytes(vectors['RFC 5769 2.1'].hex);
  assert.equal(isStunMessage(vector), true);
  assert.equal(isStunMessage(vector.subarray(0, -1)), false);
  assert.equal(isStunMessage(new Uint8Array(20)), false);
  assert.equal(isStunMessage(new Uint8Array(0)), false);
});

test('the fields cover every byte, and children their field', () => {
  const covers = (fields, start, end) => {
    let at = start;
    for (const field of fields) {
      assert.equal(field.start, at, field.name);
      assert.ok(field.end > field.start || field.children, field.name);
      if (field.children) covers(field.children, field.start, field.end);
      at = field.end;
    }
    assert.equal(at, end);
  };
  const rich = encodeMessage({
    class: 'error',
    method: 'allocate',
    transactionId: new Uint8Array(12),
    attributes: [
      ['ERROR-CODE', 401],
      ['ICMP', { type: 3, code: 4, data: 1400 }],
      ['SOFTWARE', 'x'],
      [0x9000, bytes('01')],
      ['ALTERNATE-SERVER', '[2001:db8::1]:3478'],
    ],
    integrity: short,
    fingerprint: true,
  });
  for (const vector of [...Object.values(vectors).map(({ hex }) => bytes(hex)), rich]) {
    covers(decodeMessage(vector).fields(), 0, vector.length);
  }
  assert.equal(decodeMessage(rich).fields()[4].text, '401 Unauthenticated');
});

test('GOOG-PING is signed with four bytes', () => {
  const ping = { class: 'request', method: 'goog-ping', fingerprint: true };
  const message = decodeMessage(encodeMessage({ ...ping, integrity: { ...short, goog32: true } }));
  assert.deepEqual(
    message.attributes.map(({ name, length }) => [name, length]),
    [
      ['GOOG-MESSAGE-INTEGRITY-32', 4],
      ['FINGERPRINT', 4],
    ],
  );
  assert.equal(message.verify(short), 'valid');
  assert.equal(message.verify({ password: 'other' }), 'invalid');
  assert.match(message.fields().at(-1).text, /^0x[0-9a-f]{8}$/);
});

test('parts of values are fields', () => {
  const attributes = [
    ['ICMP', { type: 3, code: 4, data: 1400 }],
    ['XOR-PEER-ADDRESS', '192.0.2.1:3478'],
    ['ECN-CHECK STUN', { ecn: 1, valid: true }],
  ];
  const message = decodeMessage(encodeMessage({ class: 'request', method: 'binding', attributes }));
  const parts = message
    .fields()
    .slice(4)
    .map(({ children }) => children.at(-1).children.map(({ name }) => name));
  assert.deepEqual(parts, [
    ['Reserved', 'Type, code', 'Data'],
    ['Reserved', 'Family', 'Port', 'Address'],
    ['Reserved', 'Ecn, valid'],
  ]);
});

test('attributes after integrity are shown and do not count', () => {
  const signed = encodeMessage({ class: 'request', method: 'binding', integrity: short });
  const forged = new Uint8Array([...signed, ...bytes('0006000161000000')]);
  forged[3] += 8;
  const message = decodeMessage(forged);
  assert.equal(message.username, null);
  assert.deepEqual(
    message.attributes.map(({ name, counts }) => [name, counts]),
    [
      ['MESSAGE-INTEGRITY', true],
      ['USERNAME', false],
    ],
  );
});

test('USERHASH', () => {
  const vector = decodeMessage(bytes(vectors['RFC 8489 B.1'].hex));
  assert.deepEqual(userHash(USER, 'example.org'), vector.get('USERHASH'));
});

const source = { address: '198.51.100.7', port: 4242 };
const request = (attributes = [], more = {}) =>
  encodeMessage({ class: 'request', method: 'binding', attributes, ...more });

test('a responder answers with the source, and says what it checked', () => {
  for (const library of [small, { createResponder, decodeMessage }]) {
    const responder = library.createResponder({ software: 'test', fingerprint: true });
    const bytes = request();
    for (const from of [source, { address: '2001:db8::7', port: 1 }, source]) {
      const { verdict, code, response, checks } = responder.answer(bytes, from);
      const message = library.decodeMessage(response);
      assert.deepEqual([verdict, code, message.class], ['success', null, 'success']);
      assert.equal(message.mappedAddress.address, from.address);
      assert.equal(message.mappedAddress.port, from.port);
      assert.deepEqual(message.transactionId, decodeMessage(bytes).transactionId);
      assert.deepEqual([message.software, message.fingerprint], ['test', 'valid']);
      assert.deepEqual(checks[0], { rule: 'header', outcome: 'passed' });
      for (const check of checks) assert.ok(explainCheck(check).endsWith('.'), check.rule);
    }
  }
});

test('a responder refuses what it must', () => {
  const responder = createResponder({ refuseMalformed: true, understood: ['PRIORITY'] });
  const unknown = responder.answer(
    request([
      ['PRIORITY', 1],
      ['CHANGE-REQUEST', { ip: true, port: true }],
    ]),
    source,
  );
  assert.equal(unknown.code, 420);
  assert.deepEqual(decodeMessage(unknown.response).get('UNKNOWN-ATTRIBUTES'), [3]);
  assert.deepEqual(unknown.checks.at(-2), { rule: 'unknown-attributes', outcome: 'failed' });
  const trailing = responder.answer(new Uint8Array([...request(), 0]), source);
  assert.equal(trailing.code, 400);
  assert.deepEqual(
    responder.answer(new Uint8Array(40).fill(255), source),
    responder.answer(new Uint8Array(3).fill(255), source),
  );
  assert.equal(responder.answer(new Uint8Array(40).fill(255), source).response, null);
  assert.throws(() => responder.answer(request(), { address: 'localhost', port: 1 }), { code: 'bad-address' });
  assert.throws(() => createResponder({ alternate: { address: 'nope', port: 1 } }), { code: 'bad-option' });
});

test('long-term credentials from challenge to success', () => {
  const responder = createResponder({
    longTerm: { realm: 'example.org', users: { user: PASSWORD }, nonceLifetime: 60 },
  });
  const challenge = decodeMessage(responder.answer(request(), source, 100).response);
  assert.equal(challenge.errorCode.code, 401);
  const { realm, nonce } = challenge;
  const offered = challenge.get('PASSWORD-ALGORITHMS');
  const credentials = { username: 'user', realm, password: PASSWORD, algorithm: offered[0].algorithm };
  const signed = request(
    [
      ['USERHASH', userHash('user', realm)],
      ['REALM', realm],
      ['NONCE', nonce],
      ['PASSWORD-ALGORITHMS', offered],
      ['PASSWORD-ALGORITHM', offered[0]],
    ],
    { integrity: { ...credentials, sha256: true } },
  );
  const { verdict, response } = responder.answer(signed, source, 159);
  assert.equal(verdict, 'success');
  assert.equal(decodeMessage(response).verify(credentials), 'valid');
  assert.equal(responder.answer(signed, source, 160).code, 438);
  assert.equal(responder.answer(signed, { ...source, port: 1 }, 100).code, 438);
});
