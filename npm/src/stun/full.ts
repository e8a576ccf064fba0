/** STUN of the main entry beyond `icelens/stun`: the field view, the table of attributes, sentences. */
import { type Bytes, mustBe, requireObject } from '../argument.js';
import { memoryBytes, raw } from '../core.js';
import { type Field, messageFields } from './fields.js';
import { StunMessage as BareMessage, classes, decodeAs, type MessageClass } from './message.js';
import { forms, type Kind, Named, rows, type StunExports, type ValueForm } from './names.js';
import type { ServerCheck } from './responder.js';

export type { ValueForm };

/** A decoded message; `decodeMessage` makes them. */
export class StunMessage extends BareMessage {
  /** Every byte of the message named, as a tree. */
  fields(): Field[] {
    return messageFields(this);
  }
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

/** Row of the table of attributes. */
export interface AttributeInfo {
  /** Type, 0 to 0xffff. */
  type: number;
  /** Name by IANA, such as `XOR-MAPPED-ADDRESS`. */
  name: string;
  /** Form of the value. */
  form: ValueForm;
  /** Whether a receiver that does not know the type must refuse the message (RFC 8489 §14). */
  comprehension: 'required' | 'optional';
  /** The classes it may appear in. */
  classes: MessageClass[];
}

/** Every attribute that the library knows, in order of type. */
export function attributeTable(): AttributeInfo[] {
  const start = raw<StunExports & { stun_classes(): number }>().stun_classes();
  const bits = memoryBytes().slice(start, start + rows().length);
  return rows()
    .filter((row) => row.what < Named.Method)
    .map((row, index) => ({
      type: row.code,
      name: row.name,
      form: forms[row.what as Kind],
      comprehension: row.code < 0x8000 ? 'required' : 'optional',
      classes: classes.filter((_, bit) => (bits[index] as number) & (1 << bit)),
    }));
}

const sentences: Record<ServerCheck['rule'], readonly [passed: string, failed: string, skipped: string]> = {
  header: [
    'The header is that of a STUN message.',
    'These bytes have no STUN header: too short, or the first two bits are set.',
    '',
  ],
  structure: [
    'The length field and every attribute fit.',
    'The length field is wrong, or an attribute runs over the end.',
    '',
  ],
  cookie: ['The magic cookie is there: RFC 8489.', '', 'No magic cookie: a classic RFC 3489 message.'],
  fingerprint: [
    'FINGERPRINT is right.',
    'FINGERPRINT is wrong, or not the last attribute.',
    'There is no FINGERPRINT to check.',
  ],
  class: ['It is a request.', 'It is not a request; only requests are answered.', ''],
  method: ['The method is known.', 'The method is not known here.', ''],
  'integrity-present': [
    'The message is signed.',
    'Credentials are asked for, and the message is not signed.',
    'No credentials are asked for.',
  ],
  'credentials-present': [
    'User name, realm and nonce are there.',
    'The message is signed, and does not say by whom.',
    '',
  ],
  algorithms: [
    'The password algorithms are those on offer.',
    'The password algorithms are not those on offer: somebody may have changed the list.',
    '',
  ],
  user: ['The user is known.', 'There is no such user.', ''],
  integrity: ['The signature is right.', 'The signature is wrong: another password, or changed on the way.', ''],
  nonce: ['The nonce is good.', 'The nonce is too old, or was given to another address.', ''],
  'unknown-attributes': ['Every required attribute is understood.', 'A required attribute is not understood.', ''],
  alternate: ['', 'This server sends everybody to another one.', 'No other server to ask.'],
  role: [
    'The peer wins the role conflict.',
    'Both agents claim the same role; the peer must switch.',
    'No role conflict.',
  ],
  response: ['The response was written.', 'The response does not fit.', ''],
};

/** A check in words. */
export function explainCheck(check: ServerCheck): string {
  requireObject('check', check);
  const { rule, outcome } = check;
  if (!Object.hasOwn(sentences, rule)) throw mustBe('check.rule', 'the name of a rule', rule);
  return sentences[rule][outcome === 'passed' ? 0 : outcome === 'failed' ? 1 : 2];
}
