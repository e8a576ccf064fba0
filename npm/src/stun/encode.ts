import { memoryBytes, memoryWords, raw, readOutput, recordsStart, reserve } from '../core.js';
import { parseIp, splitHostPort } from './address.js';
import { type Credentials, keySlot } from './credentials.js';
import { buildError, StunError } from './errors.js';
import { classes, type MessageClass, type Method } from './message.js';
import { attributeCode, attributeRow, hexCode, Named, rowOf, Shape, type StunExports } from './names.js';
import { type AlgorithmName, algorithms } from './values.js';

/** What `encodeMessage` takes. */
export interface MessageInit {
  class: MessageClass;
  method: Method;
  /** 12 bytes, 16 for the classic dialect. Random when left out, which only requests and indications may. */
  transactionId?: Uint8Array;
  dialect?: 'rfc8489' | 'rfc3489';
  /**
   * Names or types with their values, in order. A value has the form in which `StunAttribute.value` gives it; an
   * address may be `'192.0.2.1:3478'`, an error its number, a flag may be left out. A `Uint8Array` is written as it
   * is, whatever the type asks for.
   */
  attributes?: readonly (readonly [name: string | number, value?: unknown])[];
  /** Adds MESSAGE-INTEGRITY; with `sha256` MESSAGE-INTEGRITY-SHA256 instead, or both. */
  integrity?: Credentials & { sha256?: boolean | 'both' };
  /** Adds FINGERPRINT. */
  fingerprint?: boolean;
  /** The byte that fills attributes up to a multiple of four. 0 by RFC 8489; the vectors of RFC 5769 have 0x20. */
  padding?: number;
}

// Random bytes come from a pool: a call to getRandomValues costs thirty times what a copy does.
const pool = new Uint8Array(3072);
let left = 0;

const encoder = new TextEncoder();

// The description is written straight into the input area; these name the place.
let buffer = new Uint8Array(0);
let base = 0;
let at = 0;
let end = 0;

function begin(): void {
  base = reserve(2048);
  at = base;
  end = base + 2048;
  buffer = memoryBytes() as Uint8Array<ArrayBuffer>;
}

/** Makes room for `more` bytes; the area keeps what it holds when it grows. */
function room(more: number): void {
  if (at + more <= end) return;
  const size = 2 * (at - base + more);
  const offset = at - base;
  base = reserve(size);
  at = base + offset;
  end = base + size;
  buffer = memoryBytes() as Uint8Array<ArrayBuffer>;
}

function u8(value: number): void {
  buffer[at++] = value;
}

function u16(value: number): void {
  buffer[at++] = value >> 8;
  buffer[at++] = value;
}

function u32(value: number): void {
  u16(value >>> 16);
  u16(value);
}

function bytes(value: ArrayLike<number>): void {
  room(value.length);
  buffer.set(value, at);
  at += value.length;
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
  at += encoder.encodeInto(value, buffer.subarray(at)).written;
}

class Mismatch extends Error {}

function wrong(expected: string): never {
  throw new Mismatch(expected);
}

function integer(value: unknown, most: number, what: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) {
    return wrong(`${what} from 0 to ${most}`);
  }
  return value;
}

function record(value: unknown, expected: string): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : wrong(expected);
}

function address(value: unknown): void {
  const expected = "an address: { address: '192.0.2.1', port: 3478 } or '192.0.2.1:3478'";
  const { address: host, port } =
    typeof value === 'string' ? (splitHostPort(value) ?? wrong(expected)) : record(value, expected);
  const ip = typeof host === 'string' ? parseIp(host) : null;
  u16(integer(port, 65535, 'a port'));
  bytes(ip ?? wrong(expected));
}

function errorCode(value: unknown, withFamily: boolean): void {
  const { code, reason } =
    typeof value === 'number' ? { code: value, reason: undefined } : record(value, 'an error code');
  u16(integer(code, 699, 'an error code'));
  u8(reason === undefined ? 0 : 1);
  if (withFamily) u8((value as { family?: string }).family === 'ipv6' ? 2 : 1);
  if (reason !== undefined) text(String(reason));
}

function algorithm(value: unknown, padded: boolean): void {
  const one = typeof value === 'object' ? record(value, 'an algorithm') : { algorithm: value, parameters: undefined };
  const code = typeof one.algorithm === 'number' ? one.algorithm : algorithms.indexOf(one.algorithm as AlgorithmName);
  const parameters = one.parameters instanceof Uint8Array ? one.parameters : new Uint8Array(0);
  room(8 + parameters.length);
  u16(integer(code, 65535, "'md5', 'sha-256' or a number"));
  if (padded) u16(parameters.length);
  bytes(parameters);
  if (padded) for (let i = parameters.length; i % 4 !== 0; i++) u8(0);
}

const halves = new Uint32Array(2);
const whole = new BigUint64Array(halves.buffer);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

function long(value: unknown): void {
  if (typeof value !== 'bigint' && typeof value !== 'number') wrong('a bigint');
  whole[0] = BigInt(value as bigint);
  u32(halves[1 - LOW] as number);
  u32(halves[LOW] as number);
}

const part = (it: unknown, name: string, most: number) =>
  integer(record(it, `an object with ${name}`)[name], most, name);

