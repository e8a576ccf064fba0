// The same four jobs done by each library, as its users would do them.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

export const password = 'VOkJxbRl1RmTxUk/WvJxBt';
const username = 'evtj:h6vY';
const priority = 0x6e0001ff;
const tieBreaker = 0x932ff9b151263b36n;

function icelens({ decodeMessage, encodeMessage }) {
  const check = {
    class: 'request',
    method: 'binding',
    attributes: [['USERNAME', username], ['ICE-CONTROLLING', tieBreaker], ['USE-CANDIDATE'], ['PRIORITY', priority]],
    integrity: { password },
    fingerprint: true,
  };
  return {
    decode: (bytes) => decodeMessage(bytes).mappedAddress.port,
    verify: (bytes) => {
      const message = decodeMessage(bytes);
      return (
        message.verify({ password }) === 'valid' && message.fingerprint === 'valid' && message.username === username
      );
    },
    encode: () => encodeMessage({ class: 'request', method: 'binding' }),
    sign: () => encodeMessage(check),
  };
}

/** `stun` and its fork share an interface. */
function stun(library) {
  const { createMessage, decode, validateFingerprint, validateMessageIntegrity, constants } = library;
  const { STUN_BINDING_REQUEST, STUN_ATTR_XOR_MAPPED_ADDRESS, STUN_ATTR_USERNAME } = constants;
  return {
    decode: (bytes) =>
      decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).getAttribute(STUN_ATTR_XOR_MAPPED_ADDRESS).value
        .port,
    verify: (bytes) => {
      const message = decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      const named = String(message.getAttribute(STUN_ATTR_USERNAME).value) === username;
      return validateMessageIntegrity(message, password) && validateFingerprint(message) && named;
    },
    encode: () => createMessage(STUN_BINDING_REQUEST).toBuffer(),
    sign: () => {
      const message = createMessage(STUN_BINDING_REQUEST);
      message.addUsername(username);
      message.addIceControlling(Buffer.from('932ff9b151263b36', 'hex'));
      message.addUseCandidate();
      message.addPriority(priority);
      message.addMessageIntegrity(password);
      message.addFingerprint();
      return message.toBuffer();
    },
  };
}

// werift does not export its STUN messages; this is where they are.
function werift() {
  const { Message, parseMessage } = require(
    join(import.meta.dirname, 'node_modules/werift/lib/ice-server/src/stun/message.js'),
  );
  const key = Buffer.from(password);
  return {
    decode: (bytes) =>
      parseMessage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).getAttributeValue(
        'XOR-MAPPED-ADDRESS',
      )[1],
    verify: (bytes) => {
      const message = parseMessage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), key);
      return message?.getAttributeValue('USERNAME') === username;
    },
    encode: () => new Message(1, 0).bytes,
    sign: () =>
      new Message(1, 0)
        .setAttribute('USERNAME', username)
        .setAttribute('ICE-CONTROLLING', tieBreaker)
        .setAttribute('USE-CANDIDATE', null)
        .setAttribute('PRIORITY', priority)
        .addMessageIntegrity(key)
        .addFingerprint().bytes,
  };
}

/** Every library by name; ours first, in both builds. */
export async function libraries() {
  return {
    icelens: icelens(await import('icelens')),
    'icelens/stun': icelens(await import('icelens/stun')),
    stun: stun(require('stun')),
    werift: werift(),
    '@msimerson/stun': stun(await import('@msimerson/stun')),
  };
}
