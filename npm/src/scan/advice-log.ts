/** Advice from logs: the true cause, with the lines that say so. */
import type { Advisor, Evidence } from './advice.js';
import { type AdviceCode, type Phrase, phraseFor } from './advice-text.js';
import type { Log, LogEvent } from './logs/reader.js';
import type { LogEventName } from './logs/rules.js';
import { interfaceOf, scopeOf } from './scope.js';

const lines = (events: readonly { line: number }[]): Evidence[] =>
  events.map(({ line }) => ({ kind: 'line', index: line }));
const listed = (values: Iterable<string | undefined>) =>
  [...new Set([...values].filter((value): value is string => value !== undefined && value !== ''))]
    .slice(0, 8)
    .join(', ');

/** Reason in the log, to be put behind a sentence. */
const said = (reason: string | undefined) => (reason === undefined ? '' : ` ("${reason.trim()}")`);

/** Phrases for what a line leaves out. */
const UNNAMED = {
  user: 'unnamed.user',
  client: 'unnamed.client',
  peer: 'unnamed.peer',
  server: 'unnamed.server',
  name: 'unnamed.name',
} as const satisfies Record<string, Phrase>;

/** States in which media can flow. */
const CONNECTED = /^(?:connected|completed|ready|succeeded|nominated|4)$/;

/** Whether the log shows that a pair or the connection worked at some time. */
function worked(log: Log): boolean {
  const { events, pairs } = log;
  const connected = events.some(
    ({ name, fields }) =>
      name === 'selected' || (name === 'state' && CONNECTED.test((fields.state ?? '').toLowerCase())),
  );
  if (connected || pairs.some(({ selected }) => selected)) return true;
  // An answered check alone makes no connection where the log says that it failed, or the other way is refused.
  if (saidFailed(log) || events.some(({ name }) => name === 'check-refused')) return false;
  return pairs.some(({ states }) => states.some(({ value }) => value === 'succeeded'));
}

/** Whether the log says of a connection that it failed. */
function saidFailed({ events }: Log): boolean {
  return events.some(
    ({ name, fields }) => name === 'failed' || (name === 'state' && /^failed$/i.test(fields.state ?? '')),
  );
}

/** Advice on one log. */
export function adviseLog(log: Log, advisor: Advisor): void {
  const of = (...names: LogEventName[]) => log.events.filter(({ name }) => names.includes(name));
  const title = log.title;
  const add = (
    code: AdviceCode,
    severity: 'error' | 'warning' | 'info',
    events: readonly { line: number }[],
    parameters: Record<string, string | number> = {},
  ) => advisor.add(code, severity, lines(events), { ...parameters, log: title });
  const good = worked(log);
  const before = advisor.list.length;
  adviseAccounts(log, of, add, good);
  adviseAllocations(log, of, add, good);
  adviseServers(of, add, good);
  adviseProxy(log, of, add);
  adviseChecks(log, of, add, good);
  adviseCalls(of, add, good);
  adviseCandidates(log, add);
  if (!good) adviseInterfaces(log, add);
  adviseAnnounced(of, add, good || of('allocated').length > 0);
  adviseEnd(
    log,
    of,
    add,
    good,
    advisor.list.slice(before).some(({ severity }) => severity === 'error'),
  );
}

type Of = (...names: LogEventName[]) => LogEvent[];
type Add = (
  code: AdviceCode,
  severity: 'error' | 'warning' | 'info',
  events: readonly { line: number }[],
  parameters?: Record<string, string | number>,
) => void;

function groups(events: readonly LogEvent[], key: (event: LogEvent) => string): Map<string, LogEvent[]> {
  const map = new Map<string, LogEvent[]>();
  for (const event of events) {
    const list = map.get(key(event));
    if (list) list.push(event);
    else map.set(key(event), [event]);
  }
  return map;
}

