/**
 * STUN and TURN messages alone, small. Importing is enough: no init call, in Node, browsers and workerd.
 *
 * Left out, and in `icelens` only: `StunMessage.fields()`, `attributeTable()` and `explainCheck()`.
 *
 * @packageDocumentation
 */

export type { TransportAddress } from './stun/address.js';
export {
  type Credentials,
  type LongTermCredentials,
  prepareString,
  type ShortTermCredentials,
  userHash,
} from './stun/credentials.js';
export { encodeMessage, type MessageInit } from './stun/encode.js';
export { StunError } from './stun/errors.js';
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
  type Responder,
  type ResponderOptions,
  type ServerCheck,
  type StunAnswer,
} from './stun/responder.js';
