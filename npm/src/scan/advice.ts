/** Advice for developers from descriptions and candidates. Captures and dumps have their own. */
import type { Candidate } from '../candidate.js';
import { formCheckList, type PairRule } from '../ice.js';
import { type AdviceCode, type Phrase, sentence } from './advice-text.js';
import type { Finding, SdpFinding } from './finding.js';
import { interfaceOf, scopeOf } from './scope.js';
import type { Agent, Session, SessionCandidate } from './sessions.js';

/** Evidence of a piece of advice: an index into the list that `kind` names, or the number of a line, from 1. */
export interface Evidence {
  /** List that the evidence is in. */
  kind: 'finding' | 'transaction' | 'pair' | 'flow' | 'allocation' | 'connection' | 'line';
  /** Index from 0; of a line its number, from 1. */
  index: number;
}

/** Advice with its evidence. */
export interface Advice {
  /** Stable. */
  code: AdviceCode;
  /** `error`: the connection fails for it. `warning`: it may fail, or something is lost. `info`: worth knowing. */
  severity: 'error' | 'warning' | 'info';
  /** One or two sentences in English. */
  text: string;
  /** Values that the sentence names; words among them by a key, so that they can be said in another language. */
  parameters: Record<string, string | number>;
  /** Evidence the advice rests on, at most 20 pieces. */
  evidence: Evidence[];
  /** Index of the session; `null` when it is about the whole. */
  session: number | null;
}

/** Most pieces of evidence one piece of advice names. */
const MAX_EVIDENCE = 20;

/** Collects advice. */
export class Advisor {
  readonly list: Advice[] = [];

  add(
    code: AdviceCode,
    severity: Advice['severity'],
    evidence: readonly Evidence[],
    parameters: Record<string, string | number> = {},
    session: number | null = null,
  ): void {
    const text = sentence(code, parameters);
    this.list.push({ code, severity, text, parameters, evidence: evidence.slice(0, MAX_EVIDENCE), session });
  }
}

const finding = (index: number): Evidence => ({ kind: 'finding', index });
function sideName({ side, descriptions }: Agent): Phrase {
  if (side !== null) return `side.${side}`;
  return descriptions.length > 0 ? 'side.offerer' : 'side.unknown';
}
const listed = (values: Iterable<string | number>) => [...new Set(values)].join(', ');

/** Whether an address can be reached only in its own network. */
export function isPrivate(address: string): boolean {
  const scope = scopeOf(address);
  return scope !== null && scope !== 'unspecified' && scope !== 'teredo';
}

/** Advice on one session. Of the agents in `gathered`, by connection and side, a dump shows candidates. */
export function adviseSession(
  session: Session,
  index: number,
  findings: readonly Finding[],
  gathered: ReadonlySet<string>,
  advisor: Advisor,
): void {
  const { offerer, answerer } = session;
  const onOneMachine = sharedAddress(session) !== null;
  const add = (
    code: AdviceCode,
    severity: Advice['severity'],
    evidence: readonly number[],
    parameters?: Record<string, string | number>,
  ) => advisor.add(code, severity, evidence.map(finding), parameters, index);
  const described = [offerer, answerer].filter((agent) => agent.descriptions.length > 0);

  if (offerer.descriptions.length > 0 && answerer.descriptions.length === 0) {
    const offers = offerer.descriptions.filter((at) => isOffer(findings[at]));
    if (offers.length > 0) add('sdp.no-answer', 'info', offers);
  }
  for (const agent of [offerer, answerer]) {
    const shown = gathered.has(`${session.connection} ${agent.side}`);
    const peer = agent === offerer ? answerer : offerer;
    const lone = adviseServer(agent, peer, findings, onOneMachine, add);
    const lacks = described.includes(agent) && usesIce(agent, findings) && !shown && agent.candidates.length === 0;
    if (lacks) adviseNoCandidates(agent, peer, findings, add);
    adviseGathering(agent, onOneMachine || lone, add);
    adviseAddresses(agent, add);
    adviseWrapped(agent, findings, add);
    // Dumps do not log the end mark.
    if (session.connection === null) adviseTrickle(agent, findings, add);
    adviseRestart(agent, findings, add);
  }
  adviseOneSided(session, findings, add);
  adviseFragments(session, findings, add);
  advisePairs(session, add);
  if (described.length === 2) adviseBoth(session, findings, add);
  adviseSip(session, findings, add);
}

