/** Advice from captures and dumps. */
import type { Advisor, Evidence } from './advice.js';
import { adviseEvents } from './advice-dump.js';
import { type AdviceCode, type Phrase, phraseFor } from './advice-text.js';
import type {
  Allocation,
  Capture,
  CapturedPair,
  CapturedSession,
  Checks,
  Oddity,
  Transaction,
  Unreachable,
} from './capture.js';
import type { Dump, DumpConnection, DumpPair } from './dump.js';
import { interfaceOf } from './scope.js';

/** Checks at the end of a selected pair that have to fail before consent is called lost, and over how many milliseconds. */
const CONSENT_CHECKS = 4;
const CONSENT_SPAN = 15_000;
/** Requests of a selected pair without an answer after which it is called dead. */
const DEAD_REQUESTS = 5;
/** How long a request has to have waited before silence means something, milliseconds. */
const PATIENCE = 1_000;

const unique = <T>(values: Iterable<T>) => [...new Set(values)];
const many = (kind: Evidence['kind'], indexes: Iterable<number>): Evidence[] =>
  [...indexes].map((index) => ({ kind, index }));

/** Advice on a capture, in steps. */
export function* adviseCapture(capture: Capture, advisor: Advisor): Generator<unknown, void> {
  if (capture.damaged !== null) advisor.add('capture.damaged', 'warning', [], { offset: capture.damaged });
  if (capture.skipped.cut > 0) advisor.add('capture.cut', 'warning', [], { count: capture.skipped.cut });
  adviseOddities(capture, advisor);
  adviseServers(capture, advisor);
  const requests = allocateRequests(capture);
  yield;
  capture.allocations.forEach((allocation, index) => {
    adviseAllocation(capture, allocation, index, requests.get(legOf(allocation)) ?? [], advisor);
  });
  yield;
  const granted = many(
    'allocation',
    capture.allocations.flatMap((one, at) => (one.granted === null ? [] : [at])),
  );
  const overTcp = capture.allocations.filter((one) => one.granted !== null).every((one) => one.transport === 'tcp');
  const triedUdp = capture.allocations.some((one) => one.transport === 'udp');
  if (granted.length > 0 && overTcp && triedUdp) advisor.add('turn.tcp-only', 'warning', granted);
  adviseUnreachable(capture, advisor);
  for (const [index, session] of capture.sessions.entries()) {
    yield;
    adviseChecks(capture, session, index, advisor);
  }
}

/** Messages that are not as they should be, and answers from other addresses. */
function adviseOddities({ transactions }: Capture, advisor: Advisor): void {
  const where = (holds: (transaction: Transaction) => boolean) =>
    transactions.flatMap((transaction, index) => (holds(transaction) ? [index] : []));
  const tell = (code: AdviceCode, severity: 'warning' | 'info', list: number[]) => {
    if (list.length > 0) advisor.add(code, severity, many('transaction', list), { count: list.length });
  };
  const has = (oddity: Oddity) => (one: Transaction) => one.oddity === oddity || one.response?.oddity === oddity;
  tell('stun.unaligned', 'info', where(has('unaligned')));
  tell('stun.malformed', 'warning', where(has('malformed')));
  tell('stun.foreign-answer', 'warning', where(has('foreign')));
  const elsewhere = where(({ response, server }) => response !== null && response.from !== server);
  // A server that was asked for it answers from its other address (RFC 5780): then the two are seen as server and as other.
  const servers = new Set(transactions.map(({ server }) => server));
  const strange = elsewhere.filter((index) => !servers.has(transactions[index]?.response?.from ?? ''));
  tell('stun.answered-elsewhere', 'warning', strange);
}

/** Requests to STUN servers: silence, and what their answers tell of the NAT. */
function adviseServers(capture: Capture, advisor: Advisor): void {
  const byServer = new Map<string, number[]>();
  const byClient = new Map<string, Map<string, number>>();
  capture.transactions.forEach((transaction, index) => {
    const { method, check, client, server, response } = transaction;
    if (method !== 'binding' || check !== null) return;
    const key = `${client} ${server}`;
    const list = byServer.get(key);
    if (list) list.push(index);
    else byServer.set(key, [index]);
    if (response?.mapped) {
      const mapped = byClient.get(client) ?? new Map<string, number>();
      byClient.set(client, mapped.set(response.mapped, mapped.get(response.mapped) ?? index));
    }
  });
  for (const list of byServer.values()) {
    const asked = list.map((index) => capture.transactions[index] as Transaction);
    const first = asked[0] as Transaction;
    if (asked.some((one) => one.response !== null) || !waited(capture, first)) continue;
    const count = asked.reduce((sum, one) => sum + 1 + one.retransmissions, 0);
    const { client, server } = first;
    advisor.add('stun.server-silent', connected(capture) ? 'warning' : 'error', many('transaction', list), {
      count,
      client,
      server,
    });
  }
  for (const [client, mapped] of byClient) {
    if (mapped.size < 2) continue;
    const names = [...mapped.keys()].join(', ');
    advisor.add('nat.symmetric', 'warning', many('transaction', mapped.values()), { client, mapped: names });
  }
}

