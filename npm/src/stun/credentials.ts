/** Passwords become keys in slots of the wasm instance, so that each is hashed once. */
import { copyOut, raw, writeText } from '../core.js';
import type { StunExports } from './names.js';

/**
 * What signs a message: a short-term password, as in ICE, or a user of a realm, as in TURN.
 * Text outside ASCII is prepared as RFC 4013 and RFC 8265 ask; see `prepareString`.
 */
export type Credentials =
  | { password: string }
  | { username: string; realm: string; password: string; algorithm?: 'md5' | 'sha-256' };

/** `MAX_KEYS` in `wasm/src/stun.rs`. */
const SLOTS = 64;

const shortTerm = new Map<string, number>();
const longTerm = new Map<string, number>();
const owners: { map: Map<string, number>; key: string }[] = [];
let next = 0;
let lastPassword: string | null = null;
let lastSlot = 0;

/**
 * Prepares a password or realm: invisible characters such as the soft hyphen go, every space becomes U+0020, compatibility
 * forms become plain ones (SASLprep, RFC 4013, as the vectors of RFC 5769 and RFC 8489 use it).
 */
export function prepareString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return text
    .replace(/\p{DI}/gu, '')
    .replace(/\p{Zs}/gu, ' ')
    .normalize('NFKC');
}

function claim(map: Map<string, number>, key: string): number {
  const slot = next;
  next = (next + 1) % SLOTS;
  const before = owners[slot];
  before?.map.delete(before.key);
  owners[slot] = { map, key };
  map.set(key, slot);
  lastPassword = null;
  return slot;
}

function shortSlot(password: string): number {
  if (password === lastPassword) return lastSlot;
  const slot = shortTerm.get(password) ?? derive(shortTerm, password, [password], 0);
  lastPassword = password;
  lastSlot = slot;
  return slot;
}

/** Has the key made in a slot. `algorithm`: 0 for the text itself, else IANA's number of its hash. */
function derive(map: Map<string, number>, key: string, parts: readonly string[], algorithm: number): number {
  const slot = claim(map, key);
  raw<StunExports>().stun_key(slot, writeText(parts.map(prepareString).join(':')), algorithm);
  return slot;
}

/** The slot that holds the key of these credentials. Writes to the input area when the key is new. */
export function keySlot(credentials: Credentials): number {
  if (!('realm' in credentials)) return shortSlot(credentials.password);
  const { username, realm, password, algorithm } = credentials;
  const parts = [username, realm, password];
  const number = algorithm === 'sha-256' ? 2 : 1;
  const key = [number, ...parts].join('\0');
  return longTerm.get(key) ?? derive(longTerm, key, parts, number);
}

/** The value of USERHASH: SHA-256 of `username:realm` (RFC 8489 §14.4). */
export function userHash(username: string, realm: string): Uint8Array {
  return copyOut(raw<StunExports>().stun_hash(writeText(`${prepareString(username)}:${prepareString(realm)}`)), 32);
}
