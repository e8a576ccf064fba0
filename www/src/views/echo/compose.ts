import { attributeTable, encodeMessage, type MessageInit, StunError } from '#echo';
import type { Key, Values } from '../../i18n/index.svelte';

/** An attribute of the user's own choice. */
export interface ExtraAttribute {
  /** IANA name, or the type as `0x8022`. */
  name: string;
  /** Text, a number, an address, or bytes as `0x…`. */
  value: string;
}

/** Content of the compose pane. */
export interface Composition {
  method: string;
  dialect: 'rfc8489' | 'rfc3489';
  /** 24 hex digits; the classic dialect puts the cookie's place before them. */
  transactionId: string;
  software: { on: boolean; text: string };
  fingerprint: boolean;
  username: { on: boolean; text: string };
  integrity: boolean;
  integritySha256: boolean;
  password: string;
  /** Both given: long-term credentials. */
  realm: string;
  nonce: string;
  padding: { on: boolean; bytes: string };
  extra: ExtraAttribute[];
}

export const METHODS = [
  'binding',
  'allocate',
  'refresh',
  'create-permission',
  'channel-bind',
  'shared-secret',
] as const;
/** Most attributes added by hand, and most characters of a text. */
export const MAX_EXTRA = 16;
export const MAX_FIELD = 2048;

/** A sentence that says why no message came of it. */
export interface Problem {
  key: Key;
  values?: Values;
}

export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

export function defaultComposition(): Composition {
  return {
    method: 'binding',
    dialect: 'rfc8489',
    transactionId: randomId(),
    software: { on: true, text: 'icelens 0.1.0' },
    fingerprint: true,
    username: { on: false, text: '' },
    integrity: false,
    integritySha256: false,
    password: '',
    realm: '',
    nonce: '',
    padding: { on: false, bytes: '64' },
    extra: [],
  };
}

/** Bytes of hex digits with or without spaces and `0x`; null when it is not hex. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | null {
  const digits = text.replace(/^0x/i, '').replace(/[\s:_-]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** A name or type, as encodeMessage takes it; null when it is neither. */
function attributeName(text: string): string | number | null {
  const trimmed = text.trim();
  if (/^(0x[0-9a-f]{1,4}|\d{1,5})$/i.test(trimmed)) {
    const type = Number(trimmed);
    return type <= 0xffff ? type : null;
  }
  return attributeTable().find((row) => row.name === trimmed.toUpperCase())?.name ?? null;
}

/** The value as the attribute's kind takes it. Bytes given as `0x…` are always taken as they are. */
function attributeValue(name: string | number, text: string): unknown {
  const row = attributeTable().find((r) => r.name === name || r.type === name);
  if (/^0x/i.test(text.trim()) || row === undefined) return fromHex(text) ?? new TextEncoder().encode(text);
  switch (row.form) {
    case 'flag':
      return undefined;
    case 'number':
    case 'error':
      return Number(text);
    case 'bigint':
      return /^\d{1,20}$/.test(text.trim()) ? BigInt(text.trim()) : text;
    case 'boolean':
      return text.trim() !== '' && text.trim() !== '0';
    case 'text':
    case 'address':
      return text.trim();
    case 'change-request':
      return { ip: /ip/i.test(text), port: /port/i.test(text) };
    default:
      return new TextEncoder().encode(text);
  }
}

function transactionId(c: Composition): Uint8Array | Problem {
  const id = fromHex(c.transactionId);
  if (id?.length !== 12) return { key: 'echo.bad.id', values: { n: c.transactionId.replace(/\s/g, '').length } };
  if (c.dialect === 'rfc8489') return id;
  // Any four bytes but the cookie make the id classic.
  return Uint8Array.of(...id.slice(8), ...id);
}

function attributes(c: Composition): (readonly [string | number, unknown])[] | Problem {
  const list: (readonly [string | number, unknown])[] = [];
  if (c.software.on) list.push(['SOFTWARE', c.software.text]);
  if (c.username.on) list.push(['USERNAME', c.username.text]);
  if ((c.integrity || c.integritySha256) && c.realm !== '') list.push(['REALM', c.realm], ['NONCE', c.nonce]);
  if (c.padding.on) {
    const count = Number(c.padding.bytes);
    if (!/^\d{1,5}$/.test(c.padding.bytes.trim()) || count > 64_000) return { key: 'echo.bad.padding' };
    list.push(['PADDING', new Uint8Array(count)]);
  }
  for (const extra of c.extra.slice(0, MAX_EXTRA)) {
    const name = attributeName(extra.name);
    if (name === null) return { key: 'echo.bad.name', values: { name: extra.name || '""' } };
    if (/^0x/i.test(extra.value.trim()) && !fromHex(extra.value))
      return { key: 'echo.bad.hex', values: { name: extra.name } };
    list.push([name, attributeValue(name, extra.value)]);
  }
  return list;
}

