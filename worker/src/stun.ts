/** The protocol itself, by the package. */
import { createResponder, type ResponderOptions, type Responder as StunResponder } from 'icelens/stun';
import type { Answer, Responder } from './session.js';
import type { Credentials, Settings } from './settings.js';

const COMMON: ResponderOptions = { software: 'icelens', refuseMalformed: true, fingerprint: true };

// One per set of credentials: an isolate sees one.
const responders = new Map<string, StunResponder>();

function options(credentials: Credentials): ResponderOptions {
  if (credentials.kind === 'none') return COMMON;
  const { username, password } = credentials;
  if (credentials.kind === 'short-term') return { ...COMMON, shortTerm: { username, password } };
  // Nonces are checked by the isolate that gave them, which is the one that holds the connection: any secret will do.
  return { ...COMMON, longTerm: { realm: credentials.realm, users: { [username]: password } } };
}

function shared(credentials: Credentials): StunResponder {
  const key = JSON.stringify(credentials);
  const known = responders.get(key);
  if (known !== undefined) return known;
  const made = createResponder(options(credentials));
  responders.set(key, made);
  return made;
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
  return (message, now): Answer => {
    const answer = server.answer(message, source, Math.floor(now / 1000));
    if (answer.response !== null) return { kind: 'response', bytes: answer.response };
    // The list of checks is made when it is asked for: only where there is nothing to send.
    const last = answer.checks.at(-1)?.rule;
    return { kind: last === 'header' || last === 'structure' ? 'not-stun' : 'silence' };
  };
}
