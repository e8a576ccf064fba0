/** Evidence of one call in an analysis, in the shape that `src/sim/evidence` reads. */
import { parseCandidate } from './candidate.js';
import type { NatReport } from './nat.js';
import type { Analysis } from './scan/analyze.js';
import type { Capture, CapturedPair, Checks } from './scan/capture.js';
import type { Dump, DumpCandidate, DumpConnection, DumpPair } from './scan/dump.js';
import type { Agent, Session } from './scan/sessions.js';

/** A candidate as it was seen. Times are milliseconds since the local side began to gather. */
interface CandidateSeen {
  line: string;
  url: string | null;
  at: number | null;
}

interface SideSeen {
  candidates: CandidateSeen[];
  servers: string[] | null;
  relayOnly: boolean;
  errors: { url: string; code: number; at: number | null }[];
  gathered: number | null;
  report: { mapping: string | null; filtering: string | null; blocked: boolean; open: boolean } | null;
}

interface EndSeen {
  kind: string;
  address: string;
  port: number | null;
}

interface PairSeen {
  local: EndSeen;
  remote: EndSeen;
  sent: number;
  answered: number;
  received: number | null;
  selected: boolean;
}

/** Evidence of a call, seen from its local side. */
export interface CallEvidence {
  local: SideSeen;
  remote: SideSeen;
  controlling: boolean | null;
  profile: string;
  described: number | null;
  pairs: PairSeen[];
  states: { at: number; state: string }[];
  outcome: 'direct' | 'relayed' | 'failed' | null;
  /** Where it ends in the middle; of packets, how many were cut. */
  cut: { source: 'text' | 'dump' | 'capture' | 'packets'; at: number } | null;
}

/** Milliseconds after the descriptions without a connection after which a call counts as failed: Chromium gives up after 15 s. */
const GAVE_UP = 20_000;
/** Milliseconds after a request behind which no answer comes any more. */
const ANSWERED_BY = 5_000;

const side = (): SideSeen => ({
  candidates: [],
  servers: null,
  relayOnly: false,
  errors: [],
  gathered: null,
  report: null,
});

const nothing = (): CallEvidence => ({
  local: side(),
  remote: side(),
  controlling: null,
  profile: '',
  described: null,
  pairs: [],
  states: [],
  outcome: null,
  cut: null,
});

/** An analysis as far as it shows a call. */
type Analysed = Pick<Analysis, 'dump' | 'capture' | 'sessions'> & Partial<Pick<Analysis, 'truncated'>>;

/** The evidence of an analysis: of its dump, else its capture, else its descriptions and candidates; `null` where it shows no call. */
export function evidenceOf(analysis: Analysed): CallEvidence | null {
  const { dump, capture, sessions, truncated = null } = analysis;
  if (dump !== null) {
    const connection = busiest(dump);
    return connection === null ? null : ofDump(dump, connection, sessions);
  }
  if (capture !== null) return ofCapture(capture, cutOf(capture, truncated));
  const session = sessions.find(({ offerer, answerer }) => offerer.candidates.length + answerer.candidates.length > 0);
  if (session === undefined) return null;
  return { ...ofSession(session), cut: truncated === null ? null : { source: 'text', at: truncated } };
}

/** Where a capture ends in the middle: its file, or each of its packets. */
function cutOf({ damaged, skipped }: Capture, truncated: number | null): CallEvidence['cut'] {
  const at = damaged ?? truncated;
  if (at !== null) return { source: 'capture', at };
  return skipped.cut > 0 ? { source: 'packets', at: skipped.cut } : null;
}

/** Puts NAT reports into the evidence. */
export function withReports(
  evidence: CallEvidence,
  reports: { local?: NatReport | undefined; remote?: NatReport | undefined },
): CallEvidence {
  const report = (of: NatReport | undefined): SideSeen['report'] => {
    if (of === undefined) return null;
    const path = of.paths.find(({ family }) => family === 4) ?? of.paths[0];
    if (path === undefined) return null;
    const known = (value: string) => (/^(endpoint-independent|address-)/.test(value) ? value : null);
    return {
      mapping: known(path.mapping.value),
      filtering: known(path.filtering.value),
      blocked: path.classic === 'blocked',
      open: path.classic === 'open',
    };
  };
  const { local, remote } = evidence;
  return {
    ...evidence,
    local: { ...local, report: report(reports.local) },
    remote: { ...remote, report: report(reports.remote) },
  };
}

