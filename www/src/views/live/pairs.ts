import type { PairCandidate, PairRow } from 'icelens/browser';
import type { State } from '../../ui/PairState.svelte';
import type { CandidateRow } from './candidates';
import { big, fields, flag, list, number, oneOf, or, word } from './read';

/** One end of a pair, its address filled in from what was signalled where the stats hide it. */
export interface End {
  type: string;
  protocol: string;
  address: string;
  port: number;
  priority: number;
}

/** One check that was seen: sent, and answered or not. Times are ms after start. */
export interface Check {
  sent: number;
  answered: number | null;
}

/** A candidate pair and its history. It stays when the browser drops it. */
export interface PairRecord {
  id: string;
  local: End;
  remote: End;
  state: State;
  nominated: boolean;
  /** Data goes over it now. */
  inUse: boolean;
  /** By the formula, exact (RFC 8445 §6.1.2.3); null while the role is not known. */
  exact: bigint | null;
  /** Priority as the browser reports it: a double, so rounded. */
  reported: number | null;
  sent: number;
  answered: number;
  received: number;
  /** Last round trip, ms. */
  rtt: number | null;
  seen: number;
  checks: Check[];
  nominatedAt: number | null;
  inUseAt: number | null;
  succeededAt: number | null;
  failedAt: number | null;
  /** Consent checks sent (RFC 7675). */
  consents: number;
  /** The browser no longer lists it. */
  gone: boolean;
}

/** Most checks drawn per pair; the counters go on. */
export const MAX_CHECKS = 64;
/** RFC 8445 §6.1.2.5: pairs beyond it are not checked. */
export const RFC_LIMIT = 100;

const end = fields<End>({ type: word, protocol: word, address: word, port: number, priority: number });
const check = fields<Check>({ sent: number, answered: or(number) });
const state = oneOf<State>('frozen', 'waiting', 'in-progress', 'succeeded', 'failed', 'cancelled');
/** A record from a file; throws where a field can't be. */
export const pairFrom = fields<PairRecord>({
  id: word,
  local: end,
  remote: end,
  state,
  nominated: flag,
  inUse: flag,
  exact: or(big),
  reported: or(number),
  sent: number,
  answered: number,
  received: number,
  rtt: or(number),
  seen: number,
  checks: list(check, MAX_CHECKS),
  nominatedAt: or(number),
  inUseAt: or(number),
  succeededAt: or(number),
  failedAt: or(number),
  consents: number,
  gone: flag,
});

const STATES: Record<string, State> = {
  frozen: 'frozen',
  waiting: 'waiting',
  'in-progress': 'in-progress',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};

export function isHidden(address: string): boolean {
  return address === '' || address === '(redacted)';
}

/** An end; an address that the stats hide is taken from the signalled candidate of the same port and priority. */
export function endOf(watched: PairCandidate | null, signalled: readonly CandidateRow[]): End {
  const end: End = {
    type: watched?.candidateType ?? '',
    protocol: watched?.protocol?.toLowerCase() ?? '',
    address: watched?.address ?? '',
    port: watched?.port ?? 0,
    priority: watched?.priority ?? 0,
  };
  if (!isHidden(end.address)) return end;
  const same = signalled.find((c) => c.port === end.port && c.priority === end.priority && c.protocol === end.protocol);
  return same ? { ...end, address: same.address } : end;
}

/** Ends with the same key are one row or column. */
export function endKey(end: End): string {
  return `${end.type} ${end.protocol} ${end.address} ${end.port} ${end.priority}`;
}

/** The checks after a poll: new ones begin at the poll that saw them, answers end the oldest open one. */
function checksAfter(before: PairRecord | undefined, sent: number, answered: number, rtt: number | null, at: number) {
  const checks = before?.checks.map((check) => ({ ...check })) ?? [];
  for (let i = before?.sent ?? 0; i < sent && checks.length < MAX_CHECKS; i++)
    checks.push({ sent: at, answered: null });
  for (let i = before?.answered ?? 0; i < answered; i++) {
    const open = checks.find((check) => check.answered === null);
    if (!open) break;
    open.answered = at;
    // The answer came between two polls; the browser gives the round trip, so the request was at least that long ago.
    if (rtt !== null) open.sent = Math.max(0, Math.min(open.sent, at - rtt));
  }
  return checks;
}

