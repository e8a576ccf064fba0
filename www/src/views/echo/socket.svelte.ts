/** The WebSocket to the worker's `/stun`, one STUN message a frame. */

export const SUBPROTOCOL = 'stun.icelens.v1';
/** Pause before another try when no connection came about, s. */
export const RETRY_S = 4;

export type LinkState = 'closed' | 'connecting' | 'open' | 'offline';

export interface LinkEvents {
  message(bytes: Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

/** A ws: or wss: URL, or null. */
export function socketUrl(text: string): URL | null {
  try {
    const url = new URL(text.trim());
    return url.protocol === 'ws:' || url.protocol === 'wss:' ? url : null;
  } catch {
    return null;
  }
}

export class Link {
  state = $state<LinkState>('closed');
  /** Time from asking to open, ms. */
  openedIn = $state<number | null>(null);
  subprotocol = $state('');
  /** The last close. */
  closed = $state.raw<{ code: number; reason: string } | null>(null);
  /** Seconds until the next try, while offline. */
  retryIn = $state<number | null>(null);
  #socket: WebSocket | null = null;
  #waiting: (() => void)[] = [];
  #countdown: ReturnType<typeof setInterval> | undefined;
  #url = '';
  /** Whether to try again when there is no connection: while the view is open. */
  keep = false;

  constructor(readonly events: LinkEvents) {}

  /** Opens a connection unless there is one to that URL; resolves when it is open or could not be. */
  connect(url: string): Promise<boolean> {
    if (this.#socket && this.#url === url) {
      if (this.state === 'open') return Promise.resolve(true);
    } else this.#open(url);
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.state === 'open')));
  }

  send(data: Uint8Array<ArrayBuffer> | string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  close() {
    this.#stopRetry();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.state = 'closed';
  }

  #open(url: string) {
    this.close();
    this.#url = url;
    this.state = 'connecting';
    const start = performance.now();
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, SUBPROTOCOL);
    } catch {
      this.#lost();
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.state = 'open';
      this.openedIn = performance.now() - start;
      this.subprotocol = socket.protocol;
      this.closed = null;
      this.#settle();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket && data instanceof ArrayBuffer) this.events.message(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      const opened = this.state === 'open';
      this.#socket = null;
      if (!opened) return this.#lost();
      this.state = 'closed';
      this.closed = { code, reason };
      this.#settle();
      this.events.close(code, reason);
    };
  }

  #settle() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #lost() {
    this.state = 'offline';
    this.#settle();
    if (!this.keep) return;
    this.retryIn = RETRY_S;
    this.#countdown = setInterval(() => {
      this.retryIn = (this.retryIn ?? 1) - 1;
      if (this.retryIn > 0) return;
      this.#stopRetry();
      if (this.keep) this.#open(this.#url);
    }, 1000);
  }

  #stopRetry() {
    clearInterval(this.#countdown);
    this.retryIn = null;
  }
}
