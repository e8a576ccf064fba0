import { Named, nameOf } from './names.js';

/** Bytes that are no message, or a message that cannot be built. */
export class StunError extends Error {
  override readonly name = 'StunError';

  constructor(
    message: string,
    /** Stable: `too-short`, `not-stun`, `unaligned-length`, `truncated`, `trailing-bytes`, `attribute-overrun`; for building `no-room`, `wrong-size`, `wrong-kind`, `out-of-order`, `unknown-attribute`, `unknown-method`, `bad-transaction-id`, `bad-address`. */
    readonly code: string,
    /** Where, in bytes from the start of the message; for building the index of the attribute, or -1. */
    readonly offset: number,
  ) {
    super(message);
  }
}

const parseSentences: Record<string, (expected: number, found: number) => string> = {
  'too-short': (_, found) => `a STUN message has at least 20 bytes, here are ${found}`,
  'not-stun': () => 'the first two bits of a STUN message are zero; this is something else',
  'unaligned-length': (_, found) => `the length field must be a multiple of 4, it is ${found}`,
  truncated: (expected, found) => `the length field asks for ${expected} bytes in all, here are ${found}`,
  'trailing-bytes': (expected, found) =>
    `the length field says that the message ends at ${expected}, here are ${found} bytes`,
  'attribute-overrun': (expected, found) => `an attribute says it has ${found} bytes, ${expected} are left`,
};

/** The error of a failed decode: kind, offset, expected, found. */
export function parseError(words: Uint32Array, at: number): StunError {
  const [kind = 0, offset = 0, expected = 0, found = 0] = words.subarray(at, at + 4);
  const code = nameOf(Named.ParseError, kind) ?? 'not-stun';
  return new StunError(`byte ${offset}: ${parseSentences[code]?.(expected, found) ?? code}`, code, offset);
}

const buildSentences: Record<string, string> = {
  'no-room': 'the message would be longer than 65 552 bytes',
  'wrong-size': 'its value has a size or number that the attribute does not allow',
  'wrong-kind': 'its value is of another kind than the attribute',
  'out-of-order': 'it cannot follow integrity attributes or FINGERPRINT; use `integrity` and `fingerprint` for those',
};

/** The error of a failed encode. */
export function buildError(kind: number, index: number, attribute: string): StunError {
  const code = nameOf(Named.BuildError, kind) ?? 'wrong-kind';
  return new StunError(`attribute ${index}${attribute && ` (${attribute})`}: ${buildSentences[code]}`, code, index);
}
