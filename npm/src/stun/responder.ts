import {
  type Bytes,
  bytesOf,
  mustBe,
  requireAddress,
  requireArray,
  requireObject,
  requireString,
} from '../argument.js';
import { copyOut, generation, input, memoryWords, raw } from '../core.js';
import { utf8Encoder } from '../text.js';
import { parseIp } from './address.js';
import { prepareString, userHash } from './credentials.js';
import { StunError } from './errors.js';
import { attributeCode, Named, nameOf, type StunExports } from './names.js';

interface ServerExports extends StunExports {
  stun_server(length: number): number;
  stun_answer(server: number, length: number, ip: number, port: number, now: number): number;
}

/** How a responder answers. */
export interface ResponderOptions {
  /** Text for SOFTWARE. */
  software?: string;
  /** Answers malformed requests with 400 where a transaction id can be read. Over UDP leave this off: RFC 8489 §6.3 has them discarded. */
  refuseMalformed?: boolean;
  /** Adds FINGERPRINT to every response, and not only when the request has one. */
  fingerprint?: boolean;
  /** Required attributes to accept besides those of RFC 8489, by name or type, at most 64; all others get 420. */
  understood?: readonly (string | number)[];
  /** Sends everybody to this server, with error 300. */
  alternate?: {
    /** IP address. */
    address: string;
    /** Port, 0 to 65535. */
    port: number;
  };
  /** Asks for short-term credentials. A `username` that ends with `:` is an ICE user name fragment. */
  shortTerm?: {
    /** User name that requests must have. */
    username: string;
    /** Empty only with `emptyPassword`: everybody could sign. */
    password: string;
    /** Whether an empty `password` is meant. */
    emptyPassword?: boolean;
  };
  /** Asks for long-term credentials. */
  longTerm?: {
    /** Realm that users belong to, usually the provider's domain name. */
    realm: string;
    /** Name to password. Who has an empty one is unknown here, unless `emptyPassword` is set. */
    users: Readonly<Record<string, string>>;
    /** Whether empty passwords among `users` are meant. */
    emptyPassword?: boolean;
    /** 32 random bytes for the nonces; several servers that share it accept each other's. Random when left out. */
    secret?: Uint8Array;
    /** Seconds that a nonce is good; 600 when left out. */
    nonceLifetime?: number;
  };
}

/** One check that the responder made. `explainCheck` of `icelens` puts it in words. */
export interface ServerCheck {
  /** Rule that was checked. */
  rule:
    | 'header'
    | 'structure'
    | 'cookie'
    | 'fingerprint'
    | 'class'
    | 'method'
    | 'integrity-present'
    | 'credentials-present'
    | 'algorithms'
    | 'user'
    | 'integrity'
    | 'nonce'
    | 'unknown-attributes'
    | 'alternate'
    | 'role'
    | 'response';
  /** Result; `skipped` when the rule does not apply to the request or to the options. */
  outcome: 'passed' | 'failed' | 'skipped';
}

/** Answer to a request. */
export interface StunAnswer {
  /** `success` and `error`: by the class of the response. `ignored`: nothing is to be sent. */
  verdict: 'success' | 'error' | 'ignored';
  /** The error code; `null` unless the verdict is `error`. */
  code: number | null;
  /** The bytes to send back; `null` when the request is to be ignored. */
  response: Uint8Array<ArrayBuffer> | null;
  /** The checks made, in order. The last but `response` is the one that decided. */
  checks: readonly ServerCheck[];
}

/** Answers STUN requests over any transport: bytes and source address in, bytes out. */
export interface Responder {
  /**
   * Answers one request.
   *
   * @param request the bytes that arrived
   * @param source address the request came from, which XOR-MAPPED-ADDRESS will say
   * @param now seconds on any clock that goes on; only nonces depend on it
   * @throws TypeError when `request` is no bytes, or `source` no address.
   */
  answer(request: Bytes, source: { address: string; port: number }, now?: number): StunAnswer;
}

const outcomes = ['skipped', 'passed', 'failed'] as const;
const optionNames = [
  '',
  'software',
  'understood',
  '',
  'alternate',
  'shortTerm.username',
  'shortTerm.password',
  'longTerm.realm',
  'longTerm.secret',
  'longTerm.nonceLifetime',
  'longTerm.users',
];

/** An answer whose checks are read from the words only when asked for. */
class Answer implements StunAnswer {
  #list: readonly ServerCheck[] | null = null;

  constructor(
    private readonly result: number,
    readonly response: Uint8Array<ArrayBuffer> | null,
    private readonly steps: Uint8Array,
  ) {}

  get verdict(): StunAnswer['verdict'] {
    return this.result === 0 ? 'ignored' : this.result === 1 ? 'success' : 'error';
  }

  get code(): number | null {
    return this.result > 1 ? this.result : null;
  }

  get checks(): readonly ServerCheck[] {
    this.#list ??= Array.from({ length: this.steps.length / 2 }, (_, i) => ({
      rule: nameOf(Named.Rule, this.steps[2 * i] as number) as ServerCheck['rule'],
      outcome: outcomes[this.steps[2 * i + 1] as number] as ServerCheck['outcome'],
    }));
    return this.#list;
  }
}

// The address last seen: requests of one connection come from one place.
let lastText = '';
let lastIp: readonly number[] = [];

function ipOf(text: string): readonly number[] {
  if (text === lastText) return lastIp;
  const ip = parseIp(text);
  if (ip === null) throw new StunError(`source: no IP address: ${text}`, 'bad-address');
  lastText = text;
  lastIp = ip;
  return ip;
}