type Add = (
  code: AdviceCode,
  severity: Advice['severity'],
  evidence: readonly number[],
  parameters?: Record<string, string | number>,
) => void;

function isOffer(at: Finding | undefined): boolean {
  return at?.kind === 'sdp' && at.type === 'offer';
}

function descriptionsOf(agent: Agent, findings: readonly Finding[]): SdpFinding[] {
  return agent.descriptions.map((at) => findings[at]).filter((at): at is SdpFinding => at?.kind === 'sdp');
}

/** Whether a description says that its candidates follow (RFC 8838 §3). */
function trickles({ value: { session, media } }: SdpFinding): boolean {
  const offered = [session.ice, ...media.map(({ ice }) => ice)].some(({ options }) =>
    // libdatachannel writes `ice2,trickle`, which RFC 8839 §5.6 has a space in.
    options.some((option) => option.split(',').includes('trickle')),
  );
  return offered && media.every(({ endOfCandidates }) => !endOfCandidates);
}

function usesIce(agent: Agent, findings: readonly Finding[]): boolean {
  return agent.fragments.length > 0 && descriptionsOf(agent, findings).some((at) => at.value.media.length > 0);
}

/**
 * An agent that announces private addresses only, as servers behind a NAT do: whether that was told. A peer in the same network
 * makes it right.
 */
function adviseServer(
  agent: Agent,
  peer: Agent,
  findings: readonly Finding[],
  onOneMachine: boolean,
  add: Add,
): boolean {
  const { candidates } = agent;
  const addresses = new Set(candidates.map((one) => one.candidate.address));
  const inside = (one: SessionCandidate) => one.candidate.type === 'host' && isPrivate(one.candidate.address);
  if (candidates.length === 0 || onOneMachine || !candidates.every(inside)) return false;
  if (peer.candidates.some((one) => one.candidate.type === 'host' && isPrivate(one.candidate.address))) return false;
  const evidence = [...new Set(candidates.map((one) => one.finding))];
  const side = sideName(agent);
  if (descriptionsOf(agent, findings).some((at) => at.value.session.ice.lite)) {
    add('ice.server-private', 'warning', evidence, { side, addresses: listed(addresses) });
    return true;
  }
  const address = [...addresses][0] ?? '';
  if (addresses.size !== 1 || agent.descriptions.length === 0) return false;
  add('ice.one-private-host', 'info', evidence, { side, address });
  return true;
}

const KNOWN_TYPES = /* @__PURE__ */ new Set(['host', 'srflx', 'prflx', 'relay']);

/** Addresses that can't be right for the type of their candidate. */
function adviseAddresses(agent: Agent, add: Add): void {
  const side = sideName(agent);
  const told = new Set<string>();
  for (const { candidate, finding } of agent.candidates) {
    const { type, address } = candidate;
    const scope = scopeOf(address);
    if (scope === null || told.has(`${type} ${address}`) || told.size >= 20) continue;
    told.add(`${type} ${address}`);
    // Chromium writes 0.0.0.0 for what it hides, but never as the address itself; Edge did in its mark of the end.
    if (scope === 'unspecified' && KNOWN_TYPES.has(type))
      add('ice.unspecified-address', 'error', [finding], { side, address });
    else if (type === 'relay')
      add('ice.relay-address', 'warning', [finding], { side, address, scope: `scope.${scope}` });
    else if (type === 'srflx')
      add('ice.srflx-address', 'warning', [finding], { side, address, scope: `scope.${scope}` });
  }
  const hosts = agent.candidates.filter(isPlainHost);
  const kinds = hosts.map((one) => interfaceOf(one.candidate.address));
  if (hosts.length === 0 || hosts.length < agent.candidates.length || kinds.includes(null)) return;
  add('ice.interface-only', 'warning', [...new Set(hosts.map((one) => one.finding))], {
    side,
    kinds: listed(kinds.map((kind) => kind ?? '')),
    addresses: listed(hosts.map((one) => one.candidate.address)),
  });
}

/**
 * Nothing is checked when neither has candidates; else one of them checks, and the other learns its address from that. Where the
 * agent says that it trickles, candidates may have gone another way than this text.
 */