/** The connection that checked most pairs, or failing that has most events. */
function busiest(dump: Dump): DumpConnection | null {
  const weight = ({ pairs, events }: DumpConnection) => pairs.length * 1000 + events.length;
  return [...dump.connections].sort((a, b) => weight(b) - weight(a))[0] ?? null;
}

function jsonOf(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Every URL of a configuration, in order. */
function urlsOf(configuration: Record<string, unknown>): string[] {
  const servers = Array.isArray(configuration.iceServers) ? configuration.iceServers : [];
  return servers.flatMap((server: { urls?: unknown; url?: unknown } | null) => {
    const urls = server?.urls ?? server?.url;
    return (Array.isArray(urls) ? urls : [urls]).filter((url): url is string => typeof url === 'string');
  });
}

function ofDump(dump: Dump, connection: DumpConnection, sessions: readonly Session[]): CallEvidence {
  const evidence = nothing();
  if (dump.cut !== null) evidence.cut = { source: 'dump', at: dump.cut };
  const { local } = evidence;
  const configuration = jsonOf(connection.configuration);
  if (connection.configuration !== null) local.servers = urlsOf(configuration);
  local.relayOnly = configuration.iceTransportPolicy === 'relay' || configuration.iceTransportType === 'relay';
  evidence.profile = /Firefox/.test(dump.userAgent ?? '')
    ? 'firefox'
    : /Chrom/.test(dump.userAgent ?? '')
      ? 'chrome'
      : '';
  const began = connection.events.find(({ type, time }) => time !== null && /^setLocalDescription$/.test(type))?.time;
  const at = (time: number | null) => (time === null || began == null ? null : Math.max(0, time - began));
  for (const { type, value, time } of connection.events) takeEvent(evidence, type, value, at(time));
  const session = sessions.find((one) => one.connection === connection.id);
  if (session !== undefined) takeSession(evidence, session);
  takeGathered(evidence, connection);
  const transport = connection.transports[0];
  if (transport?.role) evidence.controlling = transport.role === 'controlling';
  const selected = transport?.selected.at(-1)?.value;
  evidence.pairs = connection.pairs.map((pair) => pairOf(pair, pair.id === selected));
  // A connection without a pair has no statistics; the dump has it as it was when that was saved.
  const closed = connection.events.some(
    ({ type, value }) => /^close$|statechange$/.test(type) && /close/.test(type + value),
  );
  const last = connection.lastStats ?? (closed ? null : dump.saved);
  evidence.outcome = outcomeOf(evidence, at(last));
  return evidence;
}

function takeEvent(evidence: CallEvidence, type: string, value: string, at: number | null): void {
  const { local, remote } = evidence;
  const json = jsonOf(value);
  const candidate = asText(json.candidate);
  if (/^(on)?icecandidate$/i.test(type) && candidate !== '') {
    local.candidates.push({ line: candidate, url: asText(json.url) || null, at });
  } else if (/^addIceCandidate$/.test(type) && candidate !== '') {
    remote.candidates.push({ line: candidate, url: null, at });
  } else if (/icecandidateerror$/i.test(type)) {
    local.errors.push({ url: asText(json.url), code: Number(json.error_code ?? json.errorCode) || 0, at });
  } else if (/icegatheringstatechange$/i.test(type) && /complete/.test(value)) {
    local.gathered ??= at ?? 0;
  } else if (type === 'setRemoteDescription') {
    evidence.described ??= at;
    evidence.controlling ??= json.type === 'answer';
  } else if (/connectionstatechange$/i.test(type) && at !== null) {
    const state = value.replace(/[^a-z]/g, '');
    // Chromium says `failed` of the connection, and leaves the state of ICE at `disconnected`.
    if (/ice/i.test(type) || state === 'failed') evidence.states.push({ at, state });
  }
}

/** Candidates of the descriptions that are not among those of the events. */
function takeSession(evidence: CallEvidence, { offerer, answerer }: Session): void {
  for (const agent of [offerer, answerer]) {
    if (agent.side === null) continue;
    const seen = evidence[agent.side];
    const known = new Set(seen.candidates.map(({ line }) => endOf(line)));
    for (const one of linesOf(agent)) if (!known.has(endOf(one.line))) seen.candidates.push(one);
  }
}

/** Candidates that only the statistics show. */
function takeGathered(evidence: CallEvidence, { candidates }: DumpConnection): void {
  for (const name of ['local', 'remote'] as const) {
    const seen = evidence[name];
    if (seen.candidates.length > 0) continue;
    for (const one of candidates[name]) {
      const line = lineOf(one.type ?? '', one.address, one.port, one.protocol);
      if (line !== null && one.type !== 'prflx') seen.candidates.push({ line, url: one.url, at: null });
    }
  }
}

const endOf = (line: string): string => line.split(' ').slice(2, 8).join(' ');

const linesOf = ({ candidates }: Agent): CandidateSeen[] =>
  candidates.map(({ candidate, url }) => ({ line: String(candidate), url, at: null }));

function lineOf(type: string, address: string, port: number | null, protocol: string | null): string | null {
  if (port === null || type === '' || (protocol ?? 'udp') !== 'udp') return null;
  const related = type === 'host' ? '' : ' raddr 0.0.0.0 rport 0';
  const line = `candidate:1 1 udp 1 ${address === '' ? 'hidden.local' : address} ${port} typ ${type}${related}`;
  return parseCandidate(line).candidate === null ? null : line;
}

function pairOf(pair: DumpPair, selected: boolean): PairSeen {
  return {
    local: ofCandidate(pair.local),
    remote: ofCandidate(pair.remote),
    sent: pair.requestsSent,
    answered: pair.responsesReceived,
    received: pair.requestsReceived,
    selected,
  };
}

function ofCandidate(candidate: DumpCandidate | null): EndSeen {
  if (candidate === null) return { kind: '', address: '', port: null };
  const { type, address, port } = candidate;
  const host = address.includes(':') ? `[${address}]` : address;
  return { kind: type ?? '', address: address === '' || port === null ? '' : `${host}:${port}`, port };
}

/** How the call of a dump ended: by its last state, or by the time it went on without a connection, until `last`. */
function outcomeOf(evidence: CallEvidence, last: number | null): CallEvidence['outcome'] {
  const states = evidence.states.map(({ state }) => state);
  if (states.some((state) => state === 'connected' || state === 'completed')) return carriedBy(evidence.pairs);
  if (states.includes('failed')) return 'failed';
  const { described, cut } = evidence;
  return cut === null && described !== null && last !== null && last - described >= GAVE_UP ? 'failed' : null;
}

/** A pair with a relay at either end, or without. */
function carriedBy(pairs: readonly PairSeen[]): CallEvidence['outcome'] {
  const pair = pairs.find(({ selected }) => selected) ?? pairs.find(({ answered }) => answered > 0);
  if (pair === undefined) return null;
  return pair.local.kind === 'relay' || pair.remote.kind === 'relay' ? 'relayed' : 'direct';
}

function ofSession({ offerer, answerer }: Session): CallEvidence {
  const evidence = nothing();
  const [own, other] = answerer.side === 'local' ? [answerer, offerer] : [offerer, answerer];
  evidence.controlling = own === offerer;
  evidence.local.candidates = linesOf(own);
  evidence.remote.candidates = linesOf(other);
  return evidence;
}

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
const isPrivate = (address: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd]|fe80)/i.test(
    hostOf(address),
  );

