/** Decisions before a WebSocket is opened, from the request's headers alone. */

/** Ours first. `stun` is what a client without knowledge of icelens would say. */
export const SUBPROTOCOLS = ['stun.icelens.v1', 'stun'];

/** The headers that matter, as any runtime can give them. */
export interface UpgradeRequest {
  method: string;
  url: string;
  header(name: string): string | null;
}

/** Either the subprotocol to answer with (null: none was offered), or the HTTP error. */
export type Upgrade =
  | { subprotocol: string | null }
  | { status: number; reason: string; headers?: Record<string, string> };

const PURPOSE = 'This is STUN over WebSocket: connect with new WebSocket(url, "stun.icelens.v1").';

/**
 * `allowedOrigins`: null admits pages of the worker's own origin, '*' any. A client that is not a browser sends no Origin
 * and is admitted: it could send any.
 */
export function negotiate(request: UpgradeRequest, allowedOrigins: readonly string[] | null): Upgrade {
  if (request.method !== 'GET') return { status: 405, reason: 'Use GET.', headers: { Allow: 'GET' } };
  if (request.header('Upgrade')?.toLowerCase() !== 'websocket') {
    return { status: 426, reason: PURPOSE, headers: { Upgrade: 'websocket', Connection: 'Upgrade' } };
  }
  if (!originAllowed(request, allowedOrigins)) return { status: 403, reason: 'Pages of this origin may not connect.' };
  const offered = (request.header('Sec-WebSocket-Protocol') ?? '').split(',').map((name) => name.trim());
  const subprotocol = SUBPROTOCOLS.find((name) => offered.includes(name)) ?? null;
  // A browser fails the handshake when it offered something and nothing came back: say why instead.
  if (subprotocol === null && offered.some((name) => name !== '')) {
    return { status: 400, reason: `No subprotocol in common: offer ${SUBPROTOCOLS.join(', ')} or none.` };
  }
  return { subprotocol };
}

function originAllowed(request: UpgradeRequest, allowed: readonly string[] | null): boolean {
  const origin = request.header('Origin');
  if (origin === null || allowed?.includes('*')) return true;
  if (allowed !== null) return allowed.includes(origin);
  // The host alone: TLS may end in front of the worker.
  return /^https?:\/\/(.*)$/.exec(origin)?.[1] === hostOf(request.url);
}

/** The host of a URL; null where a client's Host header makes it none. */
function hostOf(url: string): string | null {
  try {
    return new URL(url).host;
  } catch {
    return null;
  }
}