function adviseNoCandidates(agent: Agent, peer: Agent, findings: readonly Finding[], add: Add): void {
  const side = sideName(agent);
  const later = descriptionsOf(agent, findings).some(trickles);
  if (peer.candidates.length > 0)
    add('ice.candidates-one-side', later ? 'info' : 'warning', agent.descriptions, { side });
  else if (later) add('ice.candidates-elsewhere', 'info', agent.descriptions, { side });
  else add('ice.no-candidates', 'error', agent.descriptions, { side });
}

/** Advice on servers from the candidates that were gathered. */
function adviseGathering(agent: Agent, onOneMachine: boolean, add: Add): void {
  const side = sideName(agent);
  const { candidates } = agent;
  if (candidates.length === 0) return;
  const of = (type: string) => candidates.filter((one) => one.candidate.type === type);
  const evidence = (list: readonly SessionCandidate[]) => [...new Set(list.map((one) => one.finding))];
  const hosts = of('host');
  const relays = of('relay');
  const reflexive = of('srflx');
  if (relays.length === 0 && reflexive.length === 0 && hosts.length > 0) {
    const mdns = hosts.filter((one) => one.candidate.addressKind === 'mdns');
    if (mdns.length === hosts.length) {
      add('ice.only-mdns', 'warning', evidence(hosts), { side, address: mdns[0]?.candidate.address ?? '' });
    } else if (
      !onOneMachine &&
      hosts.every((one) => one.candidate.addressKind === 'mdns' || isPrivate(one.candidate.address))
    ) {
      add('ice.only-private', 'info', evidence(hosts), { side });
    }
  }
  if (relays.length > 0 && relays.every(isRelayOverTcp))
    add('ice.relay-tcp-only', 'warning', evidence(relays), { side });
  if (relays.length === 0) adviseSymmetric(reflexive, side, evidence, add);
}

/**
 * Whether a relay candidate came over TCP or TLS: its URL says so, or its type preference, where the line has the
 * extensions of libwebrtc, which gives 1 to TCP and 0 to TLS and more to UDP.
 */
