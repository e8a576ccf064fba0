/** Dumps of connections by browsers: chrome://webrtc-internals, in a form that about:webrtc fits too. */
import { pairPriority } from '../ice.js';
import type { Analysis } from './analyze.js';
import { modern } from './legacy-stats.js';

/** An event of a connection's log. */
export interface DumpEvent {
  /** Milliseconds since 1970; `null` where the dump gives none. */
  time: number | null;
  /** Name of the event, such as `icecandidate` or `setLocalDescription`. */
  type: string;
  /** Details of the event, as the dump writes them. */
  value: string;
}

/** A candidate as the statistics show it. */
export interface DumpCandidate {
  /** Id of the candidate in the statistics. */
  id: string;
  /** `host`, `srflx`, `prflx` or `relay`, as the browser names it; `null` where it does not. */
  type: string | null;
  /** Empty where the browser hides it. */
  address: string;
  /** Port; `null` where the browser hides it. */
  port: number | null;
  /** Transport protocol, `udp` or `tcp`; `null` where the dump does not say. */
  protocol: string | null;
  /** Exact. */
  priority: number | null;
  /** Server it was gathered from. */
  url: string | null;
  /** Protocol between the browser and its TURN server, `udp`, `tcp` or `tls`; `null` for others. */
  relayProtocol: string | null;
  /** Place in the text of about:webrtc; `null` in other dumps. */
  span: {
    /** UTF-16 offset of its first character. */
    start: number;
    /** UTF-16 offset behind its last character. */
    end: number;
  } | null;
}

/** A value that changed at a time, milliseconds since 1970. */
export interface Step<T> {
  /** When the value was first reported. */
  time: number;
  /** The value from then on. */
  value: T;
}

/** A candidate pair over time. */
export interface DumpPair {
  /** Id of the pair in the statistics. */
  id: string;
  /** Id of its transport; `null` where the dump does not say. */
  transport: string | null;
  /** Local candidate; `null` where the dump has none of that id. */
  local: DumpCandidate | null;
  /** Remote candidate; `null` where the dump has none of that id. */
  remote: DumpCandidate | null;
  /** Each change of the state, as reported by `getStats`. */
  states: Step<string>[];
  /** Each change of `nominated`. */
  nominated: Step<boolean>[];
  /** Last values. */
  bytesSent: number;
  /** Bytes of payload received, as last reported; 0 where the dump has no number. */
  bytesReceived: number;
  /** Binding requests sent, as last reported; 0 where the dump has no number. */
  requestsSent: number;
  /** Binding responses received, as last reported; 0 where the dump has no number. */
  responsesReceived: number;
  /** Checks that came in; `null` where they are not counted. */
  requestsReceived: number | null;
  /** Seconds, as reported. */
  currentRoundTripTime: number | null;
  /**
   * The pair priority by RFC 8445 §6.1.2.3, from the candidates' priorities and the role: exact, unlike the number in the
   * statistics, which is rounded to 53 bits.
   */
  priority: bigint | null;
}

/** A transport over time. */
export interface DumpTransport {
  /** Id of the transport in the statistics. */
  id: string;
  /** Each change of the selected pair; `null` where the id is not among the pairs. */
  selected: Step<string>[];
  /** Each change of the ICE state, by the names of RTCIceTransportState. */
  iceStates: Step<string>[];
  /** Each change of the DTLS state, by the names of RTCDtlsTransportState. */
  dtlsStates: Step<string>[];
  /** `controlling` or `controlled`, as last reported; `null` where the dump does not say. */
  role: string | null;
  /** Local username fragment, as last reported; `null` where the dump does not say. */
  localFragment: string | null;
}

/** A peer connection of a dump. */
export interface DumpConnection {
  /** Id of the connection in the dump. */
  id: string;
  /** Offset of its beginning in the text, in UTF-16 code units. */
  start: number;
  /** URL of the page; `null` where the dump does not say. */
  url: string | null;
  /** The configuration as the page gave it, credentials left out by the browser. */
  configuration: string | null;
  /** Events in order. */
  events: DumpEvent[];
  /** Candidate pairs, dropped ones included. */
  pairs: DumpPair[];
  /** All that were gathered or signalled, in pairs or not; of about:webrtc those of the local agent. */
  candidates: {
    /** Candidates of this browser. */
    local: DumpCandidate[];
    /** Candidates of the other side. */
    remote: DumpCandidate[];
  };
  /** Transports of the connection. */
  transports: DumpTransport[];
  /** When the last statistics were taken, milliseconds since 1970; `null` where none were. */
  lastStats: number | null;
}

