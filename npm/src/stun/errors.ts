import { Named, nameOf } from './names.js';

/** Bytes that are not a message, or a message that cannot be built. */
export class StunError extends Error {
  /** Always `StunError`, also in minified bundles. */
  override readonly name = 'StunError';

  constructor(
    message: string,
    /** Stable: `too-short`, `not-stun`, `unaligned-length`, `truncated`, `trailing-bytes`, `attribute-overrun`; for building `no-room`, `wrong-size`, `wrong-kind`, `unknown-attribute`, `unknown-method`, `unknown-class`, `bad-transaction-id`, `bad-address`, `bad-option`. */
    readonly code: string,
    /** Offset in bytes from the start of the message; for building the index of the attribute, or -1. */
    readonly offset = -1,
  ) {
    super(message);
  }
}

/** Sentence of each error, in the order of `ParseErrorKind` in `src/stun/error.rs`. */
const sentences: readonly ((expected: number, found: number) => string)[] = [
  (_, found) => `a STUN message has at least 20 bytes, this has ${found}`,
  () => 'the first two bits of a STUN message are zero; this is something else',
  (_, found) => `the length field must be a multiple of 4, it is ${found}`,
  (expected, found) => `the length field asks for ${expected} bytes in all, but there are ${found}`,
  (expected, found) => `the length field says that the message ends at ${expected}, but there are ${found} bytes`,
  (expected, found) => `an attribute says it has ${found} bytes, ${expected} are left`,
];

/** The error of a failed decode: kind, offset, expected, found. */
export function parseError(words: Uint32Array, at: number): StunError {
  const [kind = 0, offset = 0, expected = 0, found = 0] = words.subarray(at, at + 4);
  const sentence = sentences[kind - 1]?.(expected, found);
  return new StunError(`byte ${offset}: ${sentence}`, nameOf(Named.ParseError, kind) ?? '', offset);
}
