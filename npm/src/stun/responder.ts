import { memoryBytes, memoryWords, raw, readOutput, recordsStart, reserve, writeBytes } from '../core.js';
import { parseIp } from './address.js';
import { prepareString } from './credentials.js';
import { StunError } from './errors.js';
import { attributeCode, Named, nameOf, type StunExports } from './names.js';

interface ServerExports extends StunExports {
  stun_server(length: number): number;
  stun_answer(
    server: number,
    length: number,
    now: number,
    port: number,
    v6: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
  ): number;
}

/** How a responder answers. */
export interface ResponderOptions {
  /** Text for SOFTWARE. */
  software?: string;
  /** Answers malformed requests with 400 where a transaction id can be read. Over UDP leave this off: RFC 8489 §6.3 has them discarded. */
  refuseMalformed?: boolean;
  /** Adds FINGERPRINT to every response, and not only when the request has one. */
  fingerprint?: boolean;
  /** Required attributes to accept besides those of RFC 8489, by name or type; all others get 420. */
  understood?: readonly (string | number)[];
  /** Sends everybody to this server, with error 300. */
  alternate?: { address: string; port: number };
  /** Asks for short-term credentials. A `username` that ends with `:` is an ICE user name fragment. */
  shortTerm?: { username: string; password: string };
  /** Asks for long-term credentials; at most 256 users. */
  longTerm?: {
    realm: string;
    users: Readonly<Record<string, string>>;
    /** 32 random bytes for the nonces; several servers that share it accept each other's. Random when left out. */
    secret?: Uint8Array;
    /** Seconds that a nonce is good; 600 when left out. */
    nonceLifetime?: number;
  };
}

/** One check that the responder made. `explainCheck` puts it in words. */
export interface ServerCheck {
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
  outcome: 'passed' | 'failed' | 'skipped';
}

/** What became of a request. */
export interface StunAnswer {
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
   * @param source where the request came from; what XOR-MAPPED-ADDRESS will say
   * @param now seconds on any clock that goes on; only nonces depend on it
   */
  answer(request: Uint8Array, source: { address: string; port: number }, now?: number): StunAnswer;
}

const outcomes = ['skipped', 'passed', 'failed'] as const;
const optionNames = ['', 'software', 'understood', '', 'alternate', 'shortTerm.username', 'shortTerm.password'].concat([
  'longTerm.realm',
  'longTerm.secret',
  'longTerm.nonceLifetime',
  'longTerm.users',
]);

/** An answer whose checks are read from the words only when asked for. */
class Answer implements StunAnswer {
  private list: readonly ServerCheck[] | null = null;

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
    this.list ??= Array.from({ length: this.steps.length / 2 }, (_, i) => ({
      rule: nameOf(Named.Rule, this.steps[2 * i] as number) as ServerCheck['rule'],
      outcome: outcomes[this.steps[2 * i + 1] as number] as ServerCheck['outcome'],
    }));
    return this.list;
  }
}

// The words of the address last seen: requests of one connection come from one place.
let lastText = '';
let lastV6 = 0;
let lastWords: readonly number[] = [0, 0, 0, 0];

function source(text: string): void {
  const ip = parseIp(text);
  if (ip === null) throw new StunError(`source: no IP address: ${text}`, 'bad-address', -1);
  const word = (i: number) =>
    (((ip[i] ?? 0) << 24) | ((ip[i + 1] ?? 0) << 16) | ((ip[i + 2] ?? 0) << 8) | (ip[i + 3] ?? 0)) >>> 0;
  lastText = text;
  lastV6 = ip.length === 16 ? 1 : 0;
  lastWords = [word(0), word(4), word(8), word(12)];
}

function encodeOptions(options: ResponderOptions): number[] {
  const out: number[] = [];
  const encoder = new TextEncoder();
  const push = (option: number, value: ArrayLike<number>) => {
    if (value.length > 65535) throw new StunError(`${optionNames[option]} is too long`, 'bad-option', -1);
    out.push(option, value.length >> 8, value.length & 255, ...Array.from(value));
  };
  const short = (number: number) => [(number >> 8) & 255, number & 255];
  const { software, alternate, shortTerm, longTerm } = options;
  if (software !== undefined) push(1, encoder.encode(software));
  const understood = (options.understood ?? []).map((attribute) => {
    const code = attributeCode(attribute);
    if (code === undefined) throw new StunError(`understood: no such attribute: ${attribute}`, 'unknown-attribute', -1);
    return short(code);
  });
  push(2, understood.flat());
  push(3, [options.refuseMalformed ? 1 : 0, options.fingerprint ? 1 : 0]);
  if (alternate) push(4, [...short(alternate.port), ...(parseIp(alternate.address) ?? [])]);
  if (shortTerm) {
    push(5, encoder.encode(shortTerm.username));
    push(6, encoder.encode(prepareString(shortTerm.password)));
  }
  if (longTerm) {
    const { nonceLifetime: lifetime = 600, secret = crypto.getRandomValues(new Uint8Array(32)) } = longTerm;
    const realm = prepareString(longTerm.realm);
    push(7, encoder.encode(realm));
    push(8, secret);
    push(9, [...short(lifetime >>> 16), ...short(lifetime)]);
    for (const [username, password] of Object.entries(longTerm.users)) {
      const name = encoder.encode(prepareString(username));
      push(10, [...short(name.length), ...name, ...encoder.encode(prepareString(password))]);
    }
  }
  return out;
}