/** Advice from ICMP errors about requests, by their destination and the reason they did not arrive. */
function adviseUnreachable(capture: Capture, advisor: Advisor): void {
  const groups = new Map<string, Unreachable[]>();
  for (const message of capture.unreachable) {
    const key = [message.from, message.to, message.reason].join(' ');
    const group = groups.get(key);
    if (group) group.push(message);
    else groups.set(key, [message]);
  }
  for (const group of groups.values()) {
    const { from, to, reason } = group[0] as Unreachable;
    const by = unique(group.map((message) => message.by)).slice(0, 8);
    const evidence = many('transaction', unique(group.map(({ transaction }) => transaction)));
    const parameters = { by: by.join(', '), count: group.length, from, to, meaning: phraseFor('icmp', reason) };
    advisor.add('icmp.unreachable', 'warning', evidence, parameters);
  }
}

/** Whether the capture goes on long enough after a request for an answer to show. */
function waited(capture: Capture, transaction: Transaction): boolean {
  return capture.duration - (transaction.requests[0]?.time ?? 0) >= PATIENCE;
}

/** Whether some session of the capture found a pair: then a silent server did not stop it. */
const connected = ({ sessions }: Capture) => sessions.some(({ selected }) => selected !== null);

const legOf = ({ client, server, transport }: Allocation | Transaction) => `${client} ${server} ${transport}`;

/** The Allocate requests of each client to each server. */
function allocateRequests(capture: Capture): Map<string, Transaction[]> {
  const requests = new Map<string, Transaction[]>();
  for (const transaction of capture.transactions) {
    if (transaction.method !== 'allocate') continue;
    const list = requests.get(legOf(transaction));
    if (list) list.push(transaction);
    else requests.set(legOf(transaction), [transaction]);
  }
  return requests;
}

function adviseAllocation(
  capture: Capture,
  allocation: Allocation,
  index: number,
  asked: readonly Transaction[],
  advisor: Advisor,
): void {
  const { client, server, errors, granted, lifetime, transport } = allocation;
  const evidence: Evidence[] = [{ kind: 'allocation', index }];
  const last = errors.at(-1);
  // The first 401 is how a server asks for credentials.
  if (granted === null && last !== undefined && (last !== 401 || errors.length > 1)) {
    const meaning = phraseFor('turn', last);
    advisor.add('turn.refused', 'error', evidence, { server, client, code: last, meaning });
  } else if (granted !== null && errors.includes(403)) {
    advisor.add('turn.refused', 'warning', evidence, { server, client, code: 403, meaning: 'turn.403' });
  }
  if (granted === null && errors.length === 0) {
    const silent = asked.length > 0 && asked.every((one) => one.response === null && waited(capture, one));
    const count = asked.reduce((sum, one) => sum + 1 + one.retransmissions, 0);
    if (silent) {
      advisor.add('turn.silent', connected(capture) ? 'warning' : 'error', evidence, {
        server,
        client,
        count,
        transport: transport.toUpperCase(),
      });
    }
  }
  const unrefreshed = granted !== null && lifetime !== null && lifetime > 0 && allocation.refreshes === 0;
  if (unrefreshed && allocation.deleted === null && capture.duration - (granted ?? 0) > lifetime * 1000) {
    advisor.add('turn.expired', 'error', evidence, { relayed: allocation.relayed ?? '', client, lifetime });
  }
}

const both = (pair: CapturedPair): [Checks, Checks] => [pair.fromA, pair.fromB];

/** The checks of a session, and what followed them. */
function adviseChecks(capture: Capture, session: CapturedSession, index: number, advisor: Advisor): void {
  const pairs = session.pairs.map((at) => [at, capture.pairs[at] as CapturedPair] as const);
  const all = many('pair', session.pairs);
  const sum = (of: (checks: Checks) => number) =>
    pairs.reduce((total, [, pair]) => total + both(pair).reduce((part, checks) => part + of(checks), 0), 0);
  const answered = sum((checks) => checks.answered);
  const conflicts = sum((checks) => checks.conflicts);
  if (conflicts > 0) {
    const refused = many('transaction', transactionsWith(capture, session, 487));
    const outcome: Phrase = session.selected === null ? 'conflict.goes-on' : 'conflict.settled';
    const severity = session.selected === null ? 'error' : 'info';
    advisor.add('ice.role-conflict', severity, refused, { count: conflicts, outcome }, index);
  }
  adviseRefusals(capture, session, index, advisor);
  const waitedLong = pairs.some(([, pair]) =>
    both(pair).some((one) => one.first !== null && capture.duration - one.first > PATIENCE),
  );
  if (answered === 0) {
    if (waitedLong && sum((checks) => checks.errors) === 0) {
      const requests = sum((checks) => checks.sent + checks.retransmissions);
      advisor.add('ice.nothing-answered', 'error', all, { count: pairs.length, requests }, index);
    }
    return;
  }
  for (const [at, pair] of pairs) adviseOneWay(pair, at, index, advisor);
  if (session.selected === null) {
    const good = pairs.filter(([, pair]) => both(pair).some((checks) => checks.answered > 0)).map(([at]) => at);
    if (waitedLong) advisor.add('ice.not-nominated', 'error', many('pair', good), { count: good.length }, index);
    return;
  }
  adviseSelected(capture, session.selected, index, advisor);
}

