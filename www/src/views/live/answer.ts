/** The answer above Live's panes: did it connect, why or why not, and what would help. Nothing in it is guessed. */
import type { NatReport } from 'icelens';
import type { Answer, Clause, Said } from '../../ui/answer.svelte';
import { bracketed, type CandidateRow } from './candidates';
import type { PairRecord } from './pairs';
import { family } from './reasons';
import type { ServerUrl } from './servers';
import type { Phase } from './session.svelte';
import type { ServerError, ServerVerdict } from './verdicts';

/** Facts that the answer is made from. */
export interface Facts {
  phase: Phase;
  refusal: string | null;
  /** Consent ran out on the selected pair (RFC 7675) and it has not come back. */
  interrupted: boolean;
  relayOnly: boolean;
  servers: readonly ServerUrl[];
  verdicts: readonly ServerVerdict[];
  /** Errors that the peers' own gathering met. */
  errors: readonly ServerError[];
  /** A side may still tell a candidate. */
  gathering: boolean;
  local: readonly CandidateRow[];
  remote: readonly CandidateRow[];
  pairs: readonly PairRecord[];
  selected: PairRecord | null;
  /** The selected pair is of before a restart, and none of the new generation is selected. */
  carried: boolean;
  connectedAt: number | null;
  dataOpen: boolean;
  nat: NatReport | null;
}

const clause = (said: Said, pane: string): Clause => ({ said, evidence: { pane } });
const SERVERS = 'live-servers';
const isTurn = (url: string) => /^turns?:/i.test(url);
const relayed = ({ local, remote }: PairRecord) => local.type === 'relay' || remote.type === 'relay';

/** A TURN server that gave no relay, and why, as far as is known. */
interface NoRelay {
  cause: Said;
  help: Said | null;
}

function noRelay(server: ServerUrl, verdict: ServerVerdict | undefined): NoRelay | null {
  if (!verdict || (verdict.sign !== 'error' && verdict.sign !== 'warning')) return null;
  const code = Number(verdict.values?.code ?? 0);
  const values = { url: server.url, code };
  if (code === 401) return { cause: { key: 'answer.turn401' }, help: { key: 'answer.help.credentials' } };
  if (code === 486) return { cause: { key: 'answer.turn486' }, help: null };
  if (code >= 300 && code < 700) return { cause: { key: 'answer.turnCode', values }, help: null };
  if (verdict.reason === 'server.err.701.name') {
    return { cause: { key: 'answer.turnName', values: { host: server.host } }, help: null };
  }
  if (verdict.reason === 'server.noRelay' || verdict.reason === 'server.noRelayYet')
    return { cause: { key: 'answer.turnNone', values }, help: null };
  const help: Said | null = server.transport === 'udp' ? { key: 'answer.help.tcp' } : null;
  return { cause: { key: 'answer.turnSilent', values }, help };
}

/** Why there is no relay: what each TURN server said, equal words once. */
function relayCauses({ servers, verdicts, local }: Facts): NoRelay[] {
  if (local.some((c) => c.type === 'relay')) return [];
  const found: NoRelay[] = [];
  for (const server of servers.filter(({ url }) => isTurn(url))) {
    const why = noRelay(
      server,
      verdicts.find((v) => v.url === server.url),
    );
    if (why && !found.some((other) => JSON.stringify(other.cause) === JSON.stringify(why.cause))) found.push(why);
  }
  return found;
}

/** Both peers of this page are behind the one NAT that was measured. */
function natMeetsItself(nat: NatReport | null): Clause | null {
  for (const path of nat?.paths ?? []) {
    const own = path.forecast.find((f) => f.peer === path.classic);
    if (own && !own.direct) return clause({ key: 'answer.natSelf', values: { nat: path.classic } }, 'live-nat');
  }
  return null;
}

function failed(facts: Facts): Answer {
  const { local, pairs, servers, relayOnly, refusal } = facts;
  if (refusal !== null) {
    const outcome = clause({ key: 'answer.refused', values: { reason: refusal } }, SERVERS);
    return { tone: 'fail', sign: 'error', outcome, causes: [], help: [], action: null };
  }
  const outcome = clause({ key: 'answer.notConnected' }, pairs.length > 0 ? 'live-pairs' : 'live-local');
  const causes: Clause[] = [];
  const help: Said[] = [];
  const without = relayCauses(facts);
  for (const { cause, help: remedy } of without) {
    causes.push(clause(cause, SERVERS));
    if (remedy && !help.some((h) => JSON.stringify(h) === JSON.stringify(remedy))) help.push(remedy);
  }
  if (relayOnly && !local.some((c) => c.type === 'relay')) {
    causes.push(clause({ key: 'answer.relayOnly' }, 'live-local'));
  } else if (local.length === 0) causes.push(clause({ key: 'answer.noCandidate' }, 'live-local'));
  const checked = pairs.filter((p) => p.sent > 0);
  if (checked.length > 0 && checked.every((p) => p.answered === 0)) {
    causes.push(clause({ key: 'answer.unanswered', values: { n: checked.length } }, 'live-checks'));
    const nat = natMeetsItself(facts.nat);
    if (nat && !local.some((c) => c.type === 'relay')) causes.push(nat);
    if (!servers.some(({ url }) => isTurn(url))) {
      causes.push(clause({ key: 'answer.noTurn' }, SERVERS));
      help.push({ key: 'answer.help.turn' });
    }
  }
  return { tone: 'fail', sign: 'error', outcome, causes, help };
}

