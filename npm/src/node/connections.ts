/** TCP connections that stay open: caps, and times on the caller's clock. Without sockets. */

/** Limits of TCP connections. Times are in milliseconds. */
export interface StreamLimits {
  /** Connections at a time. */
  total: number;
  /** Connections of one client (an IPv4 address, or an IPv6 network of 64 bits) at a time. */
  perClient: number;
  /** From one whole message to the next. */
  idle: number;
  /** From the first byte of a message to its last. */
  message: number;
  /** Of a connection. */
  lifetime: number;
  /** Messages per second of a connection in the long run; twice as many at once. */
  rate: number;
}

/** For STUN, which is asked once or twice. */
export const STUN_STREAM_LIMITS: StreamLimits = {
  total: 1000,
  perClient: 50,
  idle: 30_000,
  message: 10_000,
  lifetime: 600_000,
  rate: 100,
};

/** One connection. */
export interface Connection {
  /** The client it counts for. */
  readonly client: string;
  /** Ends it at once. */
  readonly end: () => void;
  /** When it was opened, when the last whole message came, and when the message that is not yet whole began. */
  opened: number;
  heard: number;
  began: number | null;
  /** Messages that it may send at once. */
  allowance: number;
}

/**
 * The open connections, each client's in the order in which they were last heard. A client that opens too many loses the one
 * that was silent longest, and when all places are taken the client with the most does: whoever holds connections
 * without a word makes room for those who ask.
 */
export class Connections {
  readonly #clients = new Map<string, Set<Connection>>();
  #count = 0;

  constructor(readonly limits: StreamLimits) {}

  /** How many are open. */
  get size(): number {
    return this.#count;
  }

  /** Takes a new connection; ends another where there is no room. */
  open(client: string, end: () => void, now: number): Connection {
    const own = this.#clients.get(client);
    if (own !== undefined && own.size >= this.limits.perClient) this.#endOldest(own);
    else if (this.#count >= this.limits.total) this.#endOldest(this.#largest());
    const allowance = 2 * this.limits.rate;
    const connection: Connection = { client, end, opened: now, heard: now, began: null, allowance };
    this.#of(client).add(connection);
    this.#count++;
    return connection;
  }

  /** Bytes came that do not make a message whole yet. */
  began(connection: Connection, now: number): void {
    connection.began ??= now;
  }

  /** A whole message came. False when there were too many: the connection is to be ended. */
  heard(connection: Connection, now: number): boolean {
    const { rate } = this.limits;
    const earned = ((now - connection.heard) * rate) / 1000;
    connection.allowance = Math.min(2 * rate, connection.allowance + Math.max(0, earned)) - 1;
    connection.heard = now;
    connection.began = null;
    const own = this.#clients.get(connection.client);
    // To the end of its client's order.
    if (own?.delete(connection)) own.add(connection);
    return connection.allowance >= 0;
  }

  /** Forgets a connection that is closed. */
  closed(connection: Connection): void {
    const own = this.#clients.get(connection.client);
    if (!own?.delete(connection)) return;
    this.#count--;
    if (own.size === 0) this.#clients.delete(connection.client);
  }

  /** Ends those whose time is over. To be called every second or so. */
  sweep(now: number): void {
    const { idle, message, lifetime } = this.limits;
    for (const own of this.#clients.values()) {
      for (const connection of own) {
        const { opened, heard, began } = connection;
        const late = began !== null && now - began >= message;
        if (late || now - heard >= idle || now - opened >= lifetime) this.#end(connection);
      }
    }
  }

  /** Ends all. */
  clear(): void {
    for (const own of [...this.#clients.values()]) for (const connection of own) this.#end(connection);
  }

  #of(client: string): Set<Connection> {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const made = new Set<Connection>();
    this.#clients.set(client, made);
    return made;
  }

  #largest(): Set<Connection> {
    let largest = new Set<Connection>();
    for (const own of this.#clients.values()) if (own.size > largest.size) largest = own;
    return largest;
  }

  #endOldest(own: Set<Connection>): void {
    const [oldest] = own;
    if (oldest !== undefined) this.#end(oldest);
  }

  #end(connection: Connection): void {
    this.closed(connection);
    connection.end();
  }
}
