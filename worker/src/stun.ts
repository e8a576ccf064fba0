/** The protocol itself, by the package. */
import { StunResponder, type StunResponderOptions } from 'icelens/stun';
import type { Answer, Responder } from './session.js';
import type { Credentials, Settings } from './settings.js';

/** SOFTWARE of every response. */
const SOFTWARE = 'icelens';

const responders = new Map<string, StunResponder>();

function options(credentials: Credentials): StunResponderOptions {
  if (credentials.kind === 'none') return { software: SOFTWARE };
  const { username, password } = credentials;
  if (credentials.kind === 'short-term') return { software: SOFTWARE, credentials: { username, password } };
  const { realm, secret } = credentials;
  return { software: SOFTWARE, credentials: { username, password, realm, nonceSecret: secret } };
}

/** One responder per set of credentials: an isolate sees one, tests a few. */
function shared(credentials: Credentials): StunResponder {
  const key = JSON.stringify(credentials);
  let responder = responders.get(key);
  if (responder === undefined) {
    responder = new StunResponder(options(credentials));
    responders.set(key, responder);
  }
  return responder;
}

/** The port that a header tells; 0 when it tells none. */
function port(text: string | null): number {
  const number = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return number < 65_536 ? number : 0;
}

/** Answers for a client at `address`; null when that is no IP address. `portText` comes from a header that is trusted. */
export function responder(settings: Settings, address: string, portText: string | null): Responder | null {
  const server = shared(settings.credentials);
  const source = { address, port: port(portText) };
  try {
    server.answer(new Uint8Array(0), source);
  } catch {
    return null;
  }
  return (message): Answer => {
    const { response, steps } = server.answer(message, source, Math.floor(Date.now() / 1000));
    if (response !== null) return { kind: 'response', bytes: response };
    const failed = steps.at(-1)?.rule;
    return { kind: failed === 'header' || failed === 'structure' ? 'not-stun' : 'silence' };
  };
}
