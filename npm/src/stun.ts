/**
 * STUN and TURN messages alone. Importing is enough: no init call, in Node, browsers and workerd.
 *
 * @packageDocumentation
 */

import { classes, type MessageClass } from './stun/message.js';
import { type Row, rows } from './stun/names.js';

export type { TransportAddress } from './stun/address.js';
export { type Credentials, prepareString, userHash } from './stun/credentials.js';
export { encodeMessage, type MessageInit } from './stun/encode.js';
export { StunError } from './stun/errors.js';
export type { Field } from './stun/fields.js';
export {
  type Check,
  decodeMessage,
  isStunMessage,
  type MessageClass,
  type Method,
  type StunAttribute,
  type StunMessage,
} from './stun/message.js';

export {
  createResponder,
  explainCheck,
  type Responder,
  type ResponderOptions,
  type ServerCheck,
  type StunAnswer,
} from './stun/responder.js';

/** The form of an attribute's value. */
export type ValueForm =
  | 'bytes'
  | 'flag'
  | 'number'
  | 'bigint'
  | 'boolean'
  | 'address'
  | 'text'
  | 'error'
  | 'address-error'
  | 'codes'
  | 'algorithm'
  | 'algorithms'
  | 'change-request'
  | 'icmp'
  | 'counter'
  | 'ecn'
  | 'network';

/** What is known of an attribute. */
export interface AttributeInfo {
  type: number;
  name: string;
  form: ValueForm;
  comprehension: 'required' | 'optional';
  /** The classes it may appear in. */
  classes: MessageClass[];
}

const forms: readonly ValueForm[] = [
  'bytes',
  'flag',
  'number',
  'bigint',
  'boolean',
  'address',
  'text',
  'error',
  'address-error',
  'codes',
  'algorithm',
  'algorithms',
  'change-request',
  'icmp',
  'counter',
  'ecn',
  'network',
];

/** Every attribute that the library knows, in order of type. */
export function attributeTable(): AttributeInfo[] {
  return rows()
    .filter((row) => row.what < forms.length)
    .map((row: Row) => ({
      type: row.code,
      name: row.name,
      form: forms[row.what] as ValueForm,
      comprehension: row.code < 0x8000 ? 'required' : 'optional',
      classes: classes.filter((_, bit) => row.classes & (1 << bit)),
    }));
}
