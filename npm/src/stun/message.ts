import { type Bytes, bytesIn, bytesOf } from '../argument.js';
import { hold, holds, memoryWords, raw, writeBytes } from '../core.js';
import { showAs } from '../shown.js';
import type { TransportAddress } from './address.js';
import { type Credentials, keySlot } from './credentials.js';
import { parseError } from './errors.js';
import { attributeCode, attributeRow, hexCode, Named, nameOf, type StunExports } from './names.js';
import { Malformed, plain, readValue, wordAt } from './values.js';

/** Class of a message (RFC 8489 §5). */
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
/** Result of a check. */
export type Check = 'valid' | 'invalid' | 'absent';

export const classes: readonly MessageClass[] = ['request', 'indication', 'success', 'error'];
const checks: readonly Check[] = ['absent', 'valid', 'invalid'];

/** True for FINGERPRINT and the integrity attributes, which count after integrity too. */
const outlives = (type: number) => type === 0x0008 || type === 0x001c || type === 0x8028 || type === 0xc060;

/** One attribute of a decoded message. Nothing is decoded until it is asked for. */
export class StunAttribute {
  /** @internal */
  constructor(
    private readonly message: StunMessage,
    /** The 16-bit type. */
    readonly type: number,
    /** Offset of the value, in bytes from the start of the message. */
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
    const value = this.#read();
    return value instanceof Malformed ? this.raw : value;
  }

  /** Why the bytes do not fit the kind: `wrong-size`, `unknown-family`, `not-utf8`, `bad-error-code`, `bad-list`. */
  get error(): string | null {
    const value = this.#read();
    return value instanceof Malformed ? value.error : null;
  }

