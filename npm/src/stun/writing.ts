/**
 * Attributes as they are written: a cursor in a buffer, and values by their kind. `values.ts` is the other half. The buffer
 * is JavaScript's own, and a message goes to the input area when it is whole: what is read from a caller's values may call
 * this package in between.
 */
import { bytesIn } from '../argument.js';
import { input } from '../core.js';
import { utf8Encoder } from '../text.js';
import { parseIp, splitHostPort } from './address.js';
import { attributeCode, Kind, Named, nameOf, type Row } from './names.js';
import { type AlgorithmName, algorithms, layoutOf } from './values.js';

/** Error that `wrong` throws. */
export class Mismatch extends Error {
  constructor(
    expected: string,
    readonly code: 'wrong-kind' | 'wrong-size',
  ) {
    super(expected);
  }
}

/** The value is of another kind than `expected` says. */
export function wrong(expected: string): never {
  throw new Mismatch(expected, 'wrong-kind');
}

/** The value is of the right kind, and too large or too small. */
export function unfit(expected: string): never {
  throw new Mismatch(expected, 'wrong-size');
}

let buffer = /* @__PURE__ */ new Uint8Array(1024);
let view = /* @__PURE__ */ viewOf(buffer);
/** Place of the next byte. */
let at = 0;

/** Room that the crate needs behind the attributes, for integrity and FINGERPRINT. */
const TAIL = 80;

/** No message has more; a text may take three bytes for each unit. */
const MOST = 262_144;

function viewOf({ buffer }: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(buffer);
}

/** Makes room for `more` bytes. */
function room(more: number): void {
  if (at + more <= buffer.length) return;
  if (at + more > MOST) unfit('at most 65535 bytes');
  const before = buffer;
  buffer = new Uint8Array(2 * (at + more));
  buffer.set(before);
  view = viewOf(buffer);
}

/** Starts a message: the type and the length are left to the crate. */
export function begin(): void {
  at = 4;
}

/** Bytes written. */
export function size(): number {
  return at;
}

/** Puts what is written in the input area, with room behind it for what the crate adds; returns its length. */
export function toInput(): number {
  const area = input(at + TAIL);
  if (at > 128) area.set(buffer.subarray(0, at));
  else for (let i = 4; i < at; i++) area[i] = buffer[i] as number;
  return at;
}

function u8(value: number): void {
  buffer[at++] = value;
}

function u16(value: number): void {
  buffer[at++] = value >> 8;
  buffer[at++] = value;
}

/** Writes some of `value` as it is. For a few bytes a loop is faster than any call. */
export function copy(value: ArrayLike<number>, from: number, to: number): void {
  room(to - from);
  for (let i = from; i < to; i++) buffer[at++] = value[i] as number;
}

/** Writes bytes as they are. */
export function bytes(value: ArrayLike<number>): void {
  const { length } = value;
  if (length > 64) {
    room(length);
    buffer.set(value, at);
    at += length;
  } else copy(value, 0, length);
}

function text(value: string): void {
  room(3 * value.length);
  // A loop is faster for what most texts are: short and ASCII.
  const { length } = value;
  if (length <= 64) {
    let i = 0;
    for (let code = 0; i < length; i++) {
      code = value.charCodeAt(i);
      if (code > 127) break;
      buffer[at + i] = code;
    }
    if (i === length) {
      at += length;
      return;
    }
  }
  at += utf8Encoder().encodeInto(value, buffer.subarray(at)).written;
}

function pad(padding: number): void {
  room(3);
  while (at % 4 !== 0) u8(padding);
}

function integer(value: unknown, least: number, most: number, what: string): number {
  const expected = `${what} from ${least} to ${most}`;
  if (!Number.isInteger(value)) wrong(expected);
  const number = value as number;
  return number < least || number > most ? unfit(expected) : number;
}

function record(value: unknown, expected: string): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : wrong(expected);
}