/** A whole dump. */
export interface Dump {
  /** User agent string of the browser; `null` where the dump does not say. */
  userAgent: string | null;
  /** When the dump was saved, milliseconds since 1970; `null` where the dump does not say. */
  saved: number | null;
  /** Offset at which its JSON is cut off, so that what came later is not known; `null` where it is whole, or no JSON. */
  cut: number | null;
  /** Peer connections, at most 500. */
  connections: DumpConnection[];
  /** Counts of what did not fit. */
  over: {
    /** Connections left out. */
    connections: number;
    /** Events left out. */
    events: number;
    /** Pairs left out. */
    pairs: number;
  };
}

/** A dump and what it is of. @internal */
export interface ReadDump {
  format: Exclude<Analysis['format'], 'pcap' | 'pcapng'>;
  dump: Dump;
  /** Which connection what stands from there on belongs to; where it is not given, each ends where the next begins. */
  owners?: Owner[];
}

/** Owner of the text from `start` on. @internal */
export interface Owner {
  start: number;
  /** Connection. */
  id: string | null;
  /** Of descriptions and candidates in it, where the dump tells. */
  side: 'local' | 'remote' | null;
}

/** Most connections; events, pairs, and candidates a side of one. */
export const MAX_CONNECTIONS = 500;
export const MAX_EVENTS = 20_000;
export const MAX_PAIRS = 5_000;
export const MAX_CANDIDATES = 5_000;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A value of any kind as text: what is an object is written as JSON. @internal */
export function written(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  try {
    return JSON.stringify(value);
  } catch {
    // A value that was read may be nested deeper than can be written.
    return 'nested too deeply';
  }
}

/** A time in milliseconds, as a number or as a date; NaN for what is neither. */
const timeOf = (value: unknown): number => (typeof value === 'number' ? value : Date.parse(text(value) ?? ''));

/** Reads a dump of webrtc-internals in steps; `null` when the text is none. @internal */
export function* readInternals(input: string): Generator<unknown, ReadDump | null> {
  const place = input.indexOf('"PeerConnections"');
  if (place < 0) return null;
  let json: unknown;
  let cut: number | null = null;
  try {
    json = JSON.parse(input.trim());
  } catch {
    ({ json, cut } = yield* jsonAround(input, place));
  }
  yield;
  const connections = isObject(json) ? json.PeerConnections : null;
  if (!isObject(json) || !isObject(connections)) return null;
  const entries = Object.entries(connections).filter((entry): entry is [string, Json] => isObject(entry[1]));
  const over = { connections: Math.max(0, entries.length - MAX_CONNECTIONS), events: 0, pairs: 0 };
  const starts = yield* memberStarts(input, input.indexOf('{', input.indexOf('"PeerConnections"')));
  const read: DumpConnection[] = [];
  for (const [id, value] of entries.slice(0, MAX_CONNECTIONS)) {
    read.push(readConnection(id, starts.get(id) ?? 0, value, over));
    yield;
  }
  // Findings are given to connections by where they begin.
  read.sort((a, b) => a.start - b.start);
  const saved = typeof json.timestamp === 'number' ? json.timestamp : null;
  return { format: 'webrtc-internals', dump: { userAgent: text(json.UserAgent), saved, cut, connections: read, over } };
}

/**
 * The outermost object that `place` stands in, where other text stands around it or its end was cut off: what is not whole
 * is left out, and `json` is `null` where nothing can be read. `cut` is the offset at which it was cut off.
 */
