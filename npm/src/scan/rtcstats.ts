/**
 * Dumps of rtcstats: one JSON array a line, `[method, connection, value, …, time]`. The older form has the time since 1970 and
 * names; file format 3 begins with `RTCStatsDump`, has the time since the line before, and may have numbers for names.
 */

import {
  type DumpConnection,
  type DumpEvent,
  MAX_CONNECTIONS,
  MAX_EVENTS,
  type Owner,
  ofReports,
  type ReadDump,
  type StatsReport,
  written,
} from './dump.js';
import { isRtcstats } from './dump-signs.js';

/** Names that stand for numbers in file format 3, those that are read here. */
const METHODS: Readonly<Record<string, string>> = {
  g: 'getStats',
  1: 'getStats',
  2: 'createOffer',
  3: 'createOfferOnSuccess',
  4: 'createAnswer',
  5: 'createAnswerOnSuccess',
  6: 'setLocalDescription',
  7: 'setLocalDescriptionOnSuccess',
  8: 'setRemoteDescription',
  9: 'setRemoteDescriptionOnSuccess',
  10: 'addIceCandidate',
  11: 'addIceCandidateOnSuccess',
  12: 'createOfferOnFailure',
  13: 'createAnswerOnFailure',
  14: 'setLocalDescriptionOnFailure',
  15: 'setRemoteDescriptionOnFailure',
  16: 'addIceCandidateOnFailure',
  20: 'onicecandidate',
  21: 'onicecandidateerror',
  23: 'onsignalingstatechange',
  24: 'oniceconnectionstatechange',
  25: 'onconnectionstatechange',
  26: 'onicegatheringstatechange',
  27: 'onnegotiationneeded',
  36: 'close',
  37: 'restartIce',
  39: 'create',
};

const TYPES: Readonly<Record<string, string>> = {
  5: 'transport',
  6: 'candidate-pair',
  7: 'local-candidate',
  8: 'remote-candidate',
};

const MEMBERS: Readonly<Record<string, string>> = {
  t: 'timestamp',
  5: 'transportId',
  41: 'bytesReceived',
  80: 'bytesSent',
  116: 'protocol',
  118: 'state',
  121: 'iceRole',
  122: 'iceLocalUsernameFragment',
  123: 'dtlsState',
  124: 'iceState',
  125: 'selectedCandidatePairId',
  134: 'address',
  135: 'port',
  136: 'candidateType',
  137: 'priority',
  138: 'url',
  139: 'relayProtocol',
  148: 'localCandidateId',
  149: 'remoteCandidateId',
  150: 'nominated',
  152: 'currentRoundTripTime',
  156: 'requestsSent',
  157: 'responsesReceived',
};

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A connection while its lines are read. */
interface Open {
  connection: DumpConnection;
  reports: Map<string, StatsReport>;
}

/** Lines between two pauses. */
const LINES = 500;
/** A number above is a time since 1970, in milliseconds; below, since the line before. */
const ABSOLUTE = 1e11;

/** Reads a dump of rtcstats in steps; `null` when the text is none. @internal */
export function* readRtcstats(input: string): Generator<unknown, ReadDump | null> {
  if (!isRtcstats(input)) return null;
  const over = { connections: 0, events: 0, pairs: 0 };
  const open = new Map<string, Open>();
  const owners: Owner[] = [];
  let userAgent: string | null = null;
  let url: string | null = null;
  let [time, count] = [0, 0];
  let cut: number | null = null;
  for (let at = 0; at < input.length; ) {
    const stop = input.indexOf('\n', at);
    const end = stop < 0 ? input.length : stop;
    const start = at;
    at = end + 1;
    if (++count % LINES === 0) yield;
    const line = parsed(input.slice(start, end));
    if (line === undefined && stop < 0) cut = start;
    if (isObject(line)) {
      userAgent ??= typeof line.userAgent === 'string' ? line.userAgent : null;
      url ??= typeof line.url === 'string' ? line.url : typeof line.origin === 'string' ? line.origin : null;
    }
    if (!Array.isArray(line) || line.length < 3) continue;
    const [code, id, value, ...rest] = line as unknown[];
    const method = METHODS[String(code)] ?? String(code);
    time = timeOf(rest, time);
    owners.push({ start, id: typeof id === 'string' ? id : null, side: sideOf(method) });
    if (typeof id !== 'string') continue;
    const one = open.get(id) ?? opened(open, id, start, over);
    if (one !== null) take(one, method, value, time, over);
  }
  const connections = [...open.values()].map(({ connection, reports }) => ({
    ...connection,
    url,
    ...ofReports(reports, over),
  }));
  if (connections.length === 0) return null;
  return { format: 'rtcstats', dump: { userAgent, saved: null, cut, connections, over }, owners };
}