/** When a name of the form `time:user` runs out (the REST draft of coturn's use-auth-secret), as a sentence's parameter. */
export function expiryOf(user: string): string | null {
  const stamp = /^(\d{9,11})(?::|$)/.exec(user)?.[1];
  return stamp === undefined ? null : new Date(Number(stamp) * 1000).toISOString();
}

/** Families that show what a browser tells a page. */
const PAGES = new Set(['console', 'trickle-ice']);

/** User names and passwords that a TURN server did not take. */
function adviseAccounts(log: Log, of: Of, add: Add, good: boolean): void {
  for (const [user, events] of groups(of('unknown-user'), ({ fields }) => fields.user ?? '')) {
    const until = expiryOf(user);
    if (until === null) add('log.unknown-user', 'error', events, { user, count: events.length });
    else add('log.timed-user', 'error', events, { user, count: events.length, until });
  }
  for (const [user, events] of groups(
    of('wrong-password'),
    ({ fields }) => fields.user ?? fields.client ?? UNNAMED.user,
  )) {
    const until = expiryOf(user);
    if (until === null) add('log.wrong-password', 'error', events, { user, count: events.length });
    else add('log.timed-user', 'error', events, { user, count: events.length, until });
  }
  adviseUnauthorized(log, of, add, good);
}

/** Allocations that a server refused with 401 though credentials came. */
function adviseUnauthorized(log: Log, of: Of, add: Add, good: boolean): void {
  // Clients are asked for credentials with a first 401; only those that come again are a refusal.
  if (of('unknown-user', 'wrong-password').length > 0) return;
  const refused = of('allocation-refused').filter(({ fields }) => fields.code === '401');
  const granted = log.allocations.some((one) => one.granted !== null) || of('allocated').length > 0;
  // What a page is told of gathering is the last answer, not the first.
  const last = of('server-refused').filter(({ fields }) => fields.code === '401' && PAGES.has(log.family));
  const again =
    last.length > 0
      ? last
      : [...groups(refused, ({ fields }) => `${fields.session ?? ''}`).values()].find((list) => list.length > 1);
  if (!granted && again !== undefined) {
    const user = listed(again.map(({ fields }) => fields.user)) || UNNAMED.client;
    add('log.unauthorized', good ? 'warning' : 'error', again, { count: again.length, user });
  }
}

/** Advice from other refusals and from peers. */
function adviseAllocations(log: Log, of: Of, add: Add, good: boolean): void {
  const refusals = of('allocation-refused', 'server-refused').filter(
    ({ fields }) => !/^(401|438)$/.test(fields.code ?? ''),
  );
  for (const [code, events] of groups(refusals, ({ fields }) => fields.code ?? '')) {
    if (code === '') continue;
    const meaning = phraseFor('turn', code);
    const severity = good || of('allocated').length > 0 ? 'warning' : 'error';
    add('log.turn-refused', severity, events, { code, count: events.length, meaning });
  }
  const denied = of('peer-denied');
  if (denied.length > 0) {
    const peers = listed(denied.map(({ fields }) => fields.peer)) || UNNAMED.peer;
    const others = of('permission').length > 0;
    add('log.peer-denied', good || others ? 'info' : 'warning', denied, { count: denied.length, peers });
  }
  if (of('no-ports').length > 0) add('log.no-ports', 'error', of('no-ports'), {});
  const unused = log.allocations.filter(
    (one) => one.granted !== null && one.closed !== null && one.permissions.length === 0,
  );
  if (unused.length > 0 && denied.length === 0) {
    const at = unused.map((one) => ({ line: one.closed?.line ?? 0 }));
    add('log.unused-allocation', 'info', at, {
      count: unused.length,
      reason: listed(unused.map((one) => one.closed?.reason ?? undefined)),
    });
  }
}

