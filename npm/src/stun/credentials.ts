/** Passwords become keys in slots of the wasm instance, so that each is hashed once. */
import { mustBe, requireObject, requireString } from '../argument.js';
import { copyOut, generation, raw, writeText } from '../core.js';
import type { StunExports } from './names.js';

/** A short-term credential (RFC 8489 §9.1), as in ICE. */
export interface ShortTermCredentials {
  /** Password. */
  password: string;
  /** Whether an empty password is meant; false when absent. */
  emptyPassword?: boolean;
}

/** A long-term credential (RFC 8489 §9.2): a user of a realm, as in TURN. */
export interface LongTermCredentials {
  /** User name. */
  username: string;
  /** Realm of the server. */
  realm: string;
  /** Password of the user. */
  password: string;
  /** Password algorithm (RFC 8489 §18.5); `md5` when absent. */
  algorithm?: 'md5' | 'sha-256';
  /** Whether an empty password is meant; false when absent. */
  emptyPassword?: boolean;
}

/**
 * Credentials that sign a message: a short-term password, as in ICE, or a user of a realm, as in TURN.
 * Text outside ASCII is prepared as RFC 4013 and RFC 8265 ask; see `prepareString`.
 *
 * With an empty password `verify` finds every signature invalid, unless `emptyPassword` says that it is meant: a look-up
 * that found nobody must not become a key that everybody has.
 */
export type Credentials = ShortTermCredentials | LongTermCredentials;

/** `MAX_KEYS` in `wasm/src/stun.rs`. */
const SLOTS = 64;

/** A key that a slot holds: `algorithm` is 0 for a short-term password, else IANA's number of the hash. */
interface HeldKey {
  slot: number;
  algorithm: number;
  username: string;
  realm: string;
  password: string;
}

const held: HeldKey[] = [];
const byPassword = /* @__PURE__ */ new Map<string, HeldKey[]>();
let next = 0;
/** The instance whose slots these are. */
let instance = 0;
let lastPassword: string | null = null;
let lastSlot = 0;

/**
 * Prepares a password or realm: invisible characters such as the soft hyphen go, every space becomes U+0020, compatibility
 * forms become plain ones (SASLprep, RFC 4013, as the vectors of RFC 5769 and RFC 8489 use it).
 *
 * @throws TypeError when `text` is not a string.
 */
export function prepareString(text: string): string {
  requireString('text', text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return text
    .replace(/\p{DI}/gu, '')
    .replace(/\p{Zs}/gu, ' ')
    .normalize('NFKC');
}

/** Gives the key of that slot up. */
function release({ slot, password }: HeldKey): void {
  const others = byPassword.get(password)?.filter((key) => key.slot !== slot) ?? [];
  if (others.length > 0) byPassword.set(password, others);
  else byPassword.delete(password);
}

/** Has a key made in the slot whose turn it is. */
function derive(key: Omit<HeldKey, 'slot'>): number {
  const { algorithm, username, realm, password } = key;
  const slot = next;
  next = (next + 1) % SLOTS;
  const before = held[slot];
  if (before) release(before);
  lastPassword = null;
  const parts = algorithm === 0 ? [password] : [username, realm, password];
  raw<StunExports>().stun_key(slot, writeText(parts.map(prepareString).join(':')), algorithm);
  const made = { slot, ...key };
  held[slot] = made;
  byPassword.set(password, [...(byPassword.get(password) ?? []), made]);
  return slot;
}

/** Forgets the keys of an instance that is gone. */
function renew(): void {
  if (instance === generation()) return;
  instance = generation();
  held.length = 0;
  byPassword.clear();
  lastPassword = null;
}

function slotOf(algorithm: number, username: string, realm: string, password: string): number {
  for (const key of byPassword.get(password) ?? []) {
    if (key.algorithm === algorithm && key.username === username && key.realm === realm) return key.slot;
  }
  return derive({ algorithm, username, realm, password });
}

function shortSlot(password: string): number {
  if (password === lastPassword) return lastSlot;
  requireString('password', password);
  lastSlot = slotOf(0, '', '', password);
  lastPassword = password;
  return lastSlot;
}

const algorithmNumbers = { md5: 1, 'sha-256': 2 };

/**
 * The slot that holds the key of these credentials. Writes to the input area when the key is new.
 *
 * @throws TypeError when a part of them is not a string, or there is no such algorithm.
 */
export function keySlot(credentials: Credentials): number {
  requireObject('credentials', credentials);
  renew();
  if (!('realm' in credentials)) return shortSlot(credentials.password);
  const { username, realm, password, algorithm = 'md5' } = credentials;
  requireString('username', username);
  requireString('realm', realm);
  requireString('password', password);
  if (algorithm !== 'md5' && algorithm !== 'sha-256') {
    throw mustBe('algorithm', "'md5' or 'sha-256'", algorithm);
  }
  return slotOf(algorithmNumbers[algorithm], username, realm, password);
}

/**
 * The value of USERHASH: SHA-256 of `username:realm` (RFC 8489 §14.4).
 *
 * @throws TypeError when one of them is not a string.
 */
export function userHash(username: string, realm: string): Uint8Array {
  requireString('username', username);
  requireString('realm', realm);
  return copyOut(raw<StunExports>().stun_hash(writeText(`${prepareString(username)}:${prepareString(realm)}`)), 32);
}
