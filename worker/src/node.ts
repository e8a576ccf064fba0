/** The same `/stun` on Node: `attach(server)` adds it to an HTTP server. Here the client's port is known. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { guarded } from '../../npm/src/guard.js';
import { clientKey, isLoopback } from '../../npm/src/source.js';
import { TokenBucket } from './limits.js';
import { CLOSE, Session } from './session.js';
import { type Settings, settings } from './settings.js';
import { responder } from './stun.js';
import { negotiate } from './upgrade.js';

export { type Settings, settings } from './settings.js';

/** Bytes that a client has not read yet; with more it is cut off. */
const MAX_UNREAD = 64 * 1024;
/** Connections at a time. */
const MAX_CONNECTIONS = 2000;
/** Connections that one client may open per second in the long run, and at once. Loopback has no limit. */
const NEW_CONNECTIONS = { rate: 2, burst: 120 };
/** Clients remembered for that; the longest known goes first. */
const MAX_CLIENTS = 10_000;

function clientAddress({ socket }: IncomingMessage): string {
  // A dual-stack socket shows IPv4 clients as ::ffff:192.0.2.1; a link-local address has its zone.
  return (socket.remoteAddress ?? '').replace(/%.*/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}

function refuse(socket: Duplex, status: number, reason: string): void {
  const answer = `HTTP/1.1 ${status} \r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${reason}\n`;
  // A client that keeps its end open does not keep ours.
  socket.end(answer, () => socket.destroy());
}

/** Says whether a client may open another connection. */
class Admission {
  readonly #clients = new Map<string, TokenBucket>();

  admits(address: string, now: number): boolean {
    if (isLoopback(address)) return true;
    const key = clientKey(address);
    const bucket = this.#clients.get(key) ?? new TokenBucket(NEW_CONNECTIONS.rate, NEW_CONNECTIONS.burst, now);
    this.#clients.delete(key);
    this.#clients.set(key, bucket);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > MAX_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
    return bucket.take(now);
  }
}

/**
 * Answers WebSocket upgrades of `/stun`. Other upgrades are left to the server's other listeners; without any they are
 * closed. Returns a function that detaches and closes all.
 */
export function attach(server: Server, config: Settings = settings(process.env)): () => void {
  const admission = new Admission();
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: config.limits.messageBytes,
    handleProtocols: (offered) => ['stun.icelens.v1', 'stun'].find((name) => offered.has(name)) ?? false,
  });
  const answer = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!/^\/stun(\?|$)/.test(request.url ?? '')) {
      if (server.listenerCount('upgrade') === 1) refuse(socket, 404, 'Nothing here.');
      return;
    }
    const url = `http://${request.headers.host ?? 'localhost'}/stun`;
    const header = (name: string) => String(request.headers[name.toLowerCase()] ?? '') || null;
    const decision = negotiate({ method: request.method ?? '', url, header }, config.allowedOrigins);
    if ('status' in decision) return refuse(socket, decision.status, decision.reason);
    const address = clientAddress(request);
    if (sockets.clients.size >= MAX_CONNECTIONS) return refuse(socket, 503, 'Too many connections.');
    if (!admission.admits(address, Date.now())) return refuse(socket, 429, 'Too many connections from this address.');
    const respond = responder(config, address, String(request.socket.remotePort ?? 0));
    if (respond === null) return refuse(socket, 500, 'The address of the client is not known.');
    sockets.handleUpgrade(request, socket, head, (client) =>
      converse(client, new Session(respond, config.limits, Date.now())),
    );
  };
  const upgrade = guarded((request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node takes its own listener off before it hands the socket over: a reset would have none.
    socket.on(
      'error',
      guarded(() => socket.destroy()),
    );
    guarded(answer, () => socket.destroy())(request, socket, head);
  });
  server.on('upgrade', upgrade);
  return () => {
    server.off('upgrade', upgrade);
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}

function converse(client: WebSocket, session: Session): void {
  client.binaryType = 'arraybuffer';
  const failed = () => client.terminate();
  const watch = guarded(() => {
    const why = session.timeout(Date.now());
    if (why !== null) return client.close(CLOSE.normal, why);
    timer = setTimeout(watch, session.deadline(Date.now()));
  }, failed);
  let timer = setTimeout(watch, session.deadline(Date.now()));
  const receive = guarded((data: unknown, isBinary: boolean) => {
    const action = session.receive(isBinary ? data : String(data), Date.now());
    if (action === null) return;
    if (client.bufferedAmount > MAX_UNREAD) return client.terminate();
    if ('send' in action) client.send(action.send, failedToSend);
    else client.close(action.close, action.reason);
  }, failed);
  const failedToSend = guarded((error?: Error) => error && client.terminate());
  client.on('message', receive);
  // Answered by `ws`; who sends them without reading is cut off too.
  client.on(
    'ping',
    guarded(() => client.bufferedAmount > MAX_UNREAD && client.terminate()),
  );
  client.on(
    'close',
    guarded(() => clearTimeout(timer)),
  );
  client.on('error', guarded(failed));
}