/** A capture taken at one of the two: its addresses are those that asked servers, or the private ones. */
function ofCapture(capture: Capture, cut: CallEvidence['cut']): CallEvidence | null {
  const session = capture.sessions[0];
  if (capture.transactions.length === 0) return null;
  const evidence = { ...nothing(), cut };
  const { local, remote } = evidence;
  const asked = capture.transactions.filter(({ check }) => check === null);
  const own = new Set(asked.map(({ client }) => client));
  for (const address of session?.addresses.flat() ?? []) if (isPrivate(address)) own.add(address);
  const add = (seen: SideSeen, kind: string, address: string | null, url: string | null, at: number | null) => {
    const line = address === null ? null : lineOf(kind, hostOf(address), portOf(address), 'udp');
    if (line !== null && !seen.candidates.some((one) => one.line === line)) seen.candidates.push({ line, url, at });
  };
  const servers = new Set<string>();
  for (const { client, server, transport, method, response, requests } of asked) {
    const turn = method !== 'binding';
    const url = `${turn ? 'turn' : 'stun'}:${server}${transport === 'tcp' ? '?transport=tcp' : ''}`;
    servers.add(url);
    if (transport === 'udp') add(local, 'host', client, null, requests[0]?.time ?? null);
    const mapped = response?.mapped ?? null;
    if (mapped !== null && mapped !== client && transport === 'udp')
      add(local, 'srflx', mapped, url, response?.seen.time ?? null);
    const last = requests.at(-1)?.time ?? 0;
    if (response === null && !isOver(cut, capture.duration - last)) continue;
    if (response === null) local.errors.push({ url, code: 701, at: null });
    else if (response.error !== null && (response.error !== 401 || !turn))
      local.errors.push({ url, code: response.error, at: response.seen.time });
  }
  local.servers = [...servers];
  for (const { relayed, granted, server, transport, errors } of capture.allocations) {
    const url = `turn:${server}${transport === 'tcp' ? '?transport=tcp' : ''}`;
    if (relayed !== null && granted !== null) add(local, 'relay', relayed, url, granted);
    else if (errors.filter((code) => code === 401).length > 1) local.errors.push({ url, code: 401, at: null });
  }
  local.gathered = cut === null ? 0 : null;
  const relays = new Set(capture.allocations.map(({ relayed }) => relayed));
  const servedAt = new Set(asked.map(({ server }) => hostOf(server)));
  const isOwn = (address: string) => own.has(address) || relays.has(address);
  for (const index of session?.pairs ?? capture.pairs.keys()) {
    const pair = capture.pairs[index];
    if (pair === undefined) continue;
    const mine = isOwn(pair.a) ? 'a' : isOwn(pair.b) ? 'b' : null;
    if (mine === null) continue;
    const theirs = mine === 'a' ? pair.b : pair.a;
    if (!relays.has(pair[mine])) add(local, 'host', pair[mine], null, null);
    const seen = capturedPair(pair, mine, relays, index === session?.selected);
    takeMapped(seen, capture, mine === 'a' ? pair.fromA : pair.fromB, local);
    seen.remote.kind = isPrivate(theirs) ? 'host' : servedAt.has(hostOf(theirs)) ? 'relay' : 'srflx';
    // A sender from a port that had not been asked before is peer-reflexive.
    const [ours, answer] = mine === 'a' ? [pair.fromA, pair.fromB] : [pair.fromB, pair.fromA];
    const unasked = (answer.first ?? Number.POSITIVE_INFINITY) < (ours.first ?? Number.POSITIVE_INFINITY);
    const sameHost = remote.candidates.some(({ line }) => line.includes(` ${hostOf(theirs)} `));
    if (unasked && sameHost && seen.remote.kind === 'srflx') seen.remote.kind = 'prflx';
    else add(remote, seen.remote.kind, theirs, null, null);
    evidence.pairs.push(seen);
  }
  local.relayOnly = evidence.pairs.length > 0 && evidence.pairs.every(({ local: { kind } }) => kind === 'relay');
  const first = evidence.pairs.length > 0 ? checksBegan(capture) : null;
  if (first !== null) evidence.states.push({ at: first, state: 'checking' });
  const controlling = session?.addresses[0].some(isOwn);
  if (session?.rolesKnown && controlling !== undefined) evidence.controlling = controlling;
  const answered = evidence.pairs.some((pair) => pair.answered > 0);
  if (session !== undefined && session.selected !== null) evidence.outcome = carriedBy(evidence.pairs);
  else if (cut === null && !answered && first !== null && capture.duration - first >= GAVE_UP / 2)
    evidence.outcome = 'failed';
  return evidence;
}