function transactionsWith(capture: Capture, session: CapturedSession, code: number): number[] {
  return session.pairs
    .flatMap((at) => both(capture.pairs[at] as CapturedPair).flatMap((checks) => checks.transactions))
    .filter((at) => capture.transactions[at]?.response?.error === code);
}

function adviseRefusals(capture: Capture, session: CapturedSession, index: number, advisor: Advisor): void {
  const seen = new Map<string, number[]>();
  for (const at of session.pairs) {
    for (const place of both(capture.pairs[at] as CapturedPair).flatMap((checks) => checks.transactions)) {
      const { client, server, response } = capture.transactions[place] as Transaction;
      if (!response || response.success || response.error === 487 || response.oddity === 'foreign') continue;
      const key = [client, server, response.error ?? 0].join(' ');
      const list = seen.get(key);
      if (list) list.push(place);
      else seen.set(key, [place]);
    }
  }
  for (const list of seen.values()) {
    const { client, server, response } = capture.transactions[list[0] as number] as Transaction;
    const code = response?.error ?? 0;
    const meaning = phraseFor('check', code);
    advisor.add(
      'ice.check-refused',
      'error',
      many('transaction', list),
      { from: client, to: server, code, meaning },
      index,
    );
  }
}

/** Requests of both ends are there, but only those of one are answered. */
function adviseOneWay(pair: CapturedPair, at: number, index: number, advisor: Advisor): void {
  const { a, b, fromA, fromB } = pair;
  const [good, bad, from, to] = fromA.answered > 0 ? [fromA, fromB, a, b] : [fromB, fromA, b, a];
  if (good.answered === 0 || bad.answered > 0 || bad.errors > 0 || bad.sent < 2) return;
  const requests = bad.sent + bad.retransmissions;
  advisor.add('ice.one-way', 'warning', [{ kind: 'pair', index: at }], { from, to, requests }, index);
}

/** The pair that was chosen: consent and DTLS. */
function adviseSelected(capture: Capture, selected: number, index: number, advisor: Advisor): void {
  const pair = capture.pairs[selected] as CapturedPair;
  const evidence: Evidence[] = [{ kind: 'pair', index: selected }];
  for (const checks of both(pair)) {
    const tail = unansweredTail(capture, checks);
    const first = tail[0]?.requests[0]?.time;
    if (tail.length < CONSENT_CHECKS || first === undefined || capture.duration - first < CONSENT_SPAN) continue;
    const seconds = Math.round((capture.duration - first) / 1000);
    advisor.add('ice.consent-lost', 'error', evidence, { count: tail.length, seconds }, index);
    break;
  }
  const flows = unique([pair.flow, pair.relayedFlow]).flatMap((at) => (at === null ? [] : [at]));
  const at = flows.find((one) => (capture.flows[one]?.dtls.clientHellos ?? 0) > 0);
  const nominated = Math.min(...both(pair).map((checks) => checks.nominated ?? Number.POSITIVE_INFINITY));
  if (at === undefined) {
    const quiet = pair.dataBytes === 0 && capture.duration - nominated > PATIENCE;
    if (quiet) advisor.add('dtls.no-hello', 'warning', evidence, { a: pair.a, b: pair.b }, index);
    return;
  }
  const { dtls } = capture.flows[at] as Capture['flows'][number];
  const started = dtls.clientHello?.time ?? 0;
  if (dtls.established || capture.duration - started < PATIENCE) return;
  const unanswered: Phrase = dtls.serverHello === null ? 'dtls.no-server-hello' : 'dtls.unfinished';
  const reason: Phrase = dtls.alert === null ? unanswered : 'dtls.alert';
  advisor.add(
    'dtls.failed',
    'error',
    [...evidence, { kind: 'flow', index: at }],
    { a: pair.a, b: pair.b, reason },
    index,
  );
}

