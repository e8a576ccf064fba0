import { bytesOf, requireArray, requireObject, requireWhole, shown } from '../argument.js';
import { copyInput, raw } from '../core.js';
import { type Credentials, keySlot } from './credentials.js';
import { StunError } from './errors.js';
import { classes, type MessageClass, type Method } from './message.js';
import { attributeCode, attributeRow, Named, rowOf, type StunExports } from './names.js';
import { attribute, begin, bytes, copy, Mismatch, size, toInput } from './writing.js';

/** Message for `encodeMessage`. */
export interface MessageInit {
  /** Class: request, indication, success response or error response (RFC 8489 §5). */
  class: MessageClass;
  /** Method by name or by number, 0 to 0xfff. */
  method: Method;
  /** 12 bytes, 16 for the classic dialect. Random when left out, which only requests and indications may. */
  transactionId?: Uint8Array;
  /** `rfc8489` when absent; `rfc3489` is without magic cookie. */
  dialect?: 'rfc8489' | 'rfc3489';
  /**
   * Names or types with their values, in order. A value has the form in which `StunAttribute.value` gives it; an
   * address may be `'192.0.2.1:3478'`, an error its number, a flag may be left out. A `Uint8Array` is written as it
   * is, whatever the type asks for.
   */
  attributes?: readonly (readonly [name: string | number, value?: unknown])[];
  /**
   * Adds MESSAGE-INTEGRITY; with `sha256` MESSAGE-INTEGRITY-SHA256 instead, or both; with `goog32`
   * GOOG-MESSAGE-INTEGRITY-32 alone, as libwebrtc signs GOOG-PING.
   */
  integrity?: Credentials & { sha256?: boolean | 'both'; goog32?: boolean };
  /** Adds FINGERPRINT. */
  fingerprint?: boolean;
  /** The byte that fills attributes up to a multiple of four. 0 by RFC 8489; the vectors of RFC 5769 have 0x20. */
  padding?: number;
}

// Random bytes come from a pool: a call to getRandomValues costs thirty times what a copy does.
const pool = /* @__PURE__ */ new Uint8Array(3072);
let left = 0;

/** RFC 8489 §5. */
const COOKIE = [0x21, 0x12, 0xa4, 0x42];

function transactionId(init: MessageInit): void {
  const { transactionId: given, dialect } = init;
  const id = given === undefined || given instanceof Uint8Array ? given : bytesOf('transactionId', given);
  const classic = dialect === 'rfc3489' || (dialect === undefined && id?.length === 16);
  if (!classic) bytes(COOKIE);
  const length = classic ? 16 : 12;
  if (id === undefined) {
    if (init.class === 'success' || init.class === 'error') {
      throw new StunError('a response needs the transactionId of its request', 'bad-transaction-id');
    }
    if (left < length) {
      crypto.getRandomValues(pool);
      left = pool.length;
    }
    left -= length;
    copy(pool, left, left + length);
    return;
  }
  if (id.length !== length) {
    throw new StunError(`transactionId has ${id.length} bytes, the dialect wants ${length}`, 'bad-transaction-id');
  }
  bytes(id);
}

/** The 12-bit code of a method. */
function methodCode(method: Method): number {
  if (method === 'binding') return 1;
  const row = typeof method === 'string' ? rowOf(method) : undefined;
  const code = typeof method === 'number' ? method : row?.what === Named.Method ? row.code : -1;
  if (!(Number.isInteger(code) && code >= 0 && code <= 0xfff)) {
    throw new StunError(
      `no method is called ${shown(method)}: others than binding, allocate and the like are numbers from 0 to 4095`,
      'unknown-method',
    );
  }
  return code;
}

/**
 * Encodes a message.
 *
 * @throws StunError when a value does not fit its attribute; the message names the attribute and what it takes.
 * TypeError when what is given is not a message to be made, or no credentials.
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
  requireObject('init', init);
  const { integrity, attributes } = init;
  const kind = classes.indexOf(init.class);
  if (kind < 0)
    throw new StunError(`class must be one of ${classes.join(', ')}, not ${shown(init.class)}`, 'unknown-class');
  const method = methodCode(init.method);
  begin();
  transactionId(init);
  const padding = init.padding ?? 0;
  requireWhole('padding', padding);
  if (attributes !== undefined) writeAll(attributes, padding);
  const flags = (integrity ? signatures(integrity) : 0) | (init.fingerprint ? 8 : 0);
  // A new key goes through the input area: before the message is put there.
  const slot = integrity === undefined ? 0 : keySlot(integrity);
  const length = raw<StunExports>().stun_encode(toInput(), kind, method, flags, slot);
  if (length === 0) throw tooLong(-1);
  return copyInput(length);
}

/** Whether a number is the type of an attribute. */
const isType = (type: unknown) => Number.isInteger(type) && (type as number) >= 0 && (type as number) <= 0xffff;

/** Bits of `stun_encode`: 1 MESSAGE-INTEGRITY, 2 MESSAGE-INTEGRITY-SHA256, 4 GOOG-MESSAGE-INTEGRITY-32. */
function signatures({ sha256, goog32 }: NonNullable<MessageInit['integrity']>): number {
  if (goog32) return 4;
  return sha256 === 'both' ? 3 : sha256 ? 2 : 1;
}

function tooLong(index: number): StunError {
  return new StunError('the message would be longer than 65 552 bytes', 'no-room', index);
}

function writeAll(attributes: NonNullable<MessageInit['attributes']>, padding: number): void {
  requireArray('attributes', attributes);
  for (let index = 0; index < attributes.length; index++) {
    const one = attributes[index];
    // The name of the argument is only made where it is needed.
    if (!Array.isArray(one)) requireArray(`attributes[${index}]`, one);
    write((one as readonly [string])[0], (one as readonly unknown[])[1], padding, index);
  }
}

function write(name: string | number, value: unknown, padding: number, index: number): void {
  const code = typeof name === 'string' || isType(name) ? attributeCode(name) : undefined;
  if (code === undefined)
    throw new StunError(
      `attribute ${index}: none is called ${shown(name)}: give the type of others as a number`,
      'unknown-attribute',
      index,
    );
  const fail = (takes: string, code: string) =>
    new StunError(`attribute ${index} (${shown(name)}) takes ${takes}`, code, index);
  try {
    attribute(code, attributeRow(code), value, padding);
  } catch (error) {
    throw error instanceof Mismatch ? fail(error.message, error.code) : error;
  }
  if (size() > 65_552) throw tooLong(index);
}
