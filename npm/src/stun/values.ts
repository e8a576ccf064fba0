/** Values as the crate hands them over: `push_value` in `src/wasm/stun.rs`. */
import { readAddress } from './address.js';
import { Named, nameOf, Shape } from './names.js';

/** A value, or why the bytes are none. */
export interface Malformed {
  value: unknown;
  error: string | null;
}

/** Name of IANA's password algorithm; the number where it has none. */
export type AlgorithmName = 'md5' | 'sha-256' | number;
export const algorithms: readonly (AlgorithmName | undefined)[] = [undefined, 'md5', 'sha-256'];

/** Reads the value at `at`. Texts and bytes are slices of the message. */
export function readValue(
  words: Uint32Array,
  at: number,
  slice: (from: number, length: number) => Uint8Array,
  decoder: TextDecoder,
): Malformed {
  const word = (index: number) => words[at + index] as number;
  if (word(0) === Shape.Malformed) return { value: null, error: nameOf(Named.ValueError, word(1)) ?? 'wrong-size' };
  const text = (index: number) => decoder.decode(slice(word(index), word(index + 1)));
  const algorithm = (index: number) => ({
    algorithm: algorithms[word(index)] ?? word(index),
    parameters: slice(word(index + 1), word(index + 2)),
  });
  const value = (): unknown => {
    switch (word(0)) {
      case Shape.Flag:
        return true;
      case Shape.Number:
        return word(1);
      case Shape.Long:
        return (BigInt(word(1)) << 32n) | BigInt(word(2));
      case Shape.Bit:
        return word(1) === 1;
      case Shape.Address:
        return readAddress(words, at + 1);
      case Shape.Text:
        return text(1);
      case Shape.Error:
        return { code: word(1), reason: text(2) };
      case Shape.AddressError:
        return { family: word(4) === 2 ? 'ipv6' : 'ipv4', code: word(1), reason: text(2) };
      case Shape.Codes:
        return Array.from(words.subarray(at + 2, at + 2 + word(1)));
      case Shape.Algorithm:
        return algorithm(1);
      case Shape.Algorithms:
        return Array.from({ length: word(1) }, (_, index) => algorithm(2 + 3 * index));
      case Shape.Change:
        return { ip: word(1) === 1, port: word(2) === 1 };
      case Shape.Icmp:
        return { type: word(1), code: word(2), data: word(3) };
      case Shape.Counter:
        return { request: word(1), response: word(2) };
      case Shape.Ecn:
        return { ecn: word(1), valid: word(2) === 1 };
      case Shape.Network:
        return { id: word(1), cost: word(2) };
      default:
        return slice(word(1), word(2));
    }
  };
  return { value: value(), error: null };
}

/** Bytes as hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}

/** What JSON can hold: bytes as hexadecimal, bigints as decimal text. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
  }
  return value;
}