function value(shape: Shape, it: unknown): void {
  switch (shape) {
    case Shape.Flag:
      break;
    case Shape.Number:
      u32(integer(it, 0xffffffff, 'a number'));
      break;
    case Shape.Long:
      long(it);
      break;
    case Shape.Bit:
      u8(it === true ? 1 : 0);
      break;
    case Shape.Address:
      address(it);
      break;
    case Shape.Text:
      text(typeof it === 'string' ? it : wrong('a string'));
      break;
    case Shape.Error:
    case Shape.AddressError:
      errorCode(it, shape === Shape.AddressError);
      break;
    case Shape.Codes:
      if (!Array.isArray(it)) wrong('a list of attribute types');
      room(2 * it.length);
      for (const code of it)
        u16(integer(typeof code === 'string' ? attributeCode(code) : code, 65535, 'an attribute type'));
      break;
    case Shape.Algorithm:
      algorithm(it, false);
      break;
    case Shape.Algorithms:
      if (!Array.isArray(it)) wrong('a list of algorithms');
      for (const one of it) algorithm(one, true);
      break;
    case Shape.Change: {
      const { ip, port } = record(it, '{ ip, port }');
      u8(ip === true ? 1 : 0);
      u8(port === true ? 1 : 0);
      break;
    }
    case Shape.Icmp:
      u8(part(it, 'type', 127));
      u16(part(it, 'code', 511));
      u32(part(it, 'data', 0xffffffff));
      break;
    case Shape.Counter:
      u8(part(it, 'request', 255));
      u8(part(it, 'response', 255));
      break;
    case Shape.Ecn:
      u8(part(it, 'ecn', 3));
      u8(record(it, '{ ecn, valid }').valid === true ? 1 : 0);
      break;
    case Shape.Network:
      u16(part(it, 'id', 65535));
      u16(part(it, 'cost', 65535));
      break;
    default:
      wrong('a Uint8Array');
  }
}

function attribute(name: string | number, given: unknown): void {
  const code = attributeCode(name) ?? wrong('the name of an attribute, or its type as a number');
  const shape =
    given instanceof Uint8Array ? Shape.Raw : ((attributeRow(code)?.what as Shape | undefined) ?? Shape.Raw);
  room(32);
  u16(code);
  u8(shape);
  at += 2;
  const start = at;
  if (given instanceof Uint8Array) bytes(given);
  else value(shape, given);
  const length = at - start;
  if (length > 65535) wrong('at most 65535 bytes');
  buffer[start - 2] = length >> 8;
  buffer[start - 1] = length;
}

function transactionId(init: MessageInit): void {
  const { transactionId: id, dialect } = init;
  const classic = dialect === 'rfc3489' || (dialect === undefined && id?.length === 16);
  if (!classic) u32(0x2112a442);
  const length = classic ? 16 : 12;
  if (id === undefined) {
    if (init.class === 'success' || init.class === 'error') {
      throw new StunError('a response needs the transactionId of its request', 'bad-transaction-id', -1);
    }
    if (left < length) {
      crypto.getRandomValues(pool);
      left = pool.length;
    }
    left -= length;
    for (let i = 0; i < length; i++) buffer[at++] = pool[left + i] as number;
    return;
  }
  if (id.length !== length) {
    throw new StunError(`transactionId has ${id.length} bytes, the dialect wants ${length}`, 'bad-transaction-id', -1);
  }
  for (let i = 0; i < length; i++) buffer[at++] = id[i] as number;
}

/** The 12-bit code of a method. */
function methodCode(method: Method): number {
  if (method === 'binding') return 1;
  const row = typeof method === 'string' ? rowOf(method) : undefined;
  const code = typeof method === 'number' ? method : row?.what === Named.Method ? row.code : -1;
  if (code < 0 || code > 0xfff) throw new StunError(`no such method: ${method}`, 'unknown-method', -1);
  return code;
}

/**
 * Encodes a message.
 *
 * @throws StunError when a value does not fit its attribute; the message names the attribute and what it takes.
 *
 * @example
 * ```ts
 * const bytes = encodeMessage({
 *   class: 'request',
 *   method: 'binding',
 *   attributes: [['USERNAME', 'evtj:h6vY'], ['PRIORITY', 1845501695], ['ICE-CONTROLLING', 1n], ['USE-CANDIDATE']],
 *   integrity: { password: 'VOkJxbRl1RmTxUk/WvJxBt' },
 *   fingerprint: true,
 * });
 * ```
 */
export function encodeMessage(init: MessageInit): Uint8Array<ArrayBuffer> {
  const { integrity, attributes } = init;
  const sha256 = integrity?.sha256 ?? false;
  const flags = (integrity && sha256 !== true ? 1 : 0) | (sha256 ? 2 : 0) | (init.fingerprint ? 4 : 0);
  // A new key goes through the input area: before anything else is written there.
  const slot = integrity ? keySlot(integrity) : 0;
  const kind = classes.indexOf(init.class);
  if (kind < 0) throw new StunError(`no such class: ${init.class}`, 'unknown-class', -1);
  const method = methodCode(init.method);
  begin();
  u8(kind);
  u16(method);
  u8(flags);
  u8(init.padding ?? 0);
  u8(slot);
  transactionId(init);
  if (attributes !== undefined) write(attributes);
  const length = raw<StunExports>().stun_encode(at - base);
  if (length > 0) return readOutput(length);
  const index = memoryWords()[recordsStart()] ?? -1;
  const name = attributes?.[index]?.[0];
  throw buildError(-length, index, name === undefined ? '' : typeof name === 'number' ? hexCode(name) : name);
}

function write(attributes: NonNullable<MessageInit['attributes']>): void {
  for (let i = 0; i < attributes.length; i++) {
    const [name, given] = attributes[i] as readonly [string | number, unknown];
    try {
      attribute(name, given);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      const unknown = attributeCode(name) === undefined;
      const code = unknown ? 'unknown-attribute' : 'wrong-kind';
      throw new StunError(`attribute ${i} (${String(name)}) takes ${error.message}`, code, i);
    }
  }
}
