/** The same `/stun` on Node: `attach(server)` adds it to an HTTP server. Here the client's port is known. */
import type { IncomingMessage, Server } from 'node:http';
import { isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CLOSE, Session } from './session.js';
import { type Settings, settings } from './settings.js';
import { responder } from './stun.js';
import { negotiate } from './upgrade.js';

function clientAddress({ socket }: IncomingMessage): string {
  // A dual-stack socket shows IPv4 clients as ::ffff:192.0.2.1.
  const address = socket.remoteAddress ?? '';
  const mapped = address.replace(/^::ffff:/i, '');
  return isIPv4(mapped) ? mapped : address;
}

function refuse(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} \r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${reason}\n`);
}

/** Answers WebSocket upgrades of `/stun`; leaves other upgrades alone. Returns a function that detaches and closes all. */
export function attach(server: Server, config: Settings = settings(process.env)): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: config.limits.messageBytes,
    handleProtocols: (offered) => ['stun.icelens.v1', 'stun'].find((name) => offered.has(name)) ?? false,
  });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!/^\/stun(\?|$)/.test(request.url ?? '')) return;
    const url = `http://${request.headers.host ?? 'localhost'}/stun`;
    const header = (name: string) => String(request.headers[name.toLowerCase()] ?? '') || null;
    const decision = negotiate({ method: request.method ?? '', url, header }, config.allowedOrigins);
    if ('status' in decision) return refuse(socket, decision.status, decision.reason);
    const respond = responder(config, clientAddress(request), String(request.socket.remotePort ?? 0));
    if (respond === null) return refuse(socket, 500, 'The address of the client is not known.');
    sockets.handleUpgrade(request, socket, head, (client) =>
      converse(client, new Session(respond, config.limits, Date.now())),
    );
  };
  server.on('upgrade', upgrade);
  return () => {
    server.off('upgrade', upgrade);
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}

function converse(client: import('ws').WebSocket, session: Session): void {
  client.binaryType = 'arraybuffer';
  const watch = () => {
    const why = session.timeout(Date.now());
    if (why !== null) return client.close(CLOSE.normal, why);
    timer = setTimeout(watch, session.deadline(Date.now()));
  };
  let timer = setTimeout(watch, session.deadline(Date.now()));
  client.on('message', (data, isBinary) => {
    try {
      const action = session.receive(isBinary ? data : String(data), Date.now());
      if (action === null) return;
      if ('send' in action) client.send(action.send);
      else client.close(action.close, action.reason);
    } catch {
      // A mistake of ours ends this connection and no other.
      client.close(CLOSE.internal);
    }
  });
  client.on('close', () => clearTimeout(timer));
  client.on('error', () => client.terminate());
}