function address(value: unknown, masked: boolean): void {
  const expected = "an address: { address: '192.0.2.1', port: 3478 } or '192.0.2.1:3478'";
  const { address: host, port } =
    typeof value === 'string' ? (splitHostPort(value) ?? wrong(expected)) : record(value, expected);
  const ip = (typeof host === 'string' && parseIp(host)) || wrong(expected);
  u16(ip.length === 4 ? 1 : 2);
  u16(integer(port, 0, 65535, 'a port'));
  bytes(ip);
  if (!masked) return;
  // With bytes 4 to 20 of the message; the port with the first two of them.
  const start = at - ip.length;
  for (let i = -2; i < ip.length; i++) {
    const mask = buffer[4 + (i < 0 ? i + 2 : i)] as number;
    buffer[start + i] = (buffer[start + i] as number) ^ mask;
  }
}

function errorCode(value: unknown, withFamily: boolean): void {
  const given = typeof value === 'number' ? { code: value } : record(value, 'an error code');
  const code = integer(given.code, 300, 699, 'an error code');
  u16(withFamily ? (given.family === 'ipv6' ? 0x200 : 0x100) : 0);
  u8(Math.trunc(code / 100));
  u8(code % 100);
  const start = at;
  const reason = given.reason ?? nameOf(Named.Reason, code) ?? '';
  if (typeof reason !== 'string') unfit('{ code, reason } with a text for a reason');
  text(reason);
  if (at - start > 763) unfit('a reason phrase of at most 763 bytes');
}

function algorithm(value: unknown): void {
  const one = typeof value === 'object' ? record(value, 'an algorithm') : { algorithm: value, parameters: undefined };
  const number = algorithms.indexOf(one.algorithm as AlgorithmName);
  const parameters = one.parameters === undefined ? [] : (bytesIn(one.parameters) ?? wrong('parameters as bytes'));
  u16(integer(number < 0 ? one.algorithm : number, 0, 65535, "'md5', 'sha-256' or a number"));
  u16(integer(parameters.length, 0, 65535, 'parameters of a size'));
  bytes(parameters);
}

function items(value: unknown, what: string): unknown[] {
  return Array.isArray(value) ? value : wrong(`a list of ${what}`);
}

function fixed(kind: Kind, value: unknown): void {
  const [size, parts] = layoutOf(kind);
  const start = at;
  buffer.fill(0, at, at + 8);
  at += size;
  for (const [name, bit, width] of parts) {
    const part = name === '' ? value : record(value, `an object with ${name}`)[name];
    const place = start + (bit >> 5) * 4;
    if (width === 64) {
      if (typeof part !== 'bigint' && !Number.isInteger(part)) wrong('a bigint');
      const number = BigInt(part as bigint);
      view.setBigUint64(place, number);
      if (view.getBigUint64(place) !== number) unfit('a bigint of 64 bits without a sign');
      continue;
    }
    const number = width === 1 ? Number(part === true) : integer(part, 0, 2 ** width - 1, name || 'a number');
    view.setUint32(place, view.getUint32(place) | (number << (32 - (bit & 31) - width)));
  }
}

function value(row: Row | undefined, it: unknown): unknown {
  switch (row?.what) {
    case undefined:
    case Kind.Bytes:
      return bytes(bytesIn(it) ?? wrong('a Uint8Array, an ArrayBuffer or another view of one'));
    case Kind.Text: {
      const start = at;
      text(typeof it === 'string' ? it : wrong('a string'));
      return at - start > (row?.most as number) && unfit(`at most ${row?.most} bytes`);
    }
    case Kind.Address:
    case Kind.XorAddress:
      return address(it, row?.what === Kind.XorAddress);
    case Kind.ErrorCode:
    case Kind.AddressErrorCode:
      return errorCode(it, row?.what === Kind.AddressErrorCode);
    case Kind.Codes:
      for (const code of items(it, 'attribute types')) {
        room(4);
        u16(integer(typeof code === 'string' ? attributeCode(code) : code, 0, 65535, 'an attribute type'));
      }
      return;
    case Kind.Algorithm:
      return algorithm(it);
    case Kind.Algorithms:
      for (const one of items(it, 'algorithms')) {
        room(8);
        algorithm(one);
        pad(0);
      }
      return;
    default:
      fixed(row?.what as Kind, it);
  }
}

/** Writes one attribute. */
export function attribute(code: number, row: Row | undefined, given: unknown, padding: number): void {
  room(64);
  u16(code);
  at += 2;
  const start = at;
  if (given instanceof Uint8Array) bytes(given);
  else value(row, given);
  if (at - start > 65535) unfit('at most 65535 bytes');
  view.setUint16(start - 2, at - start);
  pad(padding);
}