/** Whether an answer that is not in the capture did not come, `after` milliseconds of it behind the request. */
function isOver(cut: CallEvidence['cut'], after: number): boolean {
  return cut === null || (cut.source === 'capture' && after >= ANSWERED_BY);
}

function checksBegan({ transactions }: Capture): number | null {
  const times = transactions.filter(({ check }) => check !== null).flatMap(({ requests }) => requests[0]?.time ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

function capturedPair(
  pair: CapturedPair,
  mine: 'a' | 'b',
  relays: ReadonlySet<string | null>,
  selected: boolean,
): PairSeen {
  const [ours, theirs] = mine === 'a' ? [pair.fromA, pair.fromB] : [pair.fromB, pair.fromA];
  const kind = relays.has(pair[mine]) ? 'relay' : 'host';
  return {
    local: { kind, address: pair[mine], port: null },
    remote: { kind: '', address: mine === 'a' ? pair.b : pair.a, port: null },
    sent: ours.sent,
    answered: ours.answered,
    received: theirs.sent,
    selected,
  };
}

/** The address that the other side saw the checks come from: it is another where the NAT maps by destination. */
function takeMapped(seen: PairSeen, { transactions }: Capture, checks: Checks, local: SideSeen): void {
  if (seen.local.kind !== 'host') return;
  const answers = checks.transactions.map((index) => transactions[index]?.response?.mapped ?? null);
  const mapped = answers.find((address) => address !== null && address !== seen.local.address);
  if (mapped == null) return;
  const known = local.candidates.some(({ line }) => line.includes(` ${hostOf(mapped)} ${portOf(mapped)} `));
  seen.local = { kind: known ? 'srflx' : 'prflx', address: mapped, port: portOf(mapped) };
}