/**
 * `host to host over IPv6 in 203 ms`; the family is left out where the addresses hide it. Of a pair that was selected later
 * than it was connected, `first in 203 ms, now host to host over IPv6`.
 */
function path({ local, remote, inUseAt }: PairRecord, connectedAt: number | null): Said {
  const n = family(local.address) ?? family(remote.address);
  const values = { local: local.type, remote: remote.type, n: n ?? 0, ms: Math.round(connectedAt ?? 0) };
  const hidden = n === null ? 'Hidden' : '';
  if (connectedAt === null) return { key: `answer.path${hidden}`, values };
  const isLater = inUseAt !== null && inUseAt > connectedAt;
  return { key: `answer.path${hidden}${isLater ? 'Now' : 'In'}`, values };
}

function connected(facts: Facts): Answer {
  const { selected, connectedAt, dataOpen, nat, local } = facts;
  const through = selected !== null && relayed(selected);
  const causes: Clause[] = [];
  if (selected) causes.push(clause(path(selected, connectedAt), 'live-pair'));
  if (facts.carried) causes.push(clause({ key: 'answer.carried' }, 'live-pairs'));
  if (dataOpen) causes.push(clause({ key: 'answer.data' }, 'live-data'));
  const forecast = nat?.complete ? (nat.paths[0]?.forecast ?? []) : [];
  if (forecast.length > 0) {
    const values = { n: forecast.filter((f) => f.direct).length, all: forecast.length };
    causes.push(clause({ key: 'answer.natLets', values }, 'live-nat'));
  }
  const spare = through ? undefined : local.find((c) => c.type === 'relay');
  const note: Said | null = spare
    ? {
        key: 'answer.unused',
        values: { address: `${bracketed(spare.address)}:${spare.port}` },
      }
    : null;
  if (facts.interrupted) {
    const outcome = clause({ key: 'answer.interrupted' }, 'live-log');
    return { tone: 'warn', sign: 'warning', outcome, causes: causes.slice(0, 1), help: [] };
  }
  const outcome = clause(
    { key: through ? 'answer.relayed' : selected ? 'answer.direct' : 'answer.connected' },
    'live-pairs',
  );
  return { tone: 'ok', sign: 'ok', outcome, causes, help: [], note };
}

/** Servers that have neither answered nor failed. */
const OPEN: readonly (string | null)[] = ['server.silent', 'server.silent.tcp', 'server.noRelayYet'];
const isAwaited = ({ sign, reason }: ServerVerdict) => sign === 'progress' || OPEN.includes(reason);

/** With no pair to check, it is servers that are waited for. */
function awaited({ gathering, pairs, verdicts }: Facts): Clause | null {
  const open = verdicts.filter(isAwaited);
  const [first] = open;
  if (!gathering || !noneChecked(pairs) || first === undefined) return null;
  const values = { url: first.url, n: open.length };
  return clause({ key: open.length === 1 ? 'answer.awaits' : 'answer.awaitsMany', values }, SERVERS);
}

/** While checks run: what is known so far, or null before the first fact. */
function soFar(facts: Facts): Answer | null {
  const { local, remote, pairs } = facts;
  const settled = facts.verdicts.filter((verdict) => !isAwaited(verdict));
  const causes: Clause[] = relayCauses({ ...facts, verdicts: settled }).map(({ cause }) => clause(cause, SERVERS));
  const checked = pairs.filter((p) => p.sent > 0);
  const valid = pairs.filter((p) => p.answered > 0);
  if (valid.length > 0) causes.push(clause({ key: 'answer.valid', values: { n: valid.length } }, 'live-pairs'));
  else if (pairs.length > 0 && noneChecked(pairs)) {
    causes.push(clause({ key: 'answer.allFailed', values: { n: pairs.length } }, 'live-pairs'));
  } else if (checked.length > 0) {
    causes.push(clause({ key: 'answer.unansweredYet', values: { n: checked.length } }, 'live-pairs'));
  }
  const waits = awaited(facts);
  if (waits) causes.push(waits);
  if (local.length + remote.length > 0) {
    causes.push(
      clause({ key: 'answer.candidates', values: { local: local.length, remote: remote.length } }, 'live-local'),
    );
  }
  return causes.length === 0 ? null : { tone: 'accent', sign: 'progress', outcome: null, causes, help: [] };
}

/** The answer by what is known now; null before the first fact. */
export function liveAnswer(facts: Facts): Answer | null {
  if (facts.phase === 'failed') return failed(facts);
  if (facts.phase === 'connected') return connected(facts);
  if (facts.phase === 'starting' || facts.phase === 'checking') return soFar(facts);
  if (facts.phase !== 'stopped') return null;
  const outcome = clause({ key: 'answer.stopped' }, 'live-log');
  const causes = facts.selected ? [clause(path(facts.selected, facts.connectedAt), 'live-pair')] : [];
  return { tone: '', sign: 'pruned', outcome, causes, help: [] };
}

/** Whether no pair is being checked, or waits for it: there is none, or all have failed. */
export const noneChecked = (pairs: readonly PairRecord[]) => pairs.every(({ state }) => state === 'failed');

/**
 * Whether no pair can come any more: both sides have told their last candidate, and one of them has none, or every pair
 * that was formed has failed. A browser goes on for half a minute; there is nothing that it waits for.
 */
export function nothingLeft(facts: Pick<Facts, 'local' | 'remote' | 'pairs'> & { done: boolean }): boolean {
  if (!facts.done) return false;
  if (facts.pairs.length === 0) return facts.local.length === 0 || facts.remote.length === 0;
  return noneChecked(facts.pairs);
}
