/** Additions of webrtc-internals dumps and the text of about:webrtc: candidate pairs on the waterfall, and candidates. */

import type { Dump, DumpCandidate, DumpConnection, DumpPair } from 'icelens';
import type { Builder } from './build';
import { emptySession } from './sessions';
import type { CheckRow, SessionRow, Side } from './types';

const STATES: Record<string, CheckRow['state']> = {
  frozen: 'frozen',
  waiting: 'waiting',
  'in-progress': 'progress',
  inprogress: 'progress',
  succeeded: 'ok',
  failed: 'fail',
  // Firefox: a check that was given up when another pair of its foundation succeeded.
  cancelled: 'cancelled',
};
/** Most candidates listed that only the statistics tell of. */
const MAX_GATHERED = 2_000;

export function addDump(builder: Builder, dump: Dump): void {
  for (const connection of dump.connections) addConnection(builder, connection);
}

function addConnection(builder: Builder, connection: DumpConnection): void {
  const { pairs: all, candidates } = connection;
  if (all.length + candidates.local.length + candidates.remote.length === 0) return;
  const { report } = builder;
  const session = sessionFor(builder, connection);
  addGathered(builder, session.index, 'local', candidates.local);
  addGathered(builder, session.index, 'remote', candidates.remote);
  if (all.length === 0) return;
  const times = connection.pairs.flatMap(({ states }) => states.map(({ time }) => time));
  const start = Math.min(...times.slice(0, 50_000), Number.POSITIVE_INFINITY);
  const chosen = new Set(connection.transports.flatMap(({ selected }) => selected.slice(-1).map(({ value }) => value)));
  const pairs = [...connection.pairs].sort((a, b) => compare(b.priority, a.priority));
  for (const pair of pairs)
    report.checks.push(pairRow(report.checks.length, session.index, pair, start, chosen.has(pair.id)));
  if (session.outcome === null) {
    const connected = pairs.some((pair) => chosen.has(pair.id) && pair.states.at(-1)?.value === 'succeeded');
    session.outcome = { state: connected ? 'ok' : 'fail', word: connected ? 'connected' : 'not-selected', at: 0 };
  }
}

/** Candidates of a side of which neither a description nor a log has any. */
function addGathered(
  { report, cut }: Builder,
  session: number,
  side: NonNullable<Side>,
  candidates: readonly DumpCandidate[],
): void {
  if (report.candidates.some((row) => row.session === session && row.side === side)) return;
  for (const { type, address, port, protocol, url, span } of candidates) {
    if (report.gathered.length >= MAX_GATHERED) {
      cut('gathered', MAX_GATHERED);
      continue;
    }
    const { start, end } = span ?? { start: 0, end: 0 };
    const common = { session, side, start, end, address, port, server: url };
    report.gathered.push({ ...common, type: type ?? '?', protocol: protocol ?? '' });
  }
}

function compare(a: bigint | null, b: bigint | null): number {
  const [left, right] = [a ?? -1n, b ?? -1n];
  return left < right ? -1 : Number(left > right);
}

function sessionFor({ report, analysis }: Builder, connection: DumpConnection): SessionRow {
  const index = analysis.sessions.findIndex((session) => session.connection === connection.id);
  const existing = report.sessions[index];
  if (existing !== undefined) {
    existing.title ??= titleOf(connection);
    return existing;
  }
  const session = emptySession(report.sessions.length, 'checks');
  session.title = titleOf(connection);
  report.sessions.push(session);
  return session;
}

/** A page may have several connections; the long names that Firefox gives them differ at their end. */
function titleOf({ url, id }: DumpConnection): string {
  const short = id.length > 12 ? `…${id.slice(-6)}` : id;
  return url === null ? id : `${url} ${short}`;
}

function pairRow(index: number, session: number, pair: DumpPair, start: number, selected: boolean): CheckRow {
  const steps = pair.states.map(({ time, value }) => ({ time: time - start, state: STATES[value] ?? 'waiting' }));
  return {
    index,
    session,
    from: nameOf(pair.local),
    to: nameOf(pair.remote),
    fromType: pair.local?.type ?? null,
    toType: pair.remote?.type ?? null,
    state: steps.at(-1)?.state ?? 'waiting',
    nominated: pair.nominated.at(-1)?.value ?? false,
    selected,
    attempts: [],
    steps,
    rtt: pair.currentRoundTripTime === null ? null : pair.currentRoundTripTime * 1000,
    bytes: { sent: pair.bytesSent, received: pair.bytesReceived },
  };
}

/** Browsers hide some addresses. */
function nameOf(candidate: DumpCandidate | null): string {
  if (candidate === null) return '?';
  const address = candidate.address === '' ? '…' : candidate.address;
  return address.includes(':') ? `[${address}]:${candidate.port ?? '?'}` : `${address}:${candidate.port ?? '?'}`;
}