const isProblem = (it: object): it is Problem => 'key' in it;

/** The message that the pane describes, or why there is none. */
export function compose(
  c: Composition,
  messageClass: MessageInit['class'] = 'request',
): { bytes: Uint8Array<ArrayBuffer> } | Problem {
  const id = transactionId(c);
  if (isProblem(id)) return id;
  const list = attributes(c);
  if (isProblem(list)) return list;
  const signed = c.integrity || c.integritySha256;
  if (signed && c.password === '') return { key: 'echo.bad.password' };
  if (signed && c.realm !== '' && !c.username.on) return { key: 'echo.bad.username' };
  const key =
    c.realm !== '' ? { username: c.username.text, realm: c.realm, password: c.password } : { password: c.password };
  const sha256 = c.integritySha256 ? (c.integrity ? ('both' as const) : true) : false;
  const init: MessageInit = {
    class: messageClass,
    method: c.method as MessageInit['method'],
    dialect: c.dialect,
    transactionId: id,
    attributes: list,
    fingerprint: c.fingerprint,
    ...(signed && { integrity: { ...key, sha256 } }),
  };
  try {
    return { bytes: encodeMessage(init) as Uint8Array<ArrayBuffer> };
  } catch (error) {
    const reason = error instanceof StunError || error instanceof RangeError ? error.message : String(error);
    return { key: 'echo.bad.encode', values: { reason } };
  }
}

/** Ways to break a request. `null`: it takes a request that can be composed. */
export type Breakage =
  | 'unknown'
  | 'password'
  | 'fingerprint'
  | 'length'
  | 'overrun'
  | 'indication'
  | 'cut'
  | 'big'
  | 'text';
export const BREAKAGES: readonly Breakage[] = [
  'unknown',
  'password',
  'fingerprint',
  'length',
  'overrun',
  'indication',
  'cut',
  'big',
  'text',
];

/** The broken message: bytes, or a text for a text frame. */
export function breakIt(how: Breakage, c: Composition): { data: Uint8Array<ArrayBuffer> | string } | Problem {
  if (how === 'text') return { data: 'Binding request, please' };
  const base: Composition = { ...defaultComposition(), transactionId: randomId(), dialect: c.dialect };
  if (how === 'unknown') base.extra = [{ name: '0x7f01', value: '0x00000000' }];
  if (how === 'password') {
    Object.assign(base, { username: { on: true, text: 'nobody' }, integrity: true, password: 'not the password' });
  }
  if (how === 'big') base.padding = { on: true, bytes: '1600' };
  if (c.dialect === 'rfc3489') base.fingerprint = how === 'fingerprint';
  // A FINGERPRINT over the bytes as they are sent: an indication is dropped for what it is.
  const made = compose(base, how === 'indication' ? 'indication' : 'request');
  if (isProblem(made)) return made;
  const { bytes } = made;
  if (how === 'fingerprint') bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 0xff;
  if (how === 'length') bytes[3] = (bytes[3] ?? 0) + 1;
  if (how === 'overrun') bytes[23] = 0xff;
  return { data: how === 'cut' ? bytes.slice(0, 11) : bytes };
}

/** Takes a composition out of anything; what does not fit keeps its default. Passwords are never read from there. */
export function readComposition(from: unknown): Composition {
  const out = defaultComposition();
  if (typeof from !== 'object' || from === null) return out;
  const f = from as Record<string, unknown>;
  const text = (v: unknown) => (typeof v === 'string' && v.length <= MAX_FIELD ? v : null);
  const field = (v: unknown) => (typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : {});
  if ((METHODS as readonly unknown[]).includes(f.method)) out.method = f.method as string;
  if (f.dialect === 'rfc3489') out.dialect = 'rfc3489';
  out.transactionId = text(f.transactionId) ?? out.transactionId;
  out.software = { on: field(f.software).on !== false, text: text(field(f.software).text) ?? out.software.text };
  out.username = { on: field(f.username).on === true, text: text(field(f.username).text) ?? '' };
  out.padding = { on: field(f.padding).on === true, bytes: text(field(f.padding).bytes) ?? out.padding.bytes };
  out.fingerprint = f.fingerprint !== false;
  out.integrity = f.integrity === true;
  out.integritySha256 = f.integritySha256 === true;
  out.realm = text(f.realm) ?? '';
  out.nonce = text(f.nonce) ?? '';
  if (Array.isArray(f.extra)) {
    for (const e of f.extra.slice(0, MAX_EXTRA)) {
      const [name, value] = [text(field(e).name), text(field(e).value)];
      if (name !== null && value !== null) out.extra.push({ name, value });
    }
  }
  return out;
}
