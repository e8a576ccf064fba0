/** Limits of one connection. Times are milliseconds on the caller's clock. */
export interface Limits {
  /** Bytes of one message; a request with every attribute of the family is far shorter. */
  messageBytes: number;
  /** Messages per second in the long run. */
  rate: number;
  /** Messages at once. */
  burst: number;
  /** Silence after which the connection is closed. */
  idle: number;
  /** Bytes of answers on one connection: what a client that never reads makes the server keep. */
  answerBytes: number;
  /** Age at which the connection is closed. */
  lifetime: number;
}

/** Enough for a person and for tests; `MESSAGES_PER_SECOND` changes the rate. */
export const DEFAULT_LIMITS: Limits = {
  messageBytes: 1500,
  rate: 100,
  burst: 200,
  idle: 60_000,
  answerBytes: 1 << 20,
  lifetime: 3_600_000,
};

/** Holds up to `burst` tokens, refilled at `rate` per second. */
export class TokenBucket {
  #tokens: number;
  #filled: number;

  constructor(
    readonly rate: number,
    readonly burst: number,
    now: number,
  ) {
    this.#tokens = burst;
    this.#filled = now;
  }

  /** Takes one token; false when there is none. */
  take(now: number): boolean {
    const earned = (Math.max(0, now - this.#filled) * this.rate) / 1000;
    this.#filled = now;
    this.#tokens = Math.min(this.burst, this.#tokens + earned);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
