/** Statistics of Chromium before version 117, `googCandidatePair` and its like, told as those of the W3C. */
import type { Series, StatsReport } from './dump.js';

/** Whether a report is of the old statistics; old dumps of webrtc-internals do not say the type. */
const isPair = ({ type, series }: StatsReport) => type === 'googCandidatePair' || series.has('googWritable');
const isCandidate = ({ type, series }: StatsReport) =>
  /^(?:local|remote)candidate$/.test(type) || series.has('ipAddress');

const KINDS: Readonly<Record<string, string>> = {
  local: 'host',
  stun: 'srflx',
  serverreflexive: 'srflx',
  peerreflexive: 'prflx',
  relayed: 'relay',
};

const truth = (value: unknown) => (typeof value === 'string' ? value === 'true' : value);
const kind = (value: unknown) => KINDS[String(value)] ?? value;
/** Every old value is a text. */
const number = (value: unknown) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value);

/** Names of members now, and what their values are now. */
const MEMBERS: Readonly<Record<string, readonly [string, (value: unknown) => unknown]>> = {
  timestamp: ['timestamp', (value) => value],
  localCandidateId: ['localCandidateId', (value) => value],
  remoteCandidateId: ['remoteCandidateId', (value) => value],
  googChannelId: ['transportId', (value) => value],
  googWritable: ['state', (value) => (truth(value) ? 'succeeded' : 'in-progress')],
  googRtt: ['currentRoundTripTime', (value) => Number(value) / 1000],
  bytesSent: ['bytesSent', number],
  bytesReceived: ['bytesReceived', number],
  requestsSent: ['requestsSent', number],
  responsesReceived: ['responsesReceived', number],
  requestsReceived: ['requestsReceived', number],
  ipAddress: ['address', (value) => value],
  portNumber: ['port', number],
  transport: ['protocol', (value) => value],
  candidateType: ['candidateType', kind],
  priority: ['priority', number],
};

/** The reports, with the old ones told as those of today. @internal */
export function modern(reports: Map<string, StatsReport>): Map<string, StatsReport> {
  const old = [...reports.values()].filter((report) => isPair(report) || isCandidate(report));
  if (old.length === 0) return reports;
  const out = new Map(reports);
  const pairs = old.filter(isPair);
  const remote = new Set(pairs.map((pair) => last(pair, 'remoteCandidateId')));
  for (const report of old.filter(isCandidate)) {
    const theirs = report.type === 'remotecandidate' || (report.type !== 'localcandidate' && remote.has(report.id));
    out.set(report.id, translated(report, theirs ? 'remote-candidate' : 'local-candidate'));
  }
  for (const pair of pairs) {
    const report = translated(pair, 'candidate-pair');
    for (const side of ['local', 'remote'] as const) endOf(pair, report, side, out);
    out.set(pair.id, report);
  }
  for (const transport of transportsOf(pairs)) out.set(transport.id, transport);
  return out;
}

const last = ({ series }: StatsReport, member: string) => series.get(member)?.values.at(-1);

function translated({ id, series }: StatsReport, type: string): StatsReport {
  const members = new Map<string, Series>();
  for (const [name, one] of series) {
    const [now, value] = MEMBERS[name] ?? [];
    if (now !== undefined && value !== undefined) members.set(now, { ...one, values: one.values.map(value) });
  }
  return { id, type, series: members };
}

/** Puts down a candidate that only its pair tells of, by address and type. */
function endOf(pair: StatsReport, report: StatsReport, side: 'local' | 'remote', out: Map<string, StatsReport>): void {
  const member = `${side}CandidateId`;
  if (out.has(String(last(report, member)))) return;
  const name = side === 'local' ? 'googLocal' : 'googRemote';
  const address = /^\[?(.*?)\]?:(\d+)$/.exec(String(last(pair, `${name}Address`) ?? ''));
  if (address === null) return;
  const id = `${pair.id} ${side}`;
  const values = {
    address: address[1],
    port: Number(address[2]),
    candidateType: kind(last(pair, `${name}CandidateType`)),
    protocol: last(pair, 'googTransportType'),
  };
  const at = report.series.get('state')?.start ?? Number.NaN;
  const one = (value: unknown): Series => ({ values: [value], start: at, end: at });
  const series = new Map(Object.entries(values).map(([key, value]) => [key, one(value)]));
  out.set(id, { id, type: `${side}-candidate`, series });
  report.series.set(member, one(id));
}

/** Transports, each with the pairs that were active on it, one after the other. */
function transportsOf(pairs: readonly StatsReport[]): StatsReport[] {
  const active = new Map<string, { id: string; time: number }[]>();
  for (const pair of pairs) {
    const series = pair.series.get('googActiveConnection');
    const first = series?.values.findIndex((value) => truth(value) === true) ?? -1;
    if (series === undefined || first < 0) continue;
    const span = series.end - series.start;
    const time = series.start + (series.values.length > 1 ? (span * first) / (series.values.length - 1) : 0);
    const name = String(last(pair, 'googChannelId') ?? 'transport');
    active.set(name, [...(active.get(name) ?? []), { id: pair.id, time }]);
  }
  return [...active].map(([id, chosen]) => {
    // The same pair is on no transport twice: what is active last is what counts.
    const sorted = chosen.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    const stamps = sorted.map(({ time }) => time);
    const selected = { values: sorted.map((one) => one.id), start: stamps[0] ?? 0, end: stamps.at(-1) ?? 0, stamps };
    return { id, type: 'transport', series: new Map([['selectedCandidatePairId', selected]]) };
  });
}
