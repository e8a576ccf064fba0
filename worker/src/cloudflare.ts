/** The worker: `/stun`, `/ice-servers`, `/health`, and the page as static assets. */
import { guarded } from '../../npm/src/guard.js';
import { clientKey, isLoopback } from '../../npm/src/source.js';
import { safe } from './headers.js';
import { CLOSE, Session } from './session.js';
import { type Settings, SettingsError, settings } from './settings.js';
import { responder } from './stun.js';
import { negotiate, SUBPROTOCOLS } from './upgrade.js';

/** Bindings and variables of wrangler.jsonc; all are optional. */
export interface Env {
  /** The page. */
  ASSETS?: Fetcher;
  /** Limits new connections by client address. */
  CONNECTIONS?: RateLimit;
  [variable: string]: unknown;
}

const VERSION = '0.1.0';

function text(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(`${body}\n`, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers } });
}

function json(value: unknown): Response {
  return Response.json(value, { headers: { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' } });
}

/** Whether a client may open another connection. Loopback, which no client of an edge has, always may. */
async function admitted(address: string, env: Env): Promise<boolean> {
  if (env.CONNECTIONS === undefined || isLoopback(address)) return true;
  return (await env.CONNECTIONS.limit({ key: clientKey(address) })).success;
}

async function stun(request: Request, env: Env, config: Settings): Promise<Response> {
  const header = (name: string) => request.headers.get(name);
  const upgrade = negotiate({ method: request.method, url: request.url, header }, config.allowedOrigins);
  if ('status' in upgrade) return text(upgrade.status, upgrade.reason, upgrade.headers);
  const address = header('CF-Connecting-IP') ?? '';
  if (!(await admitted(address, env))) {
    return text(429, 'Too many connections from this address. Try again in a minute.', { 'Retry-After': '60' });
  }
  const respond = responder(config, address, config.portHeader === null ? null : header(config.portHeader));
  if (respond === null) return text(500, 'The address of the client is not known here.');
  const { 0: client, 1: server } = new WebSocketPair();
  // Since 2026-03-17 the default is Blob, which cannot be read at once.
  server.binaryType = 'arraybuffer';
  server.accept();
  converse(server, new Session(respond, config.limits, Date.now()));
  const headers = upgrade.subprotocol === null ? {} : { 'Sec-WebSocket-Protocol': upgrade.subprotocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}

function converse(socket: WebSocket, session: Session): void {
  let timer: ReturnType<typeof setTimeout>;
  let open = true;
  const close = (code: number, reason: string) => {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    socket.removeEventListener('message', receive);
    try {
      socket.close(code, reason);
    } catch {
      // Closed by the other side already.
    }
  };
  // The client went away while its message was on the way, or there is a mistake of ours: either ends this one only.
  const failed = () => close(CLOSE.internal, '');
  const watch = guarded(() => {
    const why = session.timeout(Date.now());
    if (why !== null) return close(CLOSE.normal, why);
    timer = setTimeout(watch, session.deadline(Date.now()));
  }, failed);
  const receive = guarded(({ data }: MessageEvent) => {
    if (!open) return;
    const action = session.receive(data, Date.now());
    if (action === null) return;
    if ('send' in action) socket.send(action.send);
    else close(action.close, action.reason);
  }, failed);
  socket.addEventListener('message', receive);
  // Before 2026-04-07 the runtime does not answer a Close by itself.
  socket.addEventListener(
    'close',
    guarded(() => close(CLOSE.normal, '')),
  );
  socket.addEventListener('error', guarded(failed));
  watch();
}

async function route(request: Request, env: Env): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/health') return json({ status: 'ok', version: VERSION, subprotocols: SUBPROTOCOLS });
  if (pathname === '/stun') return stun(request, env, settings(env));
  // Servers that the page proposes to an RTCPeerConnection.
  if (pathname === '/ice-servers') return json(settings(env).iceServers.map((urls) => ({ urls })));
  return env.ASSETS === undefined ? text(404, 'Nothing here.') : env.ASSETS.fetch(request);
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      const response = await route(request, env);
      return response.webSocket ? response : safe(response);
    } catch (error) {
      if (error instanceof SettingsError) return safe(text(500, `The worker is not set up right: ${error.message}.`));
      console.error(error);
      return safe(text(500, 'The worker failed.'));
    }
  },
};