function record(before: PairRecord | undefined, pair: PairRow, local: End, remote: End, at: number): PairRecord {
  const { stats } = pair;
  const consents = stats.consentRequestsSent ?? 0;
  const answered = stats.responsesReceived ?? 0;
  // Firefox counts no requests; what was answered was sent.
  const sent = stats.requestsSent ?? answered;
  const rtt = stats.currentRoundTripTime === null ? (before?.rtt ?? null) : stats.currentRoundTripTime * 1000;
  const told = STATES[pair.state] ?? 'waiting';
  // Chrome says in-progress again while a consent check is under way; a pair that got an answer is valid until it fails.
  const valid = before?.state === 'succeeded' || answered > 0;
  const state = valid && told !== 'failed' && told !== 'cancelled' ? 'succeeded' : told;
  const first = (now: boolean, known: number | null | undefined) => known ?? (now ? at : null);
  return {
    id: pair.id,
    local,
    remote,
    state,
    nominated: pair.nominated,
    inUse: pair.selected,
    exact: pair.priority,
    reported: pair.reportedPriority,
    sent,
    answered,
    received: stats.requestsReceived ?? 0,
    rtt,
    seen: before?.seen ?? at,
    checks: checksAfter(before, sent, answered, rtt, at),
    nominatedAt: first(pair.nominated, before?.nominatedAt),
    inUseAt: first(pair.selected, before?.inUseAt),
    succeededAt: first(state === 'succeeded', before?.succeededAt),
    failedAt: first(state === 'failed', before?.failedAt),
    consents,
    gone: !pair.listed,
  };
}

function byPriority(a: PairRecord, b: PairRecord): number {
  const x = a.exact ?? -1n;
  const y = b.exact ?? -1n;
  return x === y ? 0 : x > y ? -1 : 1;
}

/** The records after an update of the watch, highest priority first. */
export function mergePairs(
  before: readonly PairRecord[],
  rows: readonly PairRow[],
  signalled: { local: readonly CandidateRow[]; remote: readonly CandidateRow[] },
  at: number,
): PairRecord[] {
  const known = new Map(before.map((pair) => [pair.id, pair]));
  return rows
    .map((row) => {
      const last = known.get(row.id);
      if (last && !row.listed) return { ...last, inUse: false, gone: true };
      return record(last, row, endOf(row.local, signalled.local), endOf(row.remote, signalled.remote), at);
    })
    .sort(byPriority);
}

/** The records of a look at `at`, told no later than `upTo`: a pair that it saw succeed first had done so by then. */
export function noLaterThan(pairs: PairRecord[], at: number, upTo: number): PairRecord[] {
  if (upTo >= at) return pairs;
  const bound = (time: number | null) => (time === at ? upTo : time);
  return pairs.map((pair) => {
    if (pair.succeededAt !== at) return pair;
    const { nominatedAt, inUseAt, rtt } = pair;
    const [first, ...rest] = pair.checks;
    const sent = Math.min(first?.sent ?? 0, Math.max(0, upTo - (rtt ?? 0)));
    const checks = first ? [{ sent, answered: bound(first.answered) }, ...rest] : [];
    return { ...pair, checks, succeededAt: upTo, nominatedAt: bound(nominatedAt), inUseAt: bound(inUseAt) };
  });
}

/** Events between two updates, for the log. */
export type PairEvent = {
  pair: PairRecord;
  what: 'new' | 'succeeded' | 'failed' | 'nominated' | 'selected' | 'prflx' | 'consent';
};

export function pairEvents(before: readonly PairRecord[], after: readonly PairRecord[]): PairEvent[] {
  const known = new Map(before.map((pair) => [pair.id, pair]));
  const events: PairEvent[] = [];
  for (const pair of after) {
    const last = known.get(pair.id);
    if (!last) events.push({ pair, what: pair.remote.type === 'prflx' ? 'prflx' : 'new' });
    if (pair.state === 'succeeded' && last?.state !== 'succeeded') events.push({ pair, what: 'succeeded' });
    if (pair.state === 'failed' && last?.state !== 'failed') events.push({ pair, what: 'failed' });
    if (pair.nominated && !last?.nominated) events.push({ pair, what: 'nominated' });
    if (pair.inUse && !last?.inUse) events.push({ pair, what: 'selected' });
    else if (pair.inUse && last && last.state === 'succeeded' && pair.answered > last.answered)
      events.push({ pair, what: 'consent' });
  }
  return events;
}

/** How the browser's double compares with the exact priority. */
export type Comparison = 'equal' | 'rounded' | 'different' | 'absent';

export function compareWithBrowser(exact: bigint | null, reported: number | null): Comparison {
  if (exact === null || reported === null) return 'absent';
  if (reported !== Number(exact)) return 'different';
  return BigInt(reported) === exact ? 'equal' : 'rounded';
}

/** A round trip in ms without the unit; browsers give whole milliseconds, so 0 stands for less than one. */
export function roundTrip(rtt: number | null): string {
  if (rtt === null) return '…';
  return rtt < 1 ? '< 1' : rtt.toFixed(1);
}