  #read(): unknown {
    return readValue(this.message.bytes, attributeRow(this.type), this.offset, this.length);
  }

  /** The attribute for `JSON.stringify`: bytes as hexadecimal digits, bigints as decimal ones. */
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
  #list: readonly StunAttribute[] | null = null;

  /** @internal */
  constructor(
    /** The bytes of the message. */
    readonly bytes: Uint8Array,
    /** Header as `stun_decode` packs it. */
    private readonly header: number,
  ) {
    hold(this);
  }

  /** Class of the message (RFC 8489 §5). */
  get class(): MessageClass {
    return classes[this.header & 3] as MessageClass;
  }

  /** Method of the message; a number when it has no name. */
  get method(): Method {
    const code = (this.header >> 2) & 0xfff;
    return code === 1 ? 'binding' : ((nameOf(Named.Method, code) as Method | undefined) ?? code);
  }

  /** `rfc3489` when the magic cookie is missing. */
  get dialect(): 'rfc8489' | 'rfc3489' {
    return this.header >> 14 ? 'rfc3489' : 'rfc8489';
  }

  /** 12 bytes, 16 in the classic dialect: a view of the message. */
  get transactionId(): Uint8Array {
    return this.bytes.subarray(this.header >> 14 ? 4 : 8, 20);
  }

  /** Every attribute in order, those after integrity too; see `counts`. */
  get attributes(): readonly StunAttribute[] {
    if (this.#list !== null) return this.#list;
    const list: StunAttribute[] = [];
    let counts = true;
    for (let at = 20; at < this.bytes.length; at = this.#next(at)) {
      const type = this.#short(at);
      list.push(new StunAttribute(this, type, at + 4, this.#short(at + 2), counts || outlives(type)));
      if (outlives(type)) counts = false;
    }
    this.#list = list;
    return list;
  }

  /** XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS. */
  get mappedAddress(): TransportAddress | null {
    return this.#typed(0x0020, 'object') ?? this.#typed(0x8020, 'object') ?? this.#typed(0x0001, 'object');
  }

  /** USERNAME (RFC 8489 §14.3); `null` when it is absent or is not UTF-8. */
  get username(): string | null {
    return this.#typed(0x0006, 'string');
  }

  /** SOFTWARE (RFC 8489 §14.14); `null` when it is absent or is not UTF-8. */
  get software(): string | null {
    return this.#typed(0x8022, 'string');
  }

  /** REALM (RFC 8489 §14.9); `null` when it is absent or is not UTF-8. */
  get realm(): string | null {
    return this.#typed(0x0014, 'string');
  }

  /** NONCE (RFC 8489 §14.10); `null` when it is absent or is not UTF-8. */
  get nonce(): string | null {
    return this.#typed(0x0015, 'string');
  }

  /** PRIORITY (RFC 8445 §16.1); `null` when it is absent or has another size. */
  get priority(): number | null {
    return this.#typed(0x0024, 'number');
  }

  /** Whether USE-CANDIDATE is there (RFC 8445 §16.1). */
  get useCandidate(): boolean {
    return this.#find(0x0025) !== 0;
  }

  /** The tie-breaker in ICE-CONTROLLING. */
  get iceControlling(): bigint | null {
    return this.#typed(0x802a, 'bigint');
  }

  /** The tie-breaker in ICE-CONTROLLED. */
  get iceControlled(): bigint | null {
    return this.#typed(0x8029, 'bigint');
  }

  /** ERROR-CODE (RFC 8489 §14.8); `null` when it is absent or can't be read. */
  get errorCode(): {
    /** Class times 100 plus number, 300 to 699. */
    code: number;
    /** Reason phrase. */
    reason: string;
  } | null {
    return this.#typed(0x0009, 'object');
  }

  /** Whether FINGERPRINT is there, right, and the last attribute (RFC 8489 §14.7). */
  get fingerprint(): Check {
    this.#load();
    return checks[raw<StunExports>().stun_fingerprint(this.bytes.length)] as Check;
  }

  /**
   * The value of the first attribute of that name or type among those that count; `null` when there is none.
   * `true` for attributes without a value.
   */
  get(attribute: string | number): unknown {
    const code = attributeCode(attribute);
    const at = code === undefined ? 0 : this.#find(code);
    if (at === 0) return null;
    const value = this.#read(at);
    return value instanceof Malformed ? this.bytes.subarray(at + 4, at + 4 + this.#short(at + 2)) : value;
  }

  /**
   * Checks every integrity attribute present: `valid` when there is one and none is wrong. With an empty password that is
   * not meant (`emptyPassword`) none is valid.
   *
   * @throws TypeError when the password, user name or realm is not a string.
   */
  verify(credentials: Credentials): Check {
    const slot = keySlot(credentials);
    this.#load();
    const found = checks[raw<StunExports>().stun_verify(this.bytes.length, slot)] as Check;
    const refused = credentials.password === '' && credentials.emptyPassword !== true;
    return refused && found === 'valid' ? 'invalid' : found;
  }

  /** The message for `JSON.stringify`: bytes as hexadecimal digits, bigints as decimal ones. */
  toJSON(): object {
    const { class: kind, method, dialect, transactionId, attributes, fingerprint } = this;
    return { class: kind, method, dialect, transactionId: plain(transactionId), attributes, fingerprint };
  }

  /** Writes the message to the input area unless it is still there. */
  #load(): void {
    if (holds(this)) return;
    writeBytes(this.bytes);
    hold(this);
  }

  #short(at: number): number {
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  /** Offset of the attribute after the one at `at`. */
  #next(at: number): number {
    return at + ((this.#short(at + 2) + 7) & ~3);
  }

  /** Offset of the first attribute of type `code` among those that count; 0 when there is none. */
  #find(code: number): number {
    for (let at = 20; at < this.bytes.length; at = this.#next(at)) {
      const type = this.#short(at);
      if (type === code) return at;
      if (outlives(type) && !outlives(code)) return 0;
    }
    return 0;
  }

  #read(at: number): unknown {
    return readValue(this.bytes, attributeRow(this.#short(at)), at + 4, this.#short(at + 2));
  }

  #typed<T>(code: number, type: string): T | null {
    const at = this.#find(code);
    const value = at === 0 ? null : this.#read(at);
    return typeof value === type && !(value instanceof Malformed) ? (value as T) : null;
  }
}

let isShown = false;

/** Lets Node's console show messages and attributes. Done by the first decoding: importing does nothing. */
function show(): void {
  isShown = true;
  showAs(StunMessage.prototype, 'StunMessage', (one) => one.toJSON());
  showAs(StunAttribute.prototype, 'StunAttribute', (one) => one.toJSON());
}

/** Decodes as a class that may have more than `StunMessage`. */
export function decodeAs<T>(given: Bytes, Message: new (bytes: Uint8Array, header: number) => T): T {
  const bytes = given instanceof Uint8Array ? given : bytesOf('bytes', given);
  writeBytes(bytes);
  const header = raw<StunExports>().stun_decode(bytes.length);
  if (header < 0) throw parseError(memoryWords(), -header >> 2);
  if (!isShown) show();
  return new Message(bytes, header);
}

/**
 * Decodes one whole message. The result is a view of `bytes`: do not change them while it is used.
 *
 * @throws StunError when `bytes` are not one whole message: too short, truncated, too long, or an attribute overruns;
 * TypeError when they are no bytes.
 *
 * @example
 * ```ts
 * const message = decodeMessage(bytes);
 * message.mappedAddress; // { address: '192.0.2.1', port: 32853, family: 'ipv4' }
 * message.verify({ password: 'VOkJxbRl1RmTxUk/WvJxBt' }); // 'valid'
 * ```
 */
export function decodeMessage(bytes: Bytes): StunMessage {
  return decodeAs(bytes, StunMessage);
}

/** True when `bytes` are one STUN message by first byte, magic cookie and length (RFC 7983 §7, RFC 8489 §6.3). Classic messages have no cookie and are not recognised. */
export function isStunMessage(given: Bytes): boolean {
  const bytes = bytesIn(given);
  if (bytes === null) return false;
  const length = wordAt(bytes, 0) & 0xffff;
  const fits = length % 4 === 0 && bytes.length === 20 + length;
  return fits && (bytes[0] as number) < 4 && wordAt(bytes, 4) === 0x2112a442;
}