function unansweredTail(capture: Capture, checks: Checks): Transaction[] {
  const tail: Transaction[] = [];
  for (let at = checks.transactions.length - 1; at >= 0; at--) {
    const transaction = capture.transactions[checks.transactions[at] as number] as Transaction;
    if (transaction.response !== null) break;
    tail.unshift(transaction);
    if (tail.length >= 1000) break;
  }
  return tail;
}

/** Advice on a dump, in steps. */
export function* adviseDump(dump: Dump, advisor: Advisor): Generator<unknown, void> {
  if (dump.cut !== null) advisor.add('dump.cut', 'warning', [], { offset: dump.cut });
  for (const [index, connection] of dump.connections.entries()) {
    yield;
    adviseConnection(connection, [{ kind: 'connection', index }], advisor);
  }
}

function adviseConnection(connection: DumpConnection, evidence: Evidence[], advisor: Advisor): void {
  const { pairs, transports, events, id } = connection;
  const succeeded = pairs.some((pair) => pair.states.some((step) => step.value === 'succeeded'));
  if (pairs.length > 0 && !succeeded) {
    const states = unique(pairs.map((pair) => pair.states.at(-1)?.value ?? 'unknown')).join(', ');
    advisor.add('dump.no-pair', 'error', evidence, { count: pairs.length, connection: id, states });
  }
  for (const transport of transports) {
    const ice = transport.iceStates.at(-1)?.value ?? '';
    const dtls = transport.dtlsStates.at(-1)?.value ?? '';
    if ((ice === 'connected' || ice === 'completed') && (dtls === 'failed' || dtls === 'connecting')) {
      advisor.add('dump.dtls', 'error', evidence, { connection: id, ice, dtls });
    }
  }
  adviseSelection(connection, evidence, advisor);
  adviseEvents(connection, succeeded, evidence, advisor);
  const seen = new Set<string>();
  for (const { type, value } of events) {
    if (!/icecandidateerror/i.test(type)) continue;
    const code = Number(/error_?code"?\s*[:=]\s*"?(\d+)/i.exec(value)?.[1] ?? 0);
    const url = /\burl"?\s*[:=]\s*"?([^",\s]+)/i.exec(value)?.[1] ?? '';
    if (seen.has(`${url} ${code}`) || seen.size >= 50) continue;
    seen.add(`${url} ${code}`);
    const meaning = phraseFor('gathering', code);
    advisor.add('ice.gathering-error', 'warning', evidence, { url, code, meaning });
  }
}

const shownEnd = (end: DumpPair['local']) => `${end?.type ?? '?'} ${end?.address || '(hidden)'}:${end?.port ?? '?'}`;

/** The chosen pair, the reason, and what became of those before. */
function adviseSelection({ id, pairs, transports }: DumpConnection, evidence: Evidence[], advisor: Advisor): void {
  for (const { selected } of transports) {
    const pair = pairs.find((one) => one.id === selected.at(-1)?.value);
    if (pair === undefined) continue;
    const [local, remote] = [shownEnd(pair.local), shownEnd(pair.remote)];
    const good = pairs.filter((one) => one.states.some(({ value }) => value === 'succeeded'));
    if (pair.priority !== null && good.includes(pair)) {
      const rank = 1 + good.filter((one) => (one.priority ?? 0n) > (pair.priority ?? 0n)).length;
      const parameters = { connection: id, local, remote, succeeded: good.length, count: pairs.length, rank };
      advisor.add('dump.selected', 'info', evidence, parameters);
    }
    const relayed = (one: DumpPair) => one.local?.type === 'relay' || one.remote?.type === 'relay';
    const direct = pairs.find((one) => !relayed(one) && one.responsesReceived > 0);
    if (relayed(pair) && direct !== undefined) {
      const ends = { local: shownEnd(direct.local), remote: shownEnd(direct.remote) };
      const parameters = { connection: id, ...ends, responses: direct.responsesReceived };
      advisor.add('dump.relay-though-direct', 'warning', evidence, parameters);
    }
    for (const end of [pair.local, pair.remote]) {
      const kind = end?.type === 'host' ? interfaceOf(end.address) : null;
      if (kind !== null && end) {
        advisor.add('dump.interface', 'info', evidence, {
          connection: id,
          address: end.address,
          kind: `interface.${kind}`,
        });
      }
    }
    for (const value of new Set(selected.slice(0, -1).map((step) => step.value))) {
      const before = pairs.find((one) => one.id === value && one !== pair);
      if (before === undefined || before.requestsSent - before.responsesReceived < DEAD_REQUESTS) continue;
      const parameters = {
        connection: id,
        local: shownEnd(before.local),
        remote: shownEnd(before.remote),
        requests: before.requestsSent,
        responses: before.responsesReceived,
      };
      advisor.add('dump.pair-died', 'warning', evidence, parameters);
    }
  }
}