/** Side whose descriptions and candidates a call or event has. */
function sideOf(method: string): Owner['side'] {
  if (/^(?:create(?:Offer|Answer)|setLocalDescription|onicecandidate$)/.test(method)) return 'local';
  return /^(?:setRemoteDescription|addIceCandidate)/.test(method) ? 'remote' : null;
}

/** The value of a line; `null` where it is no JSON, `undefined` where it begins as JSON and is cut off. */
function parsed(line: string): unknown {
  if (!/^\s*[[{]/.test(line)) return null;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The time of a line: its last number, since 1970 or since the line before; some servers put a count behind. */
function timeOf(rest: readonly unknown[], before: number): number {
  const numbers = rest.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  return numbers.find((value) => value > ABSOLUTE) ?? before + (numbers.at(-1) ?? 0);
}

function opened(open: Map<string, Open>, id: string, start: number, over: ReadDump['dump']['over']): Open | null {
  if (open.size >= MAX_CONNECTIONS) {
    over.connections++;
    return null;
  }
  const head = { id, start, url: null, configuration: null, events: [] };
  const one: Open = {
    connection: { ...head, pairs: [], candidates: { local: [], remote: [] }, transports: [], lastStats: null },
    reports: new Map(),
  };
  open.set(id, one);
  return one;
}

function take(one: Open, method: string, value: unknown, time: number, over: ReadDump['dump']['over']): void {
  if (method.toLowerCase() === 'getstats') {
    takeStats(one.reports, value, time);
    return;
  }
  if (method === 'create') one.connection.configuration ??= written(value);
  if (one.connection.events.length >= MAX_EVENTS) {
    over.events++;
    return;
  }
  const event: DumpEvent = { time: time > 0 ? time : null, type: method, value: written(value) };
  one.connection.events.push(event);
}

/** Most reports kept of one connection. */
const MAX_REPORTS = 20_000;
/** Most changes kept of one member. */
const MAX_CHANGES = 1_000;

/** Takes one sample: only what changed since the one before is in it. What it no longer has keeps its last values. */
function takeStats(reports: Map<string, StatsReport>, value: unknown, time: number): void {
  if (!isObject(value)) return;
  const whole = value.timestamp ?? value.t;
  const sampled = typeof whole === 'number' && whole > 0 ? whole : time;
  for (const [id, delta] of Object.entries(value)) {
    if (!isObject(delta)) continue;
    let report = reports.get(id);
    if (report === undefined) {
      const type = TYPES[String(delta.type)] ?? String(delta.type ?? '');
      if (!Object.values(TYPES).includes(type) || reports.size >= MAX_REPORTS) continue;
      report = { id, type, series: new Map() };
      reports.set(id, report);
    }
    takeReport(report, delta, sampled);
  }
}

function takeReport(report: StatsReport, delta: Json, sampled: number): void {
  const own = delta.timestamp ?? delta.t;
  const stamp = typeof own === 'number' && own > 0 ? own : sampled;
  for (const [key, value] of Object.entries(delta)) {
    const name = MEMBERS[key] ?? key;
    if (name === 'timestamp' || name === 'type') continue;
    const series = report.series.get(name) ?? { values: [], start: stamp, end: stamp, stamps: [] };
    report.series.set(name, series);
    // Of counters only the last value is asked for.
    if (typeof value === 'number' || series.values.length >= MAX_CHANGES) series.values.pop();
    series.values.push(value);
    series.stamps?.splice(series.values.length - 1, 1, stamp);
  }
}
