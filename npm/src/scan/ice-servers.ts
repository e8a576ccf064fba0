/**
 * STUN and TURN servers that a text configures: `iceServers` as JSON or code, in the shapes of Cloudflare, Twilio, AWS KVS and the
 * REST draft, and Link headers (RFC 9725 §4.6). Every URL is judged by RFC 7064, RFC 7065 and the rules of browsers.
 */
import type { Advisor } from './advice.js';
import { expiryOf } from './advice-log.js';
import type { AdviceCode } from './advice-text.js';
import { scopeOf } from './scope.js';

/** A server of a configuration. */
export interface ConfiguredServer {
  /** URL as written. */
  url: string;
  /** `stun`, `stuns`, `turn`, `turns`; `null` when the URL begins otherwise. */
  scheme: string | null;
  /** Host name or IP address, IPv6 in brackets; `null` when the URL has none. */
  host: string | null;
  /** As written, else the scheme's own. */
  port: number | null;
  /** Transport protocol named by `?transport=`; `null` when none is. */
  transport: 'udp' | 'tcp' | null;
  /** User name beside the URL; `null` when there is none. */
  username: string | null;
  /** A password or token stands beside it; never given. */
  hasCredential: boolean;
  /** When a name of the form `time:user` runs out, ISO 8601. */
  expires: string | null;
  /** From 1. */
  line: number;
  /** UTF-16 offsets of the URL. */
  start: number;
  /** UTF-16 offset behind the URL. */
  end: number;
}

/** Most servers listed of one text. */
const MAX_SERVERS = 200;
/** Name of the list, in the spellings of libraries: `iceServers`, `ice_servers`, `ICEServers`, `webrtcICEServers2`. */
const CONFIGURATION = /ice_?servers?/i;
/** Characters around a URL that its object may have. */
const REACH = 1_500;