/** STUN and TURN servers that did not answer, and names that were not found. */
function adviseServers(of: Of, add: Add, good: boolean): void {
  const silent = of('server-silent');
  if (silent.length > 0) {
    const server = listed(silent.map(({ fields }) => fields.server)) || UNNAMED.server;
    add('log.server-silent', 'warning', silent, { count: silent.length, server });
  }
  const asked = of('server');
  const nameOf = ({ fields, line }: LogEvent) =>
    fields.name ?? asked.filter((one) => one.line <= line).at(-1)?.fields.server ?? UNNAMED.name;
  for (const [name, events] of groups(of('name-not-found'), nameOf)) {
    add('log.name-not-found', good ? 'warning' : 'error', events, { name });
  }
  const mdns = of('mdns-failed');
  if (mdns.length > 0) {
    add('log.mdns', good ? 'info' : 'warning', mdns, {
      name: listed(mdns.map(({ fields }) => fields.name)) || UNNAMED.name,
    });
  }
}

/** Commands to a media proxy that it did not answer or refused. */
function adviseProxy(log: Log, of: Of, add: Add): void {
  const silent = of('proxy-silent');
  const last = silent.at(-1);
  if (last !== undefined) {
    // Found after that: it was started later.
    const found = log.state !== null && log.state.line > last.line;
    const server = listed(silent.map(({ fields }) => fields.server)) || UNNAMED.server;
    add('log.proxy-silent', found ? 'warning' : 'error', silent, { count: silent.length, server });
  }
  const refused = of('proxy-refused');
  if (refused.length === 0) return;
  const said = listed(refused.map(({ fields }) => fields.reason?.trim()));
  add('log.proxy-refused', 'error', refused, { count: refused.length, said });
}

/** Advice from the results of checks. */
function adviseChecks(log: Log, of: Of, add: Add, good: boolean): void {
  const refused = of('check-refused');
  if (refused.length > 0 && (!good || of('dtls-failed').length > 0 || saidFailed(log))) {
    const code = Number(refused.find(({ fields }) => fields.code !== undefined)?.fields.code ?? 401);
    add('log.check-refused', 'error', refused, { count: refused.length, meaning: phraseFor('check', code) });
  }
  const received = of('check-received');
  const deaf = !good && saidFailed(log) && refused.length === 0 && received.length > 0;
  if (deaf) add('log.one-way', 'error', received, { count: received.length });
  const none = of('no-pairs');
  if (none.length > 0 && log.pairs.length === 0 && !good) add('log.no-pairs', 'error', none, { count: none.length });
  if (log.pairs.length > 0 && !good) {
    const last = log.pairs.map(({ states }) => states.at(-1));
    const failed = last.filter((state) => state?.value === 'failed').length;
    const states = listed(last.map((state) => state?.value));
    const at = last.filter((state) => state !== undefined);
    const over = failed > 0 || saidFailed(log);
    // A log that ends while checks go on shows no failure; where checks were refused, that is the cause.
    if (over && refused.length === 0 && !deaf) add('log.no-pair', 'error', at, { count: log.pairs.length, states });
  }
  const conflicts = of('role-conflict');
  if (conflicts.length > 0) {
    const outcome: Phrase = good ? 'conflict.settled' : 'conflict.goes-on';
    add('ice.role-conflict', good ? 'info' : 'warning', conflicts, { count: conflicts.length, outcome });
  }
  const varies = of('nat').filter(({ fields }) => fields.state === 'true');
  if (varies.length > 0) add('log.nat-varies', 'warning', varies);
  const told = of('nat').filter(({ fields }) => fields.state === 'false' && fields.reason !== undefined);
  if (told.length > 0 && varies.length === 0) {
    add('log.nat-told', 'info', told, { said: listed(told.map(({ fields }) => fields.reason)) });
  }
  const blocked = of('network').filter(({ fields }) => fields.state === 'false');
  if (blocked.length > 0) add('log.udp-blocked', 'error', blocked);
}