const short = (number: number) => [(number >> 8) & 255, number & 255];
const word = (number: number) => [...short(number >>> 16), ...short(number)];
const utf8 = (text: string) => Array.from(utf8Encoder().encode(text));

/** A text of a user after its length. */
function sized(text: string): number[] {
  const bytes = utf8(prepareString(text));
  if (bytes.length > 65535) throw new StunError('a user name or password is too long', 'bad-option');
  return [...short(bytes.length), ...bytes];
}

/** Throws a TypeError unless every user has a password that is a string. */
function requireUsers(users: unknown): void {
  requireObject('longTerm.users', users);
  for (const [name, password] of Object.entries(users)) {
    requireString(`longTerm.users[${JSON.stringify(name)}]`, password);
  }
}

function encodeOptions(options: ResponderOptions): number[] {
  const out: number[][] = [];
  const push = (option: number, value: ArrayLike<number>) => {
    out.push([option, ...word(value.length)], Array.from(value));
  };
  requireObject('options', options);
  const { software = '', alternate, shortTerm, longTerm } = options;
  requireString('software', software);
  push(1, utf8(software));
  requireArray('understood', options.understood ?? []);
  const understood = (options.understood ?? []).map((attribute) => {
    const code = attributeCode(attribute);
    if (code === undefined) throw new StunError(`understood: no such attribute: ${attribute}`, 'unknown-attribute');
    return short(code);
  });
  push(2, understood.flat());
  push(3, [options.refuseMalformed ? 1 : 0, options.fingerprint ? 1 : 0]);
  if (alternate) requireAddress('alternate', alternate);
  if (alternate) push(4, [...short(alternate.port), ...(parseIp(alternate.address) ?? [])]);
  if (shortTerm) {
    requireObject('shortTerm', shortTerm);
    const { username, password, emptyPassword } = shortTerm;
    requireString('shortTerm.username', username);
    requireString('shortTerm.password', password);
    if (password === '' && emptyPassword !== true) {
      throw new TypeError('shortTerm.password is empty: everybody could sign; set emptyPassword if that is meant');
    }
    push(5, utf8(username));
    push(6, utf8(prepareString(password)));
  }
  if (longTerm) {
    requireObject('longTerm', longTerm);
    const { realm, users, nonceLifetime = 600, secret = crypto.getRandomValues(new Uint8Array(32)) } = longTerm;
    requireString('longTerm.realm', realm);
    requireUsers(users);
    push(7, utf8(prepareString(realm)));
    push(8, bytesOf('longTerm.secret', secret));
    push(9, word(nonceLifetime));
    const known = Object.entries(users).filter(([, password]) => password !== '' || longTerm.emptyPassword === true);
    const accounts = known.map(([name, password]) => [...sized(name), ...userHash(name, realm), ...sized(password)]);
    push(10, accounts.flat());
  }
  return out.flat();
}

/** Writes the parts to the input area one after the other, and returns their length. */
function write(...parts: readonly ArrayLike<number>[]): number {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const area = input(length);
  let at = 0;
  for (const part of parts) {
    area.set(part, at);
    at += part.length;
  }
  return length;
}

/** Puts a server of these options in the instance, and returns its number there. */
function place(options: ArrayLike<number>): number {
  const server = raw<ServerExports>().stun_server(write(options));
  if (server === -255)
    throw new StunError('no room for another responder: at most 64, with 512 KiB of options', 'bad-option');
  if (server < 0) throw new StunError(`${optionNames[-server]} does not fit`, 'bad-option');
  return server;
}

class ServerResponder implements Responder {
  readonly #options: Uint8Array;
  #server: number;
  #instance: number;

  constructor(options: ResponderOptions) {
    this.#options = Uint8Array.from(encodeOptions(options));
    this.#server = place(this.#options);
    this.#instance = generation();
  }

  answer(request: Bytes, source: { address: string; port: number }, now = 0): StunAnswer {
    const bytes = request instanceof Uint8Array ? request : bytesOf('request', request);
    requireAddress('source', source);
    if (typeof now !== 'number') throw mustBe('now', 'a number', now);
    const ip = ipOf(source.address);
    if (this.#instance !== generation()) {
      this.#server = place(this.#options);
      this.#instance = generation();
    }
    const length = write(ip, bytes);
    // Three words, the checks, the response: `Answered` in `wasm/src/stun_server.rs`.
    const at = raw<ServerExports>().stun_answer(this.#server, length, ip.length, source.port & 0xffff, now >>> 0);
    const [size = 0, verdict = 0, count = 0] = memoryWords().subarray(at >> 2, (at >> 2) + 3);
    return new Answer(verdict, size > 0 ? copyOut(at + 44, size) : null, copyOut(at + 12, 2 * count));
  }
}

/**
 * Makes a responder. It lives as long as the module: make one at start and not one for each request. There is room for 64,
 * and for 512 KiB of options in all: thousands of users.
 *
 * @throws StunError when an option does not fit, TypeError when one is of the wrong type or a short-term password is empty.
 *
 * @example
 * ```ts
 * const responder = createResponder({ software: 'example', fingerprint: true });
 * const { response } = responder.answer(request, { address: '198.51.100.7', port: 4242 });
 * if (response) socket.send(response);
 * ```
 */
export function createResponder(options: ResponderOptions = {}): Responder {
  return new ServerResponder(options);
}