/**
 * Makes a responder. It lives as long as the module: make one at start and not one for each request (at most 64).
 *
 * @throws StunError when an option does not fit.
 *
 * @example
 * ```ts
 * const responder = createResponder({ software: 'example', fingerprint: true });
 * const { response } = responder.answer(request, { address: '198.51.100.7', port: 4242 });
 * if (response) socket.send(response);
 * ```
 */
export function createResponder(options: ResponderOptions = {}): Responder {
  const bytes = encodeOptions(options);
  const pointer = reserve(bytes.length);
  memoryBytes().set(bytes, pointer);
  const wasm = raw<ServerExports>();
  const server = wasm.stun_server(bytes.length);
  if (server === -255) throw new StunError('there are 64 responders already', 'bad-option', -1);
  if (server < 0) throw new StunError(`${optionNames[-server]} does not fit`, 'bad-option', -1);
  return {
    answer(request, from, now = 0) {
      if (from.address !== lastText) source(from.address);
      writeBytes(request);
      const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = lastWords;
      const length = wasm.stun_answer(server, request.length, now >>> 0, from.port & 0xffff, lastV6, w0, w1, w2, w3);
      const words = memoryWords();
      const start = recordsStart();
      const steps = new Uint8Array(2 * (words[start + 1] as number));
      for (let i = 0; i < steps.length; i += 2) {
        const word = words[start + 2 + i / 2] as number;
        steps[i] = word >> 8;
        steps[i + 1] = word & 255;
      }
      return new Answer(words[start] as number, length > 0 ? readOutput(length) : null, steps);
    },
  };
}

const words: Record<ServerCheck['rule'], readonly [passed: string, failed: string, skipped: string]> = {
  header: [
    'The header is that of a STUN message.',
    'These bytes have no STUN header: too short, or the first two bits are set.',
    '',
  ],
  structure: [
    'The length field and every attribute fit.',
    'The length field is wrong, or an attribute runs over the end.',
    '',
  ],
  cookie: ['The magic cookie is there: RFC 8489.', '', 'No magic cookie: a classic RFC 3489 message.'],
  fingerprint: [
    'FINGERPRINT is right.',
    'FINGERPRINT is wrong, or not the last attribute.',
    'There is no FINGERPRINT to check.',
  ],
  class: ['It is a request.', 'It is no request; only requests are answered.', ''],
  method: ['The method is known.', 'The method is not known here.', ''],
  'integrity-present': [
    'The message is signed.',
    'Credentials are asked for, and the message is not signed.',
    'No credentials are asked for.',
  ],
  'credentials-present': [
    'User name, realm and nonce are there.',
    'The message is signed, and does not say by whom.',
    '',
  ],
  algorithms: [
    'The password algorithms are those on offer.',
    'The password algorithms are not those on offer: somebody may have changed the list.',
    '',
  ],
  user: ['The user is known.', 'There is no such user.', ''],
  integrity: ['The signature is right.', 'The signature is wrong: another password, or changed on the way.', ''],
  nonce: ['The nonce is good.', 'The nonce is too old, or was given to another address.', ''],
  'unknown-attributes': ['Every required attribute is understood.', 'A required attribute is not understood.', ''],
  alternate: ['', 'This server sends everybody to another one.', 'No other server to ask.'],
  role: [
    'The peer wins the role conflict.',
    'Both agents claim the same role; the peer must switch.',
    'No role conflict.',
  ],
  response: ['The response was written.', 'The response does not fit.', ''],
};

/** A check in words. */
export function explainCheck({ rule, outcome }: ServerCheck): string {
  return words[rule][outcome === 'passed' ? 0 : outcome === 'failed' ? 1 : 2];
}
