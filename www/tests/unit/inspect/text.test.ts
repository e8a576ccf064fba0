import { expect, test } from 'vitest';
import { removePasswords } from '../../../src/views/inspect/model/passwords';
import { addressKey, sortRows } from '../../../src/views/inspect/model/sort';
import { SDP_PAIR } from '../../../src/views/inspect/samples/texts';

test('passwords go, offsets stay', () => {
  const secrets = ['YH75Fviy6338Vbrhrlp8Yh1c', 'asd88fgpdd777uzjYhagZgQx'];
  const { text, removed } = removePasswords(SDP_PAIR);
  expect(removed).toBe(2);
  expect(text).toHaveLength(SDP_PAIR.length);
  for (const secret of secrets) {
    expect(SDP_PAIR).toContain(secret);
    expect(text).not.toContain(secret);
  }
  expect(text).toContain('a=ice-ufrag:9uB6');
});

test.each([
  ['{"urls":"turn:a","credential":"s3cret!"}', '{"urls":"turn:a","credential":"xxxxxxx"}'],
  ['{\\"credential\\":\\"s3cret\\"}', '{\\"credential\\":\\"xxxxxx\\"}'],
  ['a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abcd|2^20', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xxxx|2^20'],
  ['Authorization: Digest username="bob", response="12ab"', 'Authorization: Digest username="bob", response="xxxx"'],
  ['{"sdp":"v=0\\r\\na=ice-pwd:abc\\r\\na=mid:0"}', '{"sdp":"v=0\\r\\na=ice-pwd:xxx\\r\\na=mid:0"}'],
])('%s', (before, after) => {
  expect(removePasswords(before).text).toBe(after);
});

test('rows sort by number, address and text; nothing comes last', () => {
  const rows = [
    { a: '10.0.0.2', n: 3 },
    { a: '9.0.0.1', n: null },
    { a: 'fe80::1', n: 20 },
    { a: '10.0.0.10', n: 100 },
  ];
  const by = (column: string, descending: boolean, value: (row: (typeof rows)[number]) => number | string | null) =>
    sortRows(rows, { column, descending, value }).map((row) => row.n);
  expect(by('address', false, (row) => addressKey(row.a, 1))).toEqual([null, 3, 100, 20]);
  expect(by('n', false, (row) => row.n)).toEqual([3, 20, 100, null]);
  expect(by('n', true, (row) => row.n)).toEqual([100, 20, 3, null]);
  expect(sortRows(rows, null)).toEqual(rows);
});
