/** Additions of a capture: sessions of checks, the waterfall, and which messages belong together. */

import type { Capture, CapturedPair, Transaction, Unreachable } from 'icelens';
import type { Builder } from './build';
import { emptySession } from './sessions';
import type { CheckAttempt, CheckRow, SessionRow } from './types';

/** Most transactions of one direction of a pair: consent goes on for as long as the call. */
const MAX_ATTEMPTS = 500;

export function addCapture(builder: Builder, capture: Capture): void {
  const { report } = builder;
  const relayed = new Set(capture.allocations.flatMap((allocation) => allocation.relayed ?? []));
  const typeOf = typesOf(builder, relayed);
  const placed = new Set<number>();
  const undelivered = new Map(capture.unreachable.map((message) => [message.transaction, message]));
  for (const session of capture.sessions) {
    const row = sessionFor(builder, session.fragments);
    const times: number[] = [];
    for (const index of session.pairs) {
      const pair = capture.pairs[index];
      if (pair === undefined) continue;
      for (const [from, to, checks] of [
        [pair.a, pair.b, pair.fromA],
        [pair.b, pair.a, pair.fromB],
      ] as const) {
        if (checks.transactions.length === 0) continue;
        const attempts = checks.transactions.slice(0, MAX_ATTEMPTS).flatMap((at) => {
          const transaction = capture.transactions[at];
          if (transaction === undefined) return [];
          place(builder, transaction, row.index, placed);
          return [attemptOf(builder, transaction, undelivered.get(at))];
        });
        for (const at of checks.transactions.slice(MAX_ATTEMPTS)) {
          const transaction = capture.transactions[at];
          if (transaction !== undefined) place(builder, transaction, row.index, placed);
        }
        builder.cut('attempts', MAX_ATTEMPTS, Math.max(0, checks.transactions.length - MAX_ATTEMPTS));
        times.push(...attempts.flatMap(({ requests }) => requests.slice(0, 1)));
        report.checks.push(
          checkRow(report.checks.length, row.index, from, to, typeOf, attempts, session.selected === index, pair),
        );
      }
    }
    row.outcome = {
      state: session.selected === null ? 'fail' : 'ok',
      word: session.selected === null ? 'not-selected' : 'connected',
      at: 0,
    };
    if (row.kind === 'checks') row.place = span(times);
  }
  placeRest(builder, capture, placed);
  report.checks.sort((a, b) => a.session - b.session || firstOf(a) - firstOf(b));
  report.checks.forEach((row, index) => {
    row.index = index;
  });
  const { over } = capture;
  builder.cut('transactions', capture.transactions.length, over.transactions);
  builder.cut('messages', report.messages.length, over.findings);
}

function firstOf(row: CheckRow): number {
  return row.attempts[0]?.requests[0] ?? 0;
}

/** The exchange whose descriptions have these fragments, when the capture carried them too; else a session of its own. */
function sessionFor({ report }: Builder, fragments: readonly string[]): SessionRow {
  const known = report.descriptions.find(({ media }) =>
    media.some(({ ufrag }) => ufrag !== null && fragments.includes(ufrag)),
  );
  const existing = known === undefined ? undefined : report.sessions[known.session];
  if (existing !== undefined) return existing;
  const session = emptySession(report.sessions.length, 'checks');
  session.title = fragments.join(' ↔ ');
  report.sessions.push(session);
  return session;
}

/** Type of an address, where descriptions or allocations tell. */
function typesOf({ report }: Builder, relayed: ReadonlySet<string>): (address: string) => string | null {
  const known = new Map(report.candidates.map(({ address, port, type }) => [endpointOf(address, port), type]));
  return (address) => (relayed.has(address) ? 'relay' : (known.get(address) ?? null));
}

function endpointOf(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** ICMP ends a transaction that nothing answers (RFC 8489 §6.2.1). */
function attemptOf({ messageOf }: Builder, transaction: Transaction, icmp: Unreachable | undefined): CheckAttempt {
  const { requests, response, check } = transaction;
  const unreachable = response === null ? (icmp ?? null) : null;
  return {
    requests: requests.map(({ time }) => time),
    end: response?.seen.time ?? unreachable?.time ?? null,
    outcome: response?.success ? 'success' : response === null && unreachable === null ? 'none' : 'error',
    unreachable: unreachable?.reason ?? null,
    error: response === null || response.success ? null : String(response.error ?? '?'),
    nominated: check?.useCandidate ?? false,
    message: messageOf.get(requests[0]?.finding ?? -1) ?? -1,
  };
}

function checkRow(
  index: number,
  session: number,
  from: string,
  to: string,
  typeOf: (address: string) => string | null,
  attempts: CheckAttempt[],
  selected: boolean,
  pair: CapturedPair,
): CheckRow {
  const succeeded = attempts.some(({ outcome }) => outcome === 'success');
  const answered = attempts.some(({ outcome }) => outcome !== 'none');
  return {
    index,
    session,
    from,
    to: pair.transport === 'tcp' ? `${to} tcp` : to,
    fromType: typeOf(from),
    toType: typeOf(to),
    state: succeeded ? 'ok' : answered ? 'fail' : 'progress',
    nominated: attempts.some(({ nominated }) => nominated),
    selected,
    attempts,
    steps: [],
    rtt: null,
    bytes: null,
  };
}

/** Puts a transaction's messages into a session and ties request and answer. */
function place({ report, messageOf }: Builder, transaction: Transaction, session: number, placed: Set<number>): void {
  const { requests, response } = transaction;
  const rows = [...requests, ...(response === null ? [] : [response.seen])]
    .map(({ finding }) => report.messages[messageOf.get(finding ?? -1) ?? -1])
    .filter((row) => row !== undefined);
  const answer = response === null ? undefined : rows.at(-1);
  for (const row of rows) {
    placed.add(row.index);
    row.session = session;
    if (row !== answer) row.partner = answer?.index ?? null;
  }
  if (answer !== undefined) {
    answer.partner = rows[0]?.index ?? null;
    answer.rtt = transaction.roundTrip;
  }
}

/** Messages that no agent checked: requests to STUN and TURN servers, and messages that belong to no request. */
function placeRest(builder: Builder, capture: Capture, placed: Set<number>): void {
  const { report } = builder;
  if (report.messages.length > placed.size) {
    const rest = capture.transactions.filter(({ check }) => check === null);
    const session = emptySession(report.sessions.length, 'servers');
    session.place = span(rest.flatMap(({ requests }) => requests.slice(0, 1).map(({ time }) => time)));
    report.sessions.push(session);
    for (const message of report.messages) if (!placed.has(message.index)) message.session = session.index;
    for (const transaction of rest) place(builder, transaction, session.index, placed);
  }
  for (const message of report.messages) {
    const session = report.sessions[message.session];
    if (session !== undefined) session.messages++;
  }
}

function span(times: readonly number[]): string {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const time of times) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return Number.isFinite(first) ? `${(first / 1000).toFixed(2)}–${(last / 1000).toFixed(2)} s` : '';
}
