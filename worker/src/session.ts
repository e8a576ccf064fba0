/** One connection's side of the protocol in PROTOCOL.md, without sockets: a message in, what to do with it out. */
import { type Limits, TokenBucket } from './limits.js';

/** Result for one message that was no longer than a STUN message may be. */
export type Answer =
  /** Send these bytes. */
  | { kind: 'response'; bytes: Uint8Array }
  /** STUN, but nothing that is answered: an indication or a response. */
  | { kind: 'silence' }
  /** Not STUN. */
  | { kind: 'not-stun' };

/** Answers one STUN message; `now` is in milliseconds. */
export type Responder = (message: Uint8Array, now: number) => Answer;

/** The next step of the transport. */
export type Action = { send: Uint8Array } | { close: number; reason: string } | null;

/** Status codes of RFC 6455 §7.4.1. */
export const CLOSE = {
  normal: 1000,
  unsupported: 1003,
  malformed: 1007,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
} as const;

/** State of one connection. */
export class Session {
  readonly #bucket: TokenBucket;
  readonly #opened: number;
  #heard: number;
  #answered = 0;

  constructor(
    readonly respond: Responder,
    readonly limits: Limits,
    now: number,
  ) {
    this.#bucket = new TokenBucket(limits.rate, limits.burst, now);
    this.#opened = now;
    this.#heard = now;
  }

  /** Takes one WebSocket message. */
  receive(data: unknown, now: number): Action {
    this.#heard = now;
    if (!this.#bucket.take(now)) return { close: CLOSE.policy, reason: 'too many messages' };
    if (!(data instanceof ArrayBuffer))
      return { close: CLOSE.unsupported, reason: 'send binary messages, each one STUN message' };
    if (data.byteLength > this.limits.messageBytes) {
      return { close: CLOSE.tooBig, reason: `a message is at most ${this.limits.messageBytes} bytes` };
    }
    const answer = this.respond(new Uint8Array(data), now);
    if (answer.kind === 'response') return this.#send(answer.bytes);
    if (answer.kind === 'silence') return null;
    return { close: CLOSE.malformed, reason: 'not a STUN message' };
  }

  // A runtime does not tell how much waits to be read, so a connection has a fixed amount.
  #send(bytes: Uint8Array): Action {
    this.#answered += bytes.length;
    if (this.#answered <= this.limits.answerBytes) return { send: bytes };
    return { close: CLOSE.policy, reason: 'enough answers on one connection' };
  }

  /** Milliseconds until `timeout` should be asked again; 0 when it is due. */
  deadline(now: number): number {
    const due = Math.min(this.#heard + this.limits.idle, this.#opened + this.limits.lifetime);
    return Math.max(0, due - now);
  }

  /** The reason to close now, or null. */
  timeout(now: number): string | null {
    if (now - this.#opened >= this.limits.lifetime) return 'lifetime over';
    if (now - this.#heard >= this.limits.idle) return 'idle';
    return null;
  }
}
