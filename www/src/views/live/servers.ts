import type { Values } from '../../i18n/index.svelte';
import type { LiveKey } from './messages';

/** A STUN or TURN URL (RFC 7064, RFC 7065) that was read. */
export interface ServerUrl {
  /** As given to the browser. */
  url: string;
  scheme: 'stun' | 'stuns' | 'turn' | 'turns';
  host: string;
  port: number;
  transport: 'udp' | 'tcp' | 'tls';
}

/** A line that is not one, and why. */
export interface ServerProblem {
  /** 1-based. */
  line: number;
  text: string;
  reason: LiveKey;
  values?: Values;
}

export interface ServerList {
  servers: ServerUrl[];
  problems: ServerProblem[];
}

/** Most URLs used; browsers slow down from five on, and each holds sockets. */
export const MAX_SERVERS = 16;
/** Longest line read. */
const MAX_LINE = 512;

const DEFAULT_PORT = { stun: 3478, turn: 3478, stuns: 5349, turns: 5349 } as const;

function isScheme(text: string): text is ServerUrl['scheme'] {
  return text in DEFAULT_PORT;
}

/** Host and port text of `host`, `host:port`, `[v6]` or `[v6]:port`; null when it is none of them. */
function splitHost(text: string): { host: string; port: string | null } | null {
  const v6 = /^\[([0-9a-fA-F:.]+)\](?::(.*))?$/.exec(text);
  if (v6?.[1]) return { host: v6[1], port: v6[2] ?? null };
  const named = /^([^:[\]/?#@\s]+)(?::([^:]*))?$/.exec(text);
  return named?.[1] ? { host: named[1], port: named[2] ?? null } : null;
}

/** One URL, or why it is none. */
export function parseServer(text: string): ServerUrl | { reason: LiveKey; values?: Values } {
  if (text.length > MAX_LINE) return { reason: 'server.bad.long', values: { max: MAX_LINE } };
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (!isScheme(scheme)) {
    return colon < 0
      ? { reason: 'server.bad.noScheme', values: { text } }
      : { reason: 'server.bad.scheme', values: { scheme: text.slice(0, colon) || ':' } };
  }
  const rest = text.slice(colon + 1);
  if (rest.startsWith('//')) return { reason: 'server.bad.slashes' };
  if (/\s/.test(rest)) return { reason: 'server.bad.space' };
  if (rest.includes('@')) return { reason: 'server.bad.user' };
  const [where = '', query, ...more] = rest.split('?');
  const place = splitHost(where);
  if (!place) {
    return where === '' || where.startsWith(':')
      ? { reason: 'server.bad.noHost' }
      : { reason: 'server.bad.host', values: { host: where } };
  }
  let port: number = DEFAULT_PORT[scheme];
  if (place.port !== null) {
    port = /^\d{1,5}$/.test(place.port) ? Number(place.port) : 0;
    if (port < 1 || port > 65535) return { reason: 'server.bad.port', values: { port: place.port || '""' } };
  }
  const secure = scheme.endsWith('s');
  let transport: ServerUrl['transport'] = secure ? 'tls' : 'udp';
  if (query !== undefined) {
    if (scheme.startsWith('stun')) return { reason: 'server.bad.stunQuery' };
    const wanted = /^transport=(udp|tcp)$/i.exec(query)?.[1]?.toLowerCase();
    if (more.length > 0 || !wanted) return { reason: 'server.bad.query', values: { query: `?${query}` } };
    if (!secure) transport = wanted as 'udp' | 'tcp';
  }
  return { url: `${scheme}:${rest}`, scheme, host: place.host, port, transport };
}

/** One URL a line; empty lines and lines that start with `#` are skipped. */
export function parseServers(text: string): ServerList {
  const servers: ServerUrl[] = [];
  const problems: ServerProblem[] = [];
  text.split(/\r\n|\r|\n/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const read = parseServer(line);
    if ('reason' in read) {
      if (problems.length < MAX_SERVERS) problems.push({ line: index + 1, text: line.slice(0, 80), ...read });
    } else if (servers.some((other) => other.url === read.url)) {
      problems.push({ line: index + 1, text: line, reason: 'server.bad.twice' });
    } else if (servers.length === MAX_SERVERS) {
      if (!problems.some((p) => p.reason === 'server.bad.many')) {
        problems.push({ line: index + 1, text: line, reason: 'server.bad.many', values: { max: MAX_SERVERS } });
      }
    } else {
      servers.push(read);
    }
  });
  return { servers, problems };
}

/** Whether any of them needs a user and a password. */
export function needsCredentials(servers: readonly ServerUrl[]): boolean {
  return servers.some((s) => s.scheme.startsWith('turn'));
}

/** A URL without what browsers add or drop, for matching candidates and errors to servers. */
export function bareUrl(url: string): string {
  const read = parseServer(url.trim());
  if ('reason' in read) return url.trim().toLowerCase();
  return `${read.scheme}:${read.host.toLowerCase()}:${read.port}/${read.transport}`;
}
