/** Settings that the operator makes through variables; the names are explained in wrangler.jsonc. */
import { DEFAULT_LIMITS, type Limits } from './limits.js';

/** Clients that may ask, and how responses are signed (RFC 8489 §9). */
export type Credentials =
  | { kind: 'none' }
  | { kind: 'short-term'; username: string; password: string }
  | { kind: 'long-term'; username: string; realm: string; password: string };

/** The variables, read and checked. */
export interface Settings {
  /** Origins whose pages may connect; null: only the worker's own. */
  allowedOrigins: readonly string[] | null;
  /** The header that carries the client's port; null: the port is not known. */
  portHeader: string | null;
  /** Limits of one connection. */
  limits: Limits;
  /** Clients that may ask. */
  credentials: Credentials;
  /** `stun:` URLs that the page proposes. */
  iceServers: readonly string[];
}

/** A variable that can't be meant as it is. */
export class SettingsError extends Error {}

/** Reads the variables; an empty one counts as unset. */
export function settings(variables: Readonly<Record<string, unknown>>): Settings {
  const read = (name: string): string | null => {
    const value = variables[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  return {
    allowedOrigins: list(read('ALLOWED_ORIGINS')),
    portHeader: read('CLIENT_PORT_HEADER'),
    limits: limits(read('MESSAGES_PER_SECOND')),
    credentials: credentials(read),
    iceServers: list(read('ICE_SERVERS')) ?? [],
  };
}

function list(value: string | null): string[] | null {
  return value?.split(',').map((item) => item.trim()) ?? null;
}

function limits(rate: string | null): Limits {
  if (rate === null) return DEFAULT_LIMITS;
  const number = Number(rate);
  if (!(number > 0 && number <= 1e6))
    throw new SettingsError(`MESSAGES_PER_SECOND is "${rate}", not a number from 1 to 1000000`);
  return { ...DEFAULT_LIMITS, rate: number, burst: number * 2 };
}

function credentials(read: (name: string) => string | null): Credentials {
  const [username, password, realm] = [read('STUN_USERNAME'), read('STUN_PASSWORD'), read('STUN_REALM')];
  if (username === null && password === null && realm === null) return { kind: 'none' };
  if (username === null || password === null) throw new SettingsError('STUN_USERNAME and STUN_PASSWORD go together');
  if (realm === null) return { kind: 'short-term', username, password };
  return { kind: 'long-term', username, realm, password };
}
