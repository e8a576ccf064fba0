// Values are read and written by TypeScript in the package: they must be those of the crate, over every attribute.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { attributeTable, decodeMessage, encodeMessage } from 'icelens';
import * as small from 'icelens/stun';

const file = join(import.meta.dirname, '../tests/fixtures/stun_values.tsv');
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => line.split('\t'));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const message = {
  class: 'request',
  method: 'binding',
  transactionId: bytes('1032547698badcfe01234567'),
};

for (const [name, library] of Object.entries({ icelens: { decodeMessage, encodeMessage }, 'icelens/stun': small })) {
  test(`${name} reads and writes ${rows.length} values as the crate does`, () => {
    const kinds = { read: 0, malformed: 0 };
    for (const [code, hex, expected, again = hex] of rows) {
      const type = Number(`0x${code}`);
      const [attribute] = library.decodeMessage(
        library.encodeMessage({ ...message, attributes: [[type, bytes(hex)]] }),
      ).attributes;
      const { value, error = null } = attribute.toJSON();
      if (expected.startsWith('!')) {
        assert.deepEqual([value, error], [hex, expected.slice(1)], `${attribute.name} ${hex}`);
        kinds.malformed++;
        continue;
      }
      assert.deepEqual([value, error], [JSON.parse(expected), null], `${attribute.name} ${hex}`);
      const written = library.encodeMessage({ ...message, attributes: [[type, attribute.value]] });
      assert.equal(Buffer.from(written.subarray(24, 24 + again.length / 2)).toString('hex'), again, attribute.name);
      assert.equal((written[22] << 8) | written[23], again.length / 2, attribute.name);
      kinds.read++;
    }
    assert.ok(kinds.read > 700 && kinds.malformed > 700, JSON.stringify(kinds));
    assert.deepEqual(
      attributeTable().filter(({ type }) => !rows.some(([code]) => Number(`0x${code}`) === type)),
      [],
    );
  });
}

test('values that do not fit say what the attribute takes', () => {
  const cases = [
    ['REQUESTED-TRANSPORT', 256, 'wrong-size', /from 0 to 255/],
    ['CHANNEL-NUMBER', -1, 'wrong-size', /from 0 to 65535/],
    ['PRIORITY', 2 ** 32, 'wrong-size', /from 0 to 4294967295/],
    ['PRIORITY', 1.5, 'wrong-kind', /number/],
    ['ICE-CONTROLLING', 2n ** 64n, 'wrong-size', /64 bits/],
    ['ICE-CONTROLLING', -1n, 'wrong-size', /64 bits/],
    ['ICE-CONTROLLING', 'one', 'wrong-kind', /bigint/],
    ['ICMP', { type: 128, code: 0, data: 0 }, 'wrong-size', /type from 0 to 127/],
    ['ICMP', null, 'wrong-kind', /object with type/],
    ['ECN-CHECK STUN', { ecn: 4, valid: true }, 'wrong-size', /ecn from 0 to 3/],
    ['ERROR-CODE', 299, 'wrong-size', /from 300 to 699/],
    ['ERROR-CODE', { code: 400, reason: 'é'.repeat(400) }, 'wrong-size', /763 bytes/],
    ['USERNAME', 7, 'wrong-kind', /string/],
    ['UNKNOWN-ATTRIBUTES', [65536], 'wrong-size', /attribute type/],
    ['UNKNOWN-ATTRIBUTES', 1, 'wrong-kind', /list of attribute types/],
    ['PASSWORD-ALGORITHM', 'sha-1', 'wrong-kind', /'sha-256'/],
    ['DATA', 'text', 'wrong-kind', /Uint8Array/],
    [0x7777, 1, 'wrong-kind', /Uint8Array/],
    ['XOR-PEER-ADDRESS', '192.0.2.1', 'wrong-kind', /address/],
    ['XOR-PEER-ADDRESS', { address: '192.0.2.1', port: 65536 }, 'wrong-size', /port/],
    ['DATA', new Uint8Array(65536), 'wrong-size', /65535 bytes/],
  ];
  for (const [name, value, code, said] of cases) {
    assert.throws(
      () =>
        encodeMessage({
          ...message,
          attributes: [
            ['SOFTWARE', 'x'],
            [name, value],
          ],
        }),
      { code, offset: 1, message: said },
      `${name}`,
    );
  }
  const half = new Uint8Array(40_000);
  const long = {
    ...message,
    attributes: [
      ['DATA', half],
      ['DATA', half],
    ],
  };
  assert.throws(() => encodeMessage(long), { code: 'no-room', offset: 1 });
  const full = { ...message, attributes: [['DATA', new Uint8Array(65_528)]], integrity: { password: 'x' } };
  assert.throws(() => encodeMessage(full), { code: 'no-room', offset: -1 });
});
