import type { Values } from '../../i18n/index.svelte';
import type { LiveKey } from './messages';
import type { CheckedCandidate } from './serverCheck.svelte';
import { bareUrl, type ServerUrl } from './servers';

/** An error that the browser reported for a server. */
export interface ServerError {
  url: string;
  code: number;
  text: string;
  at: number;
}

/** One plain verdict on one server URL. */
export interface ServerVerdict {
  url: string;
  sign: 'ok' | 'error' | 'warning' | 'unknown' | 'progress';
  /** Time to its first candidate, ms. */
  took: number | null;
  /** Sentence; null when the sign and the time say it. */
  reason: LiveKey | null;
  values?: Values;
}

/** After this long without an answer a server counts as silent for now; browsers wait 11 s (Firefox) or 40 s (Chrome). */
export const PATIENCE_MS = 5000;

const BY_CODE: Record<number, LiveKey> = {
  300: 'server.err.300',
  400: 'server.err.400',
  401: 'server.err.401',
  403: 'server.err.403',
  437: 'server.err.437',
  438: 'server.err.438',
  441: 'server.err.441',
  442: 'server.err.442',
  486: 'server.err.486',
  508: 'server.err.508',
};

/** No answer means something else over UDP, which firewalls drop, than over a connection that was never made. */
const silence = ({ transport }: Pick<ServerUrl, 'transport'>): LiveKey =>
  transport === 'udp' ? 'server.silent' : 'server.silent.tcp';

/** The sentence for an error code; 701 covers several things, told apart by the browser's text where there is one. */
export function errorReason(code: number, text: string, transport: ServerUrl['transport']): LiveKey {
  const known = BY_CODE[code];
  if (known) return known;
  if (code !== 701) return code >= 300 && code < 700 ? 'server.err.other' : 'server.err.unknown';
  if (/lookup|resolve|dns/i.test(text)) return 'server.err.701.name';
  if (/establish|refused|connect/i.test(text)) return 'server.err.701.refused';
  if (/timed? ?out/i.test(text)) return transport === 'udp' ? 'server.err.701.silent' : 'server.err.701.silent.tcp';
  return 'server.err.701';
}

const silentValues = (server: ServerUrl, ms: number) => ({
  s: Math.floor(ms / 1000),
  transport: server.transport.toUpperCase(),
});

/** Whether a candidate came from this server, as far as the browser tells. */
function cameFrom(row: CheckedCandidate, server: ServerUrl): boolean {
  if (!row.url) return false;
  const bare = bareUrl(row.url);
  if (bare === bareUrl(server.url)) return true;
  // Chrome names the srflx of an Allocate after a stun: URL at the TURN server.
  return server.scheme === 'turn' && bare === bareUrl(`stun:${server.host}:${server.port}`) && row.type === 'srflx';
}

export interface ProbeView {
  running: boolean;
  /** `host:port` of servers that answered. */
  heard: ReadonlySet<string>;
  /** URLs of servers that did not. */
  silent: readonly string[];
  /** ms it has taken. */
  elapsed: number;
}

export interface VerdictInput {
  servers: readonly ServerUrl[];
  candidates: readonly CheckedCandidate[];
  errors: readonly ServerError[];
  complete: boolean;
  /** Observations of the NAT measurement at the servers. */
  probe: ProbeView;
  /** ms since start. */
  now: number;
}