/** A URL in quotes or in a Link header: with the mistakes that people make, slashes and spaces. */
const QUOTED = /(["'`<])((?:stuns?|turns?):[^"'`<>\n]{0,300})(["'`>])/gi;
const NAMED_URL = /\burls?["']?\s*[:=]\s*\[?\s*(["'`])([^"'`\n]{1,300})\1/gi;
/** A URL without quotes, as YAML has it: `- url: turn:…`, `urls: [turn:…`. */
const BARE = /^([ \t]*(?:-[ \t]+)?(?:urls?:[ \t]+)?\[?)((?:stuns?|turns?):[^\s"'`,\]]{1,300})/gim;

/** Finds the servers of a text in steps. @internal */
export function* readServers(input: string): Generator<unknown, ConfiguredServer[]> {
  const inConfiguration = CONFIGURATION.test(input);
  if (!/(?:stuns?|turns?):/i.test(input) && !inConfiguration) return [];
  const found = new Map<number, ConfiguredServer>();
  let [line, counted] = [1, 0];
  let steps = 0;
  for (const pattern of inConfiguration ? [QUOTED, NAMED_URL, BARE] : [QUOTED]) {
    [line, counted] = [1, 0];
    for (const match of input.matchAll(pattern)) {
      if (++steps % 500 === 0) yield;
      const url = match[2] ?? '';
      const start = match.index + match[0].lastIndexOf(url);
      if (found.size >= MAX_SERVERS || found.has(start) || !isConfigured(input, match, pattern)) continue;
      // Twilio gives each URL as `url` and as `urls`.
      if ([...found.values()].some((one) => one.url === url && start - one.start < 200)) continue;
      for (let at = input.indexOf('\n', counted); at >= 0 && at < start; at = input.indexOf('\n', counted)) {
        line++;
        counted = at + 1;
      }
      found.set(start, serverOf(url, input, start, line));
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}

/** A URL of a configuration, not of an event, a statistic or an error: those have it beside other members. */
function isConfigured(input: string, match: RegExpExecArray, pattern: RegExp): boolean {
  const inList = () => CONFIGURATION.test(input.slice(Math.max(0, match.index - REACH), match.index));
  if (pattern === BARE) return inList();
  if (pattern === NAMED_URL) return /^[a-z]{2,10}:/i.test(match[2] ?? '') && inList();
  const before = input.slice(Math.max(0, match.index - 200), match.index);
  const behind = input.slice(match.index, match.index + 400);
  if (match[1] === '<') return /rel\s*=\s*"?ice-server/i.test(behind);
  const named =
    /(\burls?|\buris?|\burl_?strings?|ice_?servers?\d?|iceserver\.builder)["']?\s*[:=]?\s*(?:\[\]string\s*)?[({]?\[?\s*(?:["'`](?:stuns?|turns?):[^"'`]*["'`],\s*)*$/i.exec(
      before,
    );
  // Events and statistics have `url` too.
  const legacy = named?.[1]?.toLowerCase() === 'url';
  return named !== null && (!legacy || inList());
}

const DEFAULTS: Record<string, number> = { stun: 3478, turn: 3478, stuns: 5349, turns: 5349 };

function serverOf(url: string, input: string, start: number, line: number): ConfiguredServer {
  const match = /^\s*(stuns?|turns?):(?:\/\/)?(?:[^@\s]*@)?(\[[^\]]*\]|[^:?/\s]*)(?::(\d{1,9}))?([^\n]*)$/i.exec(
    url.replace(/[\u00a0\u200b-\u200d\ufeff]/g, ''),
  );
  const scheme = match?.[1]?.toLowerCase() ?? null;
  const around = objectAround(input, start, start + url.length);
  const places = POSITIONAL.exec(input.slice(start + url.length, start + url.length + REACH));
  const username = member(around, 'user(?:name)?') ?? places?.[2] ?? null;
  const transport = /[?&]transport=(udp|tcp)/i.exec(url)?.[1]?.toLowerCase();
  return {
    url,
    scheme,
    host: match?.[2] === '' ? null : (match?.[2] ?? null),
    port: match?.[3] === undefined ? (scheme === null ? null : (DEFAULTS[scheme] ?? null)) : Number(match[3]),
    transport: transport === 'udp' || transport === 'tcp' ? transport : null,
    username,
    hasCredential:
      places !== null ||
      member(around, 'credential|password|pwd') !== null ||
      /\b(?:credential|password)\b\s*(?:[,}]|[:=](?!\s*(?:none|null|nil|undefined)\b))/i.test(around),
    expires: username === null ? null : expiryOf(username),
    line,
    start,
    end: start + url.length,
  };
}

/** Name and password by their places behind the URLs of a call: Python's `RTCIceServer("turn:…", "user", "password")`. */
const POSITIONAL = /^["']\]?,\s*(["'])([^"'\n]{1,300})\1,\s*(["'])[^"'\n]{0,600}\3\s*\)/;

/** The object literal, call, chain of calls, item of a list in YAML, or the line, that a URL stands in. */
function objectAround(input: string, start: number, end: number): string {
  // Go's own list within the object: `{URLs: []string{"turn:…"}, Username: …}`.
  const all = input.slice(Math.max(0, start - REACH), start);
  const before = all.replace(/\[\]string\{[^{}]*$/, '');
  const rest = input.slice(end, end + REACH);
  const behind = before === all ? rest : rest.slice(rest.indexOf('}') + 1);
  const chain = /^["'`]\)(?:\s*\.\w+\([^()\n]*\))+/.exec(behind)?.[0];
  if (chain !== undefined) return chain;
  const [open, close] = [before.lastIndexOf('{'), behind.indexOf('}')];
  const [call, ends] = [before.lastIndexOf('('), behind.indexOf(')')];
  const inCall = call >= 0 && ends >= 0 && before.length - call < 300 && !before.slice(call).includes(')');
  if (inCall && call > open) return before.slice(call) + behind.slice(0, ends);
  if (open >= 0 && close >= 0 && !before.slice(open).includes('}'))
    return before.slice(open) + behind.slice(0, close + 1);
  return itemAround(before, behind);
}

/** The item of a YAML list, or the line. */
function itemAround(before: string, behind: string): string {
  const item = /(?:^|\n)([ \t]*)-[ \t][^\n]*(?:\n(?!\1-)(?:\1[ \t]+)[^\n]*)*$/.exec(before);
  if (item === null) return before.slice(before.lastIndexOf('\n') + 1) + behind.split('\n', 1)[0];
  const indent = item[1] ?? '';
  const lines = behind.split('\n');
  const stop = lines.findIndex((line, index) => index > 0 && !(line.startsWith(`${indent} `) && line.trim() !== ''));
  return item[0] + lines.slice(0, stop < 0 ? lines.length : stop).join('\n');
}

/** Value of a member: quoted, behind a colon, an equals sign or in a call, or the rest of a line of YAML. */
function member(text: string, names: string): string | null {
  const quoted = new RegExp(`\\b(?:set)?(?:${names})["']?\\s*[:=(]\\s*(["'\`])([^"'\`\\n]{0,600})\\1`, 'i').exec(text);
  if (quoted !== null) return quoted[2] ?? '';
  const bare = new RegExp(`^[ \\t]*(?:-[ \\t]+)?(?:${names}):[ \\t]+([\\w.:@/+=-]{1,300})[ \\t]*$`, 'im').exec(text);
  return bare?.[1] ?? null;
}

/** Ports below 1024 that libwebrtc connects to for TURN. */
const ALLOWED = new Set([53, 80, 443]);

/** Advice on the servers of a text. `now`: milliseconds since 1970. */
export function adviseServersOf(
  servers: readonly ConfiguredServer[],
  input: string,
  now: number,
  advisor: Advisor,
): void {
  const add = (
    code: AdviceCode,
    severity: 'error' | 'warning' | 'info',
    list: readonly ConfiguredServer[],
    parameters: Record<string, string | number>,
  ) =>
    advisor.add(
      code,
      severity,
      list.map(({ line }) => ({ kind: 'line', index: line })),
      parameters,
    );
  for (const server of servers) judge(server, add);
  if (servers.length >= 5) add('servers.many', 'info', servers.slice(0, 1), { count: servers.length });
  const legacy = servers.find(
    ({ start }) =>
      /\burl["']?\s*:\s*\[?\s*["'`]$/.test(input.slice(Math.max(0, start - 20), start)) &&
      !/\burls["']?\s*:/.test(objectAround(input, start, start)),
  );
  if (legacy !== undefined) add('servers.url-member', 'warning', [legacy], {});
  const names = new Map(
    servers.flatMap((server) => (server.expires === null ? [] : [[server.username ?? '', server] as const])),
  );
  for (const [user, server] of names) {
    const until = server.expires ?? '';
    const over = Date.parse(until) < now;
    add(over ? 'servers.expired' : 'servers.expires', over ? 'warning' : 'info', [server], { user, until });
  }
}

function judge(
  server: ConfiguredServer,
  add: (
    code: AdviceCode,
    severity: 'error' | 'warning' | 'info',
    list: readonly ConfiguredServer[],
    parameters: Record<string, string | number>,
  ) => void,
): void {
  const { url, scheme, host, port } = server;
  const strange = /[\s\u00a0\u200b-\u200d\ufeff]/.exec(url);
  if (strange !== null) {
    const where = `U+${(strange[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    add('servers.space', 'error', [server], { url, where });
    return;
  }
  if (scheme === null || /^\w+:\/\//.test(url)) {
    add('servers.scheme', 'error', [server], { url });
    return;
  }
  if (host === null) {
    add('servers.host', 'error', [server], { url });
    return;
  }
  if (port === null || port < 1 || port > 65_535) {
    add('servers.port', 'error', [server], { url, port: port ?? '' });
    return;
  }
  const relay = scheme.startsWith('turn');
  const query = /\?(.*)$/.exec(url)?.[1];
  if (query !== undefined && (!relay || !/^transport=(?:udp|tcp)$/.test(query)))
    add('servers.query', 'error', [server], { url });
  if (relay && port < 1024 && !ALLOWED.has(port)) add('servers.port-refused', 'warning', [server], { url });
  if (relay && (server.username === null || !server.hasCredential) && !/\$\{|process\.env/.test(url)) {
    add('servers.no-credentials', server.username === null && !server.hasCredential ? 'error' : 'warning', [server], {
      url,
    });
  }
  if (/^(?:127\.|localhost$|\[::1\]|0\.0\.0\.0)/.test(host)) add('servers.loopback', 'info', [server], { url });
  const scope = scopeOf(host.replace(/^\[|\]$/g, ''));
  if (scope === 'private' || scope === 'cgn' || scope === 'ula') add('servers.private', 'info', [server], { url });
}
