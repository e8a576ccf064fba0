import { expect, it } from 'vitest';
import { ascii, byteFields, hexText, owners } from '../../src/ui/bytes';
import { priorityParts } from '../../src/ui/priority';

it('marks type, length and padding of an attribute', () => {
  // SOFTWARE "ab" with two bytes of padding after a header of zeros.
  const bytes = new Uint8Array([...new Array(20).fill(0), 0x80, 0x22, 0, 2, 0x61, 0x62, 0, 0]);
  const [field] = byteFields(bytes, [{ name: 'SOFTWARE', start: 20, end: 28, text: 'ab' }]);
  expect(field).toMatchObject({ head: 4, padding: 2, start: 20, end: 28 });
});

it('cuts fields that point outside the bytes', () => {
  const [field] = byteFields(new Uint8Array(4), [{ name: 'x', start: -3, end: 99, text: '' }]);
  expect(field).toMatchObject({ start: 0, end: 4, head: 0, padding: 0 });
});

it('every byte has its field', () => {
  const fields = byteFields(new Uint8Array(6), [
    { name: 'a', start: 0, end: 2, text: '' },
    { name: 'b', start: 3, end: 6, text: '' },
  ]);
  expect([...owners(6, fields)]).toEqual([0, 0, -1, 1, 1, 1]);
});

it('draws bytes', () => {
  expect(hexText(new Uint8Array([0, 255, 16]))).toBe('00 ff 10');
  expect(hexText(new Uint8Array([0, 255, 16, 1, 2]), 4)).toBe('00ff1001 02');
  expect([0x20, 0x41, 0x7f, 0xff].map(ascii).join('')).toBe('·A··');
});

it('splits priorities, also those over 2^31', () => {
  expect(priorityParts(2113937151)).toEqual({ type: 126, local: 30, component: 255 });
  expect(priorityParts(0xffffffff)).toEqual({ type: 255, local: 65535, component: 255 });
});