function verdict(server: ServerUrl, input: VerdictInput): ServerVerdict {
  const { candidates, errors, complete, now } = input;
  const turn = server.scheme.startsWith('turn');
  const mine = candidates.filter((c) => cameFrom(c, server));
  const wanted = turn ? mine.filter((c) => c.type === 'relay') : mine;
  const first = wanted[0];
  const base = { url: server.url, took: null };
  if (first) return { ...base, sign: 'ok', took: first.at, reason: null };

  const failed = errors.filter((e) => bareUrl(e.url) === bareUrl(server.url)).at(-1);
  if (failed) {
    const time = Math.round(failed.at / 100) / 10;
    const values = { code: failed.code, text: failed.text || '–', time, transport: server.transport.toUpperCase() };
    return { ...base, sign: 'error', reason: errorReason(failed.code, failed.text, server.transport), values };
  }
  const reflexive = candidates.filter((c) => c.type === 'srflx' || c.type === 'relay');
  const unnamed = reflexive.some((c) => c.url === null);
  if (turn) {
    if (unnamed && reflexive.some((c) => c.type === 'relay' && c.url === null)) {
      return input.servers.filter((s) => s.scheme.startsWith('turn')).length === 1
        ? { ...base, sign: 'ok', took: reflexive.find((c) => c.type === 'relay')?.at ?? null, reason: null }
        : { ...base, sign: 'unknown', reason: 'server.unnamed' };
    }
    if (complete) return { ...base, sign: 'warning', reason: 'server.noRelay' };
  } else if (complete) {
    if (unnamed) {
      return input.servers.length === 1
        ? { ...base, sign: 'ok', took: reflexive[0]?.at ?? null, reason: null }
        : { ...base, sign: 'unknown', reason: 'server.unnamed' };
    }
    return { ...base, ...byProbe(server, input.probe, reflexive.length > 0) };
  }
  return { ...base, ...soFar(server, input.probe, now) };
}

type Said = Pick<ServerVerdict, 'sign' | 'reason' | 'values'>;

/** A server that gave nothing yet, gathering going on. */
function soFar(server: ServerUrl, probe: ProbeView, now: number): Said {
  const late = now > PATIENCE_MS;
  if (server.scheme.startsWith('turn')) {
    // Whether it is silent is for the browser to say; the NAT measurement may have a relay from it.
    if (late) return { sign: 'warning', reason: 'server.noRelayYet', values: silentValues(server, now) };
    return { sign: 'progress', reason: 'server.waiting' };
  }
  // Its candidate here may have been dropped as equal to another, which shows once gathering is over.
  if (heardBy(probe, server)) return { sign: 'ok', reason: 'server.heard' };
  if (silentTo(probe, server))
    return { sign: 'warning', reason: silence(server), values: silentValues(server, probe.elapsed) };
  if (late && !probe.running) return { sign: 'warning', reason: silence(server), values: silentValues(server, now) };
  return { sign: 'progress', reason: 'server.waiting' };
}

const heardBy = (probe: ProbeView, { host, port }: ServerUrl) => probe.heard.has(`${host}:${port}`);
const silentTo = (probe: ProbeView, { url }: ServerUrl) =>
  probe.silent.some((other) => bareUrl(other) === bareUrl(url));

/** A STUN server that gave no candidate and no error: dropped as equal, or never asked, as with ports that browsers block. */
function byProbe(server: ServerUrl, probe: ProbeView, others: boolean): Said {
  if (heardBy(probe, server)) return { sign: 'ok', reason: others ? 'server.same' : 'server.sameHost' };
  if (silentTo(probe, server)) {
    return { sign: 'warning', reason: silence(server), values: silentValues(server, probe.elapsed) };
  }
  if (probe.running) return { sign: 'progress', reason: 'server.waiting' };
  return { sign: 'unknown', reason: 'server.nothing' };
}

export function serverVerdicts(input: VerdictInput): ServerVerdict[] {
  return input.servers.map((server) => verdict(server, input));
}

/** Whether the server itself answered, be it with an error; 701 is what the browser says of one that did not. */
export const hasAnswered = ({ sign, values }: ServerVerdict): boolean =>
  sign === 'ok' || (sign === 'error' && Number(values?.code) < 700);

/** Why the measurement of the NAT learned nothing, by what became of the servers. */
export function nothingLearned(servers: readonly ServerUrl[], verdicts: readonly ServerVerdict[]): LiveKey {
  if (servers.length === 0) return 'nat.nothing.none';
  const answered = servers.filter((s) => verdicts.some((v) => v.url === s.url && v.sign === 'ok'));
  if (answered.length === 0) return 'nat.nothing.silent';
  return answered.every((s) => s.transport !== 'udp') ? 'nat.nothing.tcp' : 'nat.nothing.relay';
}