function isRelayOverTcp({ candidate, url }: SessionCandidate): boolean {
  if (url !== null) return /^turns:|transport=tcp/i.test(url);
  const isLibwebrtc = candidate.extensions.some(([name]) => name === 'network-cost' || name === 'generation');
  return isLibwebrtc && candidate.priorityParts.typePreference <= 1;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Several mapped ports of one base. */
function adviseSymmetric(
  reflexive: readonly SessionCandidate[],
  side: string,
  evidence: (list: readonly SessionCandidate[]) => number[],
  add: Add,
): void {
  const byBase = new Map<string, SessionCandidate[]>();
  for (const one of reflexive) {
    const { relatedAddress, relatedPort, component, protocol, address } = one.candidate;
    // A hidden base (0.0.0.0 0) may stand for several.
    if (relatedPort === null || relatedPort === 0 || relatedPort === 9) continue;
    const key = [relatedAddress, relatedPort, component, protocol.toLowerCase(), address].join(' ');
    append(byBase, key, one);
  }
  for (const list of byBase.values()) {
    const ports = new Set(list.map((one) => one.candidate.port));
    if (ports.size > 1) add('ice.symmetric-no-relay', 'warning', evidence(list), { side, ports: listed(ports) });
  }
}

/** End marks of trickled candidates. */
function adviseTrickle(agent: Agent, findings: readonly Finding[], add: Add): void {
  const side = sideName(agent);
  const trickled = agent.candidates.filter((one) => findings[one.finding]?.kind === 'candidate');
  if (trickled.length === 0) return;
  const firstEnd = agent.ends[0];
  if (firstEnd === undefined) {
    add(
      'ice.end-missing',
      'info',
      trickled.slice(-1).map((one) => one.finding),
      { side },
    );
    return;
  }
  // After a restart, gathering begins anew: only the fragment that had ended counts.
  const ended = trickled.filter((one) => one.finding < firstEnd).at(-1)?.candidate.usernameFragment ?? null;
  const late = trickled.filter((one) => one.finding > firstEnd && one.candidate.usernameFragment === ended);
  if (late.length > 0) {
    add('ice.candidate-after-end', 'warning', [firstEnd, ...late.map((one) => one.finding)], { side });
  }
}

/** Credentials of successive descriptions. */
function adviseRestart(agent: Agent, findings: readonly Finding[], add: Add): void {
  let before: { ufrag: string; pwd: string } | null = null;
  for (const description of descriptionsOf(agent, findings)) {
    const ice = description.value.media[0]?.ice ?? description.value.session.ice;
    if (ice.ufrag === null || ice.pwd === null) continue;
    if (before && (before.ufrag === ice.ufrag) !== (before.pwd === ice.pwd)) {
      add('ice.half-restart', 'error', [description.index], { side: sideName(agent) });
    }
    before = { ufrag: ice.ufrag, pwd: ice.pwd };
  }
}

/** One side restarted ICE and the other did not: as when another peer answers, or the page of one was loaded anew. */
function adviseOneSided({ offerer, answerer }: Session, findings: readonly Finding[], add: Add): void {
  const restarts = [offerer, answerer].map((agent) => restartsOf(agent, findings));
  for (const [index, agent] of [offerer, answerer].entries()) {
    const own = restarts[index] ?? [];
    const [first] = own;
    const peer = agent === offerer ? answerer : offerer;
    const kept = [...new Set(descriptionsOf(peer, findings).map((at) => credentials(at).ufrag))];
    if (first === undefined || kept.length !== 1 || kept[0] === null) continue;
    // An offer with new credentials may be the last that the text has: its answer is still to come.
    const answered = peer.descriptions.some((at) => at > first.index);
    if (agent === offerer && !answered) continue;
    const { before, after } = first;
    const known = kept[0] ?? '';
    add(
      'ice.restart-one-side',
      'warning',
      own.map(({ index }) => index),
      { side: sideName(agent), before, after, known },
    );
  }
}

/** Descriptions of an agent whose ICE credentials are others than in the one before. */
function restartsOf(agent: Agent, findings: readonly Finding[]): { index: number; before: string; after: string }[] {
  let before: string | null = null;
  const restarts: { index: number; before: string; after: string }[] = [];
  for (const description of descriptionsOf(agent, findings)) {
    const after = credentials(description).ufrag;
    if (after === null) continue;
    if (before !== null && before !== after) restarts.push({ index: description.index, before, after });
    before = after;
  }
  return restarts;
}

/** Fragments of candidates beside those of the descriptions. */
function adviseFragments({ offerer, answerer }: Session, findings: readonly Finding[], add: Add): void {
  const known = new Set([...offerer.fragments, ...answerer.fragments]);
  if (known.size === 0) return;
  const strangers = new Map<string, number[]>();
  for (const one of [...offerer.candidates, ...answerer.candidates]) {
    const at = findings[one.finding];
    if (at?.kind !== 'candidate') continue;
    const fragment = at.attribution.usernameFragment ?? one.candidate.usernameFragment;
    if (fragment === null || known.has(fragment)) continue;
    append(strangers, fragment, one.finding);
  }
  for (const [fragment, at] of strangers) {
    add('ice.ufrag-mismatch', 'error', at, { fragment, known: listed(known) });
  }
}

const causes: Partial<Record<PairRule, AdviceCode>> = {
  component: 'ice.no-common-component',
  transport: 'ice.no-common-transport',
  'tcp-direction': 'ice.no-common-transport',
  'address-family': 'ice.no-common-family',
};

/** Most candidates of one side that pairs are formed of here. */
const MAX_PAIRED = 100;

/** Whether the candidates of both agents make a pair, and why not. */
function advisePairs({ offerer, answerer }: Session, add: Add): void {
  if (offerer.candidates.length === 0 || answerer.candidates.length === 0) return;
  const ours = offerer.candidates.slice(0, MAX_PAIRED);
  const theirs = answerer.candidates.slice(0, MAX_PAIRED);
  const plain = (list: readonly SessionCandidate[]) => list.map((one) => one.candidate);
  const list = formCheckList(plain(ours), plain(theirs), { controlling: true });
  const evidence = [...new Set([...ours, ...theirs].map((one) => one.finding))];
  if (list.pairs.length === 0) {
    const rules = new Set(list.excluded.map((pair) => pair.rule));
    const code = (rules.size === 1 && causes[[...rules][0] as PairRule]) || 'ice.no-pair';
    add(code, 'error', evidence, noPairParameters(code, plain(ours), plain(theirs)));
    return;
  }
  const address = sharedAddress({ offerer, answerer });
  if (address === null) return;
  const both = [...ours, ...theirs].filter((one) => one.candidate.address === address);
  add('ice.same-machine', 'info', [...new Set(both.map((one) => one.finding))], { address });
}

/** An address that is a host candidate of both agents. */
function sharedAddress({ offerer, answerer }: Pick<Session, 'offerer' | 'answerer'>): string | null {
  const addresses = new Set(offerer.candidates.filter(isPlainHost).map((one) => one.candidate.address));
  const shared = answerer.candidates.find((one) => isPlainHost(one) && addresses.has(one.candidate.address));
  return shared?.candidate.address ?? null;
}

function isPlainHost({ candidate }: SessionCandidate): boolean {
  return candidate.type === 'host' && candidate.addressKind.startsWith('ip');
}

function noPairParameters(code: AdviceCode, ours: readonly Candidate[], theirs: readonly Candidate[]) {
  const name = (of: (candidate: Candidate) => string | number) => ({
    local: listed(ours.map(of)),
    remote: listed(theirs.map(of)),
  });
  if (code === 'ice.no-common-component') return name((one) => one.component);
  if (code === 'ice.no-common-transport') {
    return name((one) => one.protocol.toLowerCase() + (one.tcpType === null ? '' : ` ${one.tcpType}`));
  }
  return { local: ours.length, remote: theirs.length };
}

/** The second line of a description that stands in the input as lines, not in a string or in digits. */
const ORIGIN = /^[ \t>|#*/+;\u00a0]*o=/m;
const filled = (text: string) => text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '').length;

/** Descriptions whose lines were wrapped on their way, and put together again. */
function adviseWrapped(agent: Agent, findings: readonly Finding[], add: Add): void {
  for (const description of descriptionsOf(agent, findings)) {
    if (description.record.text === null || !ORIGIN.test(description.written)) continue;
    // A mail that is still in its transfer encoding marks the lines it broke (RFC 2045 §6.7), and they are whole again.
    const { written } = description;
    const lines = written.includes('=3D') ? written.replace(/=\r?\n/g, '') : written;
    const count = filled(lines) - filled(description.text);
    if (count > 0) add('sdp.wrapped', 'warning', [description.index], { count });
  }
}

/** Advice from offer and answer together. */
function adviseBoth({ offerer, answerer }: Session, findings: readonly Finding[], add: Add): void {
  const offer = descriptionsOf(offerer, findings).at(-1);
  const answer = descriptionsOf(answerer, findings).at(-1);
  if (!offer || !answer) return;
  const both = [offer.index, answer.index];
  const [theirs, ours] = [credentials(answer), credentials(offer)];
  if (theirs.ufrag !== null && theirs.ufrag === ours.ufrag && theirs.pwd === ours.pwd) {
    add('ice.same-credentials', 'error', both, { fragment: theirs.ufrag });
  }
  if (offer.value.session.ice.lite && answer.value.session.ice.lite) add('ice.both-lite', 'warning', both);
  const offered = offer.value.media[0]?.dtls.setup ?? null;
  const answered = answer.value.media[0]?.dtls.setup ?? null;
  if (answered === 'actpass' && answer.type !== 'offer') add('dtls.answer-actpass', 'error', both.slice(1));
  else if (answered !== null && answered === offered && (answered === 'active' || answered === 'passive')) {
    add('dtls.same-setup', 'error', both, { setup: answered, effect: `setup.${answered}` });
  }
}

function credentials(description: SdpFinding): { ufrag: string | null; pwd: string | null } {
  return description.value.media[0]?.ice ?? description.value.session.ice;
}

/** Descriptions of SIP that rely on their c= line alone. */
function adviseSip(session: Session, findings: readonly Finding[], add: Add): void {
  for (const agent of [session.offerer, session.answerer]) {
    for (const description of descriptionsOf(agent, findings)) {
      const carrier = description.message === null ? undefined : findings[description.message];
      if (carrier?.kind !== 'sip' || description.value.media.some((section) => section.candidates.length > 0)) continue;
      const address = /^c=IN IP[46] ([^\s/]+)/m.exec(description.text)?.[1];
      if (address === undefined || !isPrivate(address)) continue;
      const message = carrier.value.method ?? String(carrier.value.status ?? '');
      add('sip.private-address', 'warning', [description.index], { message, address });
    }
  }
}
