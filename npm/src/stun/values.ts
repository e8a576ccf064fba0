/** Values of attributes: how each kind is read from the bytes of a message. `writing.ts` is the other half. */
import { ipv4, ipv6, type TransportAddress } from './address.js';
import { Kind, type Row } from './names.js';

/** Why the bytes of an attribute are not a value of its kind. */
export class Malformed {
  constructor(readonly error: string) {}
}

const wrongSize = /* @__PURE__ */ new Malformed('wrong-size');

/** Name of IANA's password algorithm; the number where it has none. */
export type AlgorithmName = 'md5' | 'sha-256' | number;
export const algorithms: readonly (AlgorithmName | undefined)[] = [undefined, 'md5', 'sha-256'];

/** A run of bits: name, empty when it is the whole value; first bit; how many. One is a boolean, 64 are a bigint. */
export type Part = readonly [name: string, bit: number, width: number];

/** The kinds from `Kind.Flag` on: bytes in all, then the parts; no part crosses a word but that of 64 bits. */
const layouts: readonly (readonly [size: number, parts: readonly Part[]])[] = [
  [0, []],
  [4, [['', 0, 8]]],
  [4, [['', 0, 16]]],
  [4, [['', 0, 32]]],
  [8, [['', 0, 64]]],
  [1, [['', 0, 1]]],
  [
    4,
    [
      ['ip', 29, 1],
      ['port', 30, 1],
    ],
  ],
  [
    8,
    [
      ['type', 16, 7],
      ['code', 23, 9],
      ['data', 32, 32],
    ],
  ],
  [
    4,
    [
      ['request', 16, 8],
      ['response', 24, 8],
    ],
  ],
  [
    4,
    [
      ['ecn', 29, 2],
      ['valid', 31, 1],
    ],
  ],
  [
    4,
    [
      ['id', 0, 16],
      ['cost', 16, 16],
    ],
  ],
];

/** The bytes and parts of a kind from `Kind.Flag` on. */
export function layoutOf(kind: Kind): (typeof layouts)[number] {
  return layouts[kind - Kind.Flag] ?? [0, []];
}

let decoder: TextDecoder | undefined;

function readText(bytes: Uint8Array, most: number): string | Malformed {
  if (bytes.length > most) return wrongSize;
  try {
    decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes);
  } catch {
    return new Malformed('not-utf8');
  }
}

/** The address whose value starts at `at`; masked with bytes 4 to 20 of the message when `mask` is -1, not when 0. */
export function readAddress(bytes: Uint8Array, at: number, length: number, mask: number): TransportAddress | Malformed {
  const word = (i: number) => wordAt(bytes, at + i) ^ (wordAt(bytes, i) & mask);
  if (length < 4) return wrongSize;
  const family = bytes[at + 1];
  if (family !== 1 && family !== 2) return new Malformed('unknown-family');
  if (length !== (family === 1 ? 8 : 20)) return wrongSize;
  // The port is masked with the first half of the cookie.
  const port = (wordAt(bytes, at) ^ ((wordAt(bytes, 4) & mask) >>> 16)) & 0xffff;
  return family === 1
    ? { address: ipv4(word(4)), port, family: 'ipv4' }
    : { address: ipv6([word(4), word(8), word(12), word(16)]), port, family: 'ipv6' };
}

/** Four bytes as a signed number. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function readFixed(kind: Kind, bytes: Uint8Array, at: number, length: number): unknown {
  const [size, parts] = layoutOf(kind);
  if (length !== size) return wrongSize;
  const value: Record<string, unknown> = {};
  for (const [name, bit, width] of parts) {
    const start = at + (bit >> 5) * 4;
    const word = wordAt(bytes, start) >>> ((32 - bit - width) & 31);
    const number = (word & (2 ** width - 1)) >>> 0;
    const part =
      width === 1 ? number === 1 : width < 64 ? number : (BigInt(word) << 32n) | BigInt(wordAt(bytes, start + 4) >>> 0);
    if (name === '') return part;
    value[name] = part;
  }
  return parts.length === 0 || value;
}

function readErrorCode(bytes: Uint8Array, withFamily: boolean): unknown {
  if (bytes.length < 4) return wrongSize;
  const [family, , hundreds = 0, number = 0] = bytes;
  const kind = hundreds & 7;
  if (kind < 3 || kind > 6 || number > 99) return new Malformed('bad-error-code');
  const reason = readText(bytes.subarray(4), 763);
  if (reason instanceof Malformed) return reason;
  const error = { code: kind * 100 + number, reason };
  return withFamily ? { family: family === 2 ? 'ipv6' : 'ipv4', ...error } : error;
}

function readAlgorithms(bytes: Uint8Array, one: boolean): unknown {
  const list: { algorithm: AlgorithmName; parameters: Uint8Array }[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const word = wordAt(bytes, at);
    const end = at + 4 + (word & 0xffff);
    if (end > bytes.length) break;
    const number = word >>> 16;
    list.push({ algorithm: algorithms[number] ?? number, parameters: bytes.subarray(at + 4, end) });
    at = (end + 3) & ~3;
  }
  // The padding after the last one is sometimes left out.
  if (list.length === 0 || at < bytes.length || (one && list.length > 1)) return new Malformed('bad-list');
  return one ? list[0] : list;
}

/** The value of `length` bytes at `at` in a message, by the row of its attribute. Texts and bytes are slices. */
export function readValue(bytes: Uint8Array, row: Row | undefined, at: number, length: number): unknown {
  const raw = bytes.subarray(at, at + length);
  const kind = row?.what;
  switch (kind) {
    case undefined:
      return raw;
    case Kind.Bytes:
      return length < (row?.least as number) || length > (row?.most as number) ? wrongSize : raw;
    case Kind.Text:
      return readText(raw, row?.most as number);
    case Kind.Address:
    case Kind.XorAddress:
      return readAddress(bytes, at, length, kind === Kind.XorAddress ? -1 : 0);
    case Kind.ErrorCode:
    case Kind.AddressErrorCode:
      return readErrorCode(raw, kind === Kind.AddressErrorCode);
    case Kind.Codes:
      if (length % 2 !== 0) return wrongSize;
      return Array.from({ length: length / 2 }, (_, i) => ((raw[2 * i] as number) << 8) | (raw[2 * i + 1] as number));
    case Kind.Algorithm:
    case Kind.Algorithms:
      return readAlgorithms(raw, kind === Kind.Algorithm);
    default:
      return readFixed(kind as Kind, bytes, at, length);
  }
}

/** Bytes as hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}

/** A value as JSON can hold it: bytes as hexadecimal, bigints as decimal text. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
  }
  return value;
}