function* jsonAround(input: string, place: number): Generator<unknown, { json: unknown; cut: number | null }> {
  const nothing = { json: null, cut: null };
  const before = input.slice(Math.max(0, place - REACH), place);
  const open = /\{(?:[^{}]|\{[^{}]*\})*$/.exec(before);
  if (open === null) return nothing;
  const start = place - (before.length - open.index);
  const closing: string[] = [];
  // End of the last whole member, and the brackets that would close the object there.
  let whole = { end: start, closing: '' };
  const token = /["{}[\],]/g;
  token.lastIndex = start;
  let count = 0;
  for (let match = token.exec(input); match !== null; match = token.exec(input)) {
    if (++count % TOKENS === 0) yield;
    const { 0: mark, index } = match;
    if (mark === '"') token.lastIndex = stringEnd(input, index);
    else if (mark === '{' || mark === '[') closing.push(mark === '{' ? '}' : ']');
    else if (mark === ',') whole = { end: index, closing: [...closing].reverse().join('') };
    else if (closing.pop() !== mark) return nothing;
    if (closing.length === 0) {
      whole = { end: index + 1, closing: '' };
      break;
    }
    if (closing.length > MAX_NESTED) return nothing;
  }
  try {
    const json: unknown = JSON.parse(input.slice(start, whole.end) + whole.closing);
    return { json, cut: whole.closing === '' ? null : whole.end };
  } catch {
    return nothing;
  }
}

/** Characters before the list of connections in which their object opens. */
const REACH = 100_000;
const MAX_NESTED = 200;

/** Tokens between two pauses. */
const TOKENS = 20_000;

/** Offsets at which the members of the object at `open` begin, by name. The text is JSON. */
function* memberStarts(input: string, open: number): Generator<unknown, Map<string, number>> {
  const starts = new Map<string, number>();
  const token = /["{}[\]]/g;
  token.lastIndex = Math.max(0, open);
  let depth = 0;
  let count = 0;
  for (let match = token.exec(input); match !== null; match = token.exec(input)) {
    if (++count % TOKENS === 0) yield;
    const { 0: mark, index } = match;
    if (mark === '{' || mark === '[') depth++;
    else if (mark !== '"') {
      depth--;
      if (depth <= 0) break;
    } else {
      const end = stringEnd(input, index);
      token.lastIndex = end;
      if (depth === 1 && /^\s*:/.test(input.slice(end, end + 20))) {
        const name = text(JSON.parse(input.slice(index, end)));
        if (name !== null) starts.set(name, index);
      }
    }
  }
  return starts;
}

/** One past the quote that ends the JSON string whose first quote is at `start`. */
function stringEnd(input: string, start: number): number {
  for (let at = input.indexOf('"', start + 1); at >= 0; at = input.indexOf('"', at + 1)) {
    let slashes = 0;
    while (input[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return input.length;
}

function readConnection(id: string, start: number, json: Json, over: Dump['over']): DumpConnection {
  const log = Array.isArray(json.updateLog) ? json.updateLog.filter(isObject) : [];
  over.events += Math.max(0, log.length - MAX_EVENTS);
  const reports = readStats(isObject(json.stats) ? json.stats : {});
  return {
    id,
    start,
    url: text(json.url),
    configuration: text(json.rtcConfiguration),
    events: log.slice(0, MAX_EVENTS).map(readEvent),
    ...ofReports(reports, over),
  };
}

/** Pairs, candidates and transports of the reports of one connection. @internal */
export function ofReports(
  reported: Map<string, StatsReport>,
  over: Dump['over'],
): Pick<DumpConnection, 'pairs' | 'candidates' | 'transports' | 'lastStats'> {
  const reports = modern(reported);
  const transports = [...reports.values()].filter(({ type }) => type === 'transport').map(readTransport);
  const role = transports.find((transport) => transport.role !== null)?.role ?? null;
  const pairReports = [...reports.values()].filter(({ type }) => type === 'candidate-pair');
  over.pairs += Math.max(0, pairReports.length - MAX_PAIRS);
  let last = Number.NEGATIVE_INFINITY;
  for (const { series } of reports.values()) {
    for (const { end } of series.values()) if (end > last) last = end;
  }
  return {
    pairs: pairReports.slice(0, MAX_PAIRS).map((report) => readPair(report, reports, role)),
    candidates: { local: candidatesOf(reports, 'local-candidate'), remote: candidatesOf(reports, 'remote-candidate') },
    transports,
    lastStats: last === Number.NEGATIVE_INFINITY ? null : last,
  };
}

function readEvent(json: Json): DumpEvent {
  const stamp = json.timestamp ?? json.time;
  const time = timeOf(stamp);
  return {
    time: Number.isNaN(time) ? null : time,
    type: written(json.type),
    value: written(json.value),
  };
}

/** The samples of one member. @internal */
export interface Series {
  values: unknown[];
  start: number;
  end: number;
  /** When each value was sampled, where that is known. */
  stamps?: number[];
}

/** The samples of one report, by member. @internal */
export interface StatsReport {
  id: string;
  type: string;
  series: Map<string, Series>;
}

/** `<id>-<member>` → its samples. The id may hold dashes, the member none; members in brackets are the page's own. */
function readStats(stats: Json): Map<string, StatsReport> {
  const reports = new Map<string, StatsReport>();
  for (const [key, value] of Object.entries(stats)) {
    const dash = key.lastIndexOf('-');
    if (dash < 0 || !isObject(value) || key.endsWith(']')) continue;
    const id = key.slice(0, dash);
    const report = reports.get(id) ?? { id, type: written(value.statsType), series: new Map() };
    reports.set(id, report);
    report.series.set(key.slice(dash + 1), {
      values: samples(value.values),
      start: timeOf(value.startTime),
      end: timeOf(value.endTime),
    });
  }
  return reports;
}

function samples(values: unknown): unknown[] {
  if (Array.isArray(values)) return values;
  try {
    const parsed: unknown = JSON.parse(text(values) ?? '');
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function last(report: StatsReport | undefined, member: string): unknown {
  return report?.series.get(member)?.values.at(-1);
}

function lastNumber(report: StatsReport | undefined, member: string): number | null {
  const value = last(report, member);
  return typeof value === 'number' ? value : null;
}

/** Each change of a member, at the time of its sample. */
function steps<T>(report: StatsReport, member: string, accept: (value: unknown) => value is T): Step<T>[] {
  const series = report.series.get(member);
  if (series === undefined) return [];
  const { values, start, end, stamps: own } = series;
  // The samples of a member that came late are as long as its own span; `timestamp` is that of the whole report.
  const stamps = report.series.get('timestamp')?.values ?? [];
  const timeAt = (index: number): number => {
    const known = own?.[index];
    if (known !== undefined) return known;
    const stamp = stamps[stamps.length - values.length + index];
    if (typeof stamp === 'number') return stamp;
    return values.length > 1 ? start + ((end - start) * index) / (values.length - 1) : start;
  };
  const changes: Step<T>[] = [];
  values.forEach((value, index) => {
    if (accept(value) && changes.at(-1)?.value !== value) changes.push({ time: timeAt(index), value });
  });
  return changes;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

function candidatesOf(reports: Map<string, StatsReport>, type: string): DumpCandidate[] {
  const own = [...reports.values()].filter((report) => report.type === type);
  return own.slice(0, MAX_CANDIDATES).map(readCandidate);
}

function candidateAt(id: unknown, reports: Map<string, StatsReport>): DumpCandidate | null {
  const report = typeof id === 'string' ? reports.get(id) : undefined;
  return report === undefined ? null : readCandidate(report);
}

function readCandidate(report: StatsReport): DumpCandidate {
  const member = (name: string) => text(last(report, name));
  return {
    id: report.id,
    type: member('candidateType'),
    address: member('address') ?? member('ip') ?? '',
    port: lastNumber(report, 'port'),
    protocol: member('protocol'),
    priority: lastNumber(report, 'priority'),
    url: member('url'),
    relayProtocol: member('relayProtocol'),
    span: null,
  };
}

function readPair(report: StatsReport, reports: Map<string, StatsReport>, role: string | null): DumpPair {
  const local = candidateAt(last(report, 'localCandidateId'), reports);
  const remote = candidateAt(last(report, 'remoteCandidateId'), reports);
  const number = (name: string) => lastNumber(report, name);
  return {
    id: report.id,
    transport: text(last(report, 'transportId')),
    local,
    remote,
    states: steps(report, 'state', isText),
    nominated: steps(report, 'nominated', isBoolean),
    bytesSent: number('bytesSent') ?? 0,
    bytesReceived: number('bytesReceived') ?? 0,
    requestsSent: number('requestsSent') ?? 0,
    responsesReceived: number('responsesReceived') ?? 0,
    requestsReceived: number('requestsReceived'),
    currentRoundTripTime: number('currentRoundTripTime'),
    priority: priorityOf(local?.priority ?? null, remote?.priority ?? null, role),
  };
}

function priorityOf(local: number | null, remote: number | null, role: string | null): bigint | null {
  if (local === null || remote === null || !Number.isSafeInteger(local) || !Number.isSafeInteger(remote)) return null;
  // Chromium shows priorities of 2³¹ and more as negative numbers.
  const [ours, theirs] = [local >>> 0, remote >>> 0];
  if (role === 'controlling') return pairPriority(ours, theirs);
  return role === 'controlled' ? pairPriority(theirs, ours) : null;
}

function readTransport(report: StatsReport): DumpTransport {
  return {
    id: report.id,
    selected: steps(report, 'selectedCandidatePairId', isText),
    iceStates: steps(report, 'iceState', isText),
    dtlsStates: steps(report, 'dtlsState', isText),
    role: text(last(report, 'iceRole')),
    localFragment: text(last(report, 'iceLocalUsernameFragment')),
  };
}
