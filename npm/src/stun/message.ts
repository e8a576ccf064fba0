import { hold, holds, memoryWords, raw, recordsStart, writeBytes } from '../core.js';
import { readAddress, type TransportAddress } from './address.js';
import { type Credentials, keySlot } from './credentials.js';
import { parseError } from './errors.js';
import { type Field, messageFields } from './fields.js';
import { attributeCode, attributeRow, hexCode, Named, nameOf, type StunExports } from './names.js';
import { type Malformed, plain, readValue } from './values.js';

export type MessageClass = 'request' | 'indication' | 'success' | 'error';
/** A number when the method has no name. */
export type Method =
  | 'binding'
  | 'allocate'
  | 'refresh'
  | 'send'
  | 'data'
  | 'create-permission'
  | 'channel-bind'
  | 'connect'
  | 'connection-bind'
  | 'connection-attempt'
  | 'shared-secret'
  | 'goog-ping'
  | number;
/** What a check found. */
export type Check = 'valid' | 'invalid' | 'absent';

export const classes: readonly MessageClass[] = ['request', 'indication', 'success', 'error'];
const checks: readonly Check[] = ['absent', 'valid', 'invalid'];

/** Words before the attributes, and of each; `MESSAGE_WORDS`, `ATTRIBUTE_WORDS` in `src/wasm/stun.rs`. */
const WORDS = 11;
const ATTRIBUTE = 3;

const decoder = new TextDecoder();

/** True for FINGERPRINT and the integrity attributes, which count after integrity too. */
const outlives = (type: number) => type === 0x0008 || type === 0x001c || type === 0x8028 || type === 0xc060;

/** One attribute of a decoded message. Nothing is decoded until it is asked for. */
export class StunAttribute {
  /** @internal */
  constructor(
    private readonly message: StunMessage,
    /** The 16-bit type. */
    readonly type: number,
    /** Where the value starts, in bytes from the start of the message. */
    readonly offset: number,
    /** Length of the value in bytes, without padding. */
    readonly length: number,
    /** False when the attribute comes after integrity, where receivers must not look at it (RFC 8489 §14.5). */
    readonly counts: boolean,
  ) {}

  /** IANA's name, such as `XOR-MAPPED-ADDRESS`; `0x8030` where the type has none. */
  get name(): string {
    return attributeRow(this.type)?.name ?? hexCode(this.type);
  }

  /** Whether a receiver that does not know the type must refuse the message. */
  get comprehension(): 'required' | 'optional' {
    return this.type < 0x8000 ? 'required' : 'optional';
  }

  /** The bytes of the value: a view of the message. */
  get raw(): Uint8Array {
    return this.message.bytes.subarray(this.offset, this.offset + this.length);
  }

  /**
   * The value by its kind: a number, bigint, string, boolean, address, `{ code, reason }`, list and so on. The raw
   * bytes when the type is unknown or opaque, or when they do not fit the kind; then `error` says why.
   */
  get value(): unknown {
    const { value, error } = this.message.read(this.offset);
    return error === null ? value : this.raw;
  }

  /** Why the bytes do not fit the kind: `wrong-size`, `unknown-family`, `not-utf8`, `bad-error-code`, `bad-list`. */
  get error(): string | null {
    return this.message.read(this.offset).error;
  }

  toJSON(): object {
    const { name, type, offset, length, value, error } = this;
    return { name, type, offset, length, value: plain(value), ...(error && { error }) };
  }
}

/**
 * A decoded message: a view of the bytes it was decoded from, which must not change while it is used. Each getter
 * does its work when it is asked.
 */
export class StunMessage {
  private list: readonly StunAttribute[] | null = null;

  /** @internal */
  constructor(
    /** The bytes of the message. */
    readonly bytes: Uint8Array,
    private start: number,
  ) {}

  /** The records of this message; decodes again when something else was decoded since. */
  private records(): Uint32Array {
    if (!holds(this)) {
      this.start = decode(this.bytes);
      hold(this);
    }
    return memoryWords();
  }

  private word(index: number): number {
    return this.records()[this.start + index] as number;
  }

  get class(): MessageClass {
    return classes[this.word(0)] as MessageClass;
  }

  get method(): Method {
    const code = this.word(1);
    return code === 1 ? 'binding' : ((nameOf(Named.Method, code) as Method | undefined) ?? code);
  }

  /** `rfc3489` when the magic cookie is missing. */
  get dialect(): 'rfc8489' | 'rfc3489' {
    return this.word(2) === 1 ? 'rfc3489' : 'rfc8489';
  }

  /** 12 bytes, 16 in the classic dialect: a view of the message. */
  get transactionId(): Uint8Array {
    return this.bytes.subarray(this.word(2) === 1 ? 4 : 8, 20);
  }