/** Calls of an application that its browser refused. */
function adviseCalls(of: Of, add: Add, good: boolean): void {
  const severity = good ? 'info' : 'warning';
  const early = of('candidate-early');
  if (early.length > 0) add('log.candidate-early', severity, early, { count: early.length });
  const keyOf = ({ fields }: LogEvent) => `${fields.type?.toLowerCase()} ${fields.state}`;
  for (const [key, events] of groups(of('wrong-state'), keyOf)) {
    const [type = '', state = ''] = key.split(' ');
    add('log.wrong-state', severity, events, { type, state, count: events.length });
  }
}

/** Addresses of candidates that can't be right for their type. */
function adviseCandidates({ candidates }: Log, add: Add): void {
  const told = new Set<string>();
  for (const { type, address, side, line } of candidates) {
    const scope = scopeOf(address);
    if (scope === null || told.has(address) || told.size >= 20) continue;
    const code =
      scope === 'unspecified'
        ? null
        : type === 'relay'
          ? 'ice.relay-address'
          : type === 'srflx'
            ? 'ice.srflx-address'
            : null;
    if (code === null) continue;
    told.add(address);
    add(code, 'warning', [{ line }], {
      side: `side.${side ?? 'unknown'}`,
      address,
      scope: `scope.${scope}`,
    });
  }
}

/** The IP address of a transport address. */
const ipOf = (end: string) => /^\[([^\]]*)\]/.exec(end)?.[1] ?? end.replace(/:\d+$/, '');

/** Candidates of one side that a log names, alone or in pairs. */
function candidatesOf({ candidates, pairs }: Log, side: 'local' | 'remote') {
  const paired = pairs.map((pair) => ({
    type: side === 'local' ? pair.localType : pair.remoteType,
    address: ipOf(pair[side]),
    line: pair.states[0]?.line ?? 0,
  }));
  return [...candidates.filter((one) => one.side === side), ...paired];
}

/** A side that has only addresses of virtual interfaces, in a log of what did not connect. */
function adviseInterfaces(log: Log, add: Add): void {
  for (const side of ['local', 'remote'] as const) {
    const candidates = candidatesOf(log, side);
    const kinds = candidates.map(({ address }) => interfaceOf(address));
    if (kinds.length === 0 || kinds.includes(null) || candidates.some(({ type }) => type !== 'host')) continue;
    add('ice.interface-only', 'warning', candidates.slice(0, 20), {
      side: `side.${side}`,
      kinds: listed(kinds.map((kind) => kind ?? '')),
      addresses: listed(candidates.map(({ address }) => address)),
    });
  }
}

/** Addresses that a server says it relays from or announces, which peers elsewhere can't reach. */
function adviseAnnounced(of: Of, add: Add, good: boolean): void {
  const addressOf = ({ fields }: LogEvent) => fields.relayed?.replace(/^\[([^\]]*)\].*$|^([\d.]+):\d+$/, '$1$2') ?? '';
  for (const [address, events] of [...groups(of('announced'), addressOf)].slice(0, 20)) {
    const scope = scopeOf(address);
    if (scope === null || scope === 'unspecified') continue;
    // The public address may be set elsewhere: only a failure makes it the likely cause.
    add('log.announced', good ? 'info' : 'warning', events.slice(0, 20), { address, scope: `scope.${scope}` });
  }
}

/** How it ended. */
function adviseEnd(log: Log, of: Of, add: Add, good: boolean, explained: boolean): void {
  const lost = of('consent-lost');
  if (lost.length > 0) add('log.consent-lost', 'error', lost);
  const dtls = of('dtls-failed').filter(({ fields }) => !/close.?notify/i.test(fields.reason ?? ''));
  if (dtls.length > 0)
    add('log.dtls-failed', good ? 'error' : 'warning', dtls, { reason: said(dtls[0]?.fields.reason) });
  if (lost.length > 0 || dtls.length > 0) return;
  const failed = of('failed');
  const ended = log.state?.value === 'failed' ? [{ line: log.state.line }] : failed;
  if (ended.length === 0 || explained) return;
  if (good) add('log.failed-later', 'error', ended);
  else add('log.failed', 'error', ended, { reason: said(failed.find(({ fields }) => fields.reason)?.fields.reason) });
}