  /** Every attribute in order, those after integrity too; see `counts`. */
  get attributes(): readonly StunAttribute[] {
    if (this.list !== null) return this.list;
    const words = this.records();
    const [count, effective] = [this.word(3), this.word(4)];
    const list: StunAttribute[] = [];
    for (let i = 0; i < count; i++) {
      const at = this.start + WORDS + i * ATTRIBUTE;
      const type = words[at] as number;
      const counts = i < effective || outlives(type);
      list.push(new StunAttribute(this, type, words[at + 1] as number, words[at + 2] as number, counts));
    }
    this.list = list;
    return list;
  }

  /** XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS. */
  get mappedAddress(): TransportAddress | null {
    return readAddress(this.records(), this.start + 5);
  }

  get username(): string | null {
    return this.typed(0x0006, 'string');
  }

  get software(): string | null {
    return this.typed(0x8022, 'string');
  }

  get realm(): string | null {
    return this.typed(0x0014, 'string');
  }

  get nonce(): string | null {
    return this.typed(0x0015, 'string');
  }

  get priority(): number | null {
    return this.typed(0x0024, 'number');
  }

  get useCandidate(): boolean {
    return this.find(0x0025) !== 0;
  }

  /** The tie-breaker in ICE-CONTROLLING. */
  get iceControlling(): bigint | null {
    return this.typed(0x802a, 'bigint');
  }

  /** The tie-breaker in ICE-CONTROLLED. */
  get iceControlled(): bigint | null {
    return this.typed(0x8029, 'bigint');
  }

  get errorCode(): { code: number; reason: string } | null {
    return this.typed(0x0009, 'object');
  }

  /** Whether FINGERPRINT is there, right, and the last attribute (RFC 8489 §14.7). */
  get fingerprint(): Check {
    this.records();
    return checks[raw<StunExports>().stun_fingerprint(this.bytes.length)] as Check;
  }

  /**
   * The value of the first attribute of that name or type among those that count; `null` when there is none.
   * `true` for attributes without a value.
   */
  get(attribute: string | number): unknown {
    const code = attributeCode(attribute);
    const offset = code === undefined ? 0 : this.find(code);
    if (offset === 0) return null;
    const { value, error } = this.read(offset);
    return error === null ? value : this.attributes.find((found) => found.offset === offset)?.raw;
  }

  /** Checks every integrity attribute present: `valid` when there is one and none is wrong. */
  verify(credentials: Credentials): Check {
    const slot = keySlot(credentials);
    this.records();
    return checks[raw<StunExports>().stun_verify(this.bytes.length, slot)] as Check;
  }

  /** Every byte of the message named, as a tree. */
  fields(): Field[] {
    return messageFields(this);
  }

  toJSON(): object {
    const { class: kind, method, dialect, transactionId, attributes, fingerprint } = this;
    return { class: kind, method, dialect, transactionId: plain(transactionId), attributes, fingerprint };
  }

  /** Where the value of the first attribute of type `code` starts; 0 when there is none. */
  private find(code: number): number {
    const words = this.records();
    const count = this.word(outlives(code) ? 3 : 4);
    for (let at = this.start + WORDS, end = at + count * ATTRIBUTE; at < end; at += ATTRIBUTE) {
      if (words[at] === code) return words[at + 1] as number;
    }
    return 0;
  }

  private typed<T>(code: number, type: string): T | null {
    const offset = this.find(code);
    if (offset === 0) return null;
    const { value, error } = this.read(offset);
    return error === null && typeof value === type ? (value as T) : null;
  }

  /** @internal The value of the attribute whose value starts at `offset`. */
  read(offset: number): Malformed {
    const count = this.records()[this.start + 3] as number;
    const at = WORDS + count * ATTRIBUTE;
    this.start = raw<StunExports>().stun_value(this.bytes.length, at, offset);
    return readValue(
      memoryWords(),
      this.start + at,
      (from, length) => this.bytes.subarray(from, from + length),
      decoder,
    );
  }
}

function decode(bytes: Uint8Array): number {
  writeBytes(bytes);
  const start = raw<StunExports>().stun_decode(bytes.length);
  if (start === 0) throw parseError(memoryWords(), recordsStart());
  return start;
}

/**
 * Decodes one whole message. The result is a view of `bytes`: do not change them while it is used.
 *
 * @throws StunError when `bytes` are not one whole message: too short, truncated, too long, or an attribute overruns.
 *
 * @example
 * ```ts
 * const message = decodeMessage(bytes);
 * message.mappedAddress; // { address: '192.0.2.1', port: 32853, family: 'ipv4' }
 * message.verify({ password: 'VOkJxbRl1RmTxUk/WvJxBt' }); // 'valid'
 * ```
 */
export function decodeMessage(bytes: Uint8Array): StunMessage {
  const message = new StunMessage(bytes, decode(bytes));
  hold(message);
  return message;
}

/** True when `bytes` are one STUN message by first byte, magic cookie and length (RFC 7983 §7, RFC 8489 §6.3). Classic messages have no cookie and are not recognised. */
export function isStunMessage(bytes: Uint8Array): boolean {
  if (bytes.length < 20 || (bytes[0] as number) > 3) return false;
  writeBytes(bytes);
  return raw<StunExports>().stun_is_message(bytes.length) !== 0;
}
