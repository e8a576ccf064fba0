/** Findings grouped into sessions: an offer, its answer, and the candidates of both agents. */
import type { Candidate } from '../candidate.js';
import type { CandidateFinding, EndFinding, Finding, SdpFinding, Side } from './finding.js';
import { nameBeside, partyName } from './names.js';

/** A candidate of an agent. */
export interface SessionCandidate {
  /** The candidate, parsed. */
  candidate: Candidate;
  /** Index of the finding: the candidate, or the description that holds it. */
  finding: number;
  /** UTF-16 or byte offsets in the input. */
  start: number;
  /** Offset behind it, in the units of `start`. */
  end: number;
  /** URL of the server it was gathered from, when the text beside it says. */
  url: string | null;
}

/** One of two agents. */
export interface Agent {
  /**
   * Side by the text; `null` where it does not say and the agent is alone. Of two agents that it does not tell apart, or
   * calls both local, as the log of two agents in one page does, the offerer is the local one. Never the same as the
   * peer's.
   */
  side: Side;
  /** Name in the text: `pc1`, `localConnection`, the party of a SIP call. */
  name: string | null;
  /** Indexes of its descriptions among the findings, in order. */
  descriptions: number[];
  /** Of its descriptions and trickled, each line once. */
  candidates: SessionCandidate[];
  /** Indexes of its end marks; a description with `a=end-of-candidates` counts. */
  ends: number[];
  /** Username fragments, in order. */
  fragments: string[];
}

/** An exchange of descriptions. */
export interface Session {
  /** Agent that made the first offer. */
  offerer: Agent;
  /** Agent that answered; empty when nothing of it was found. */
  answerer: Agent;
  /** Call-ID, for SIP. */
  call: string | null;
  /** Connection of a webrtc-internals dump. */
  connection: string | null;
  /** Indexes of all its findings, in order. */
  findings: number[];
}

/** Most sessions told apart; what follows goes to the last one. */
const MAX_SESSIONS = 2_000;
/** Most names of one session. */
const MAX_NAMES = 100;
/** Most username fragments listed of one agent. */
const MAX_FRAGMENTS = 1_000;

/** A session while it is put together. */
interface Open extends Session {
  /** Authors of descriptions, by session id. */
  origins: Map<string, Agent>;
  /** Agents by name. */
  names: Map<string, Agent>;
  lines: [Set<string>, Set<string>];
}

function newAgent(): Agent {
  return { side: null, name: null, descriptions: [], candidates: [], ends: [], fragments: [] };
}

function fragmentsOf(finding: SdpFinding): string[] {
  const found = [finding.value.session.ice.ufrag, ...finding.value.media.map((section) => section.ice.ufrag)];
  return [...new Set(found.filter((fragment) => fragment !== null))];
}

const other = (side: Side): Side => (side === null ? null : side === 'local' ? 'remote' : 'local');

/** An agent and its session. */
interface Known {
  session: Open;
  agent: Agent;
}

function peerOf(session: Open, agent: Agent): Agent {
  return agent === session.offerer ? session.answerer : session.offerer;
}

/** Groups findings. `connectionOf` says which connection of a dump a finding belongs to. */
export class Grouping {
  readonly sessions: Open[] = [];
  readonly #findings: readonly Finding[];
  readonly #connectionOf: (index: number) => string | null;
  /** Session and agent by connection and username fragment. */
  readonly #byFragment = new Map<string, Known>();
  readonly #byCall = new Map<string, Open>();
  readonly #current = new Map<string | null, Open>();

  constructor(findings: readonly Finding[], connectionOf: (index: number) => string | null = () => null) {
    this.#findings = findings;
    this.#connectionOf = connectionOf;
  }

  /** Takes the finding at `index`; to be called in order. */
  take(index: number): void {
    const finding = this.#findings[index];
    const connection = this.#connectionOf(index);
    if (finding?.kind === 'sdp') this.#description(finding, index, connection);
    else if (finding?.kind === 'candidate') {
      const { usernameFragment } = finding.attribution;
      const fragment = usernameFragment ?? finding.value?.usernameFragment ?? null;
      const place = this.#place(fragment, finding, connection);
      place.agent.side ??= finding.side;
      place.session.findings.push(index);
      const { value, start, end } = finding;
      const { url } = finding.attribution;
      if (value) addCandidate(place.session, place.agent, { candidate: value, finding: index, start, end, url });
    } else if (finding?.kind === 'end-of-candidates') this.#end(finding, index, connection);
  }

  /** Settles what only the whole tells. */
  finish(): Session[] {
    for (const { offerer, answerer } of this.sessions) {
      offerer.side ??= other(answerer.side);
      answerer.side ??= other(offerer.side);
      const alone = answerer.descriptions.length + answerer.candidates.length + answerer.ends.length === 0;
      // Of one agent alone whose side nothing tells, none is said.
      if (offerer.side === answerer.side && !(offerer.side === null && alone)) {
        offerer.side = 'local';
        answerer.side = 'remote';
      }
      for (const agent of [offerer, answerer]) {
        for (const index of [...agent.descriptions, ...agent.ends, ...agent.candidates.map((one) => one.finding)]) {
          const finding = this.#findings[index];
          if (finding) finding.side ??= agent.side;
        }
      }
    }
    return this.sessions.map(({ origins: _, names: __, lines: ___, ...session }) => session);
  }

  #open(connection: string | null): Open {
    const existing = this.sessions.at(-1);
    if (existing && this.sessions.length >= MAX_SESSIONS) return existing;
    const session: Open = {
      offerer: newAgent(),
      answerer: newAgent(),
      call: null,
      connection,
      findings: [],
      origins: new Map(),
      names: new Map(),
      lines: [new Set(), new Set()],
    };
    this.sessions.push(session);
    this.#current.set(connection, session);
    return session;
  }

  #known(fragments: readonly string[], connection: string | null): Known | null {
    for (const fragment of fragments) {
      const found = this.#byFragment.get(`${connection}\n${fragment}`);
      if (found) return found;
    }
    return null;
  }

  #description(finding: SdpFinding, index: number, connection: string | null): void {
    const fragments = fragmentsOf(finding);
    const call = this.#call(finding);
    const origin = originOf(finding);
    const known = this.#known(fragments, connection);
    const session =
      known?.session ??
      (call === null ? null : this.#byCall.get(call)) ??
      this.#sessionFor(finding, origin, connection);
    const agent = this.#agent(session, known, finding, origin);
    agent.side ??= finding.side;
    this.#name(session, agent, finding);
    agent.descriptions.push(index);
    session.findings.push(index);
    if (origin !== null) session.origins.set(origin, agent);
    if (call !== null) {
      session.call ??= call;
      this.#byCall.set(call, session);
    }
    for (const fragment of fragments) {
      if (agent.fragments.length < MAX_FRAGMENTS && !agent.fragments.includes(fragment)) agent.fragments.push(fragment);
      const key = `${connection}\n${fragment}`;
      // A fragment that both sides use stays with the first: advice tells of it.
      if (!this.#byFragment.has(key)) this.#byFragment.set(key, { session, agent });
    }
    let ended = false;
    for (const section of finding.value.media) {
      ended ||= section.endOfCandidates;
      for (const candidate of section.candidates) {
        addCandidate(session, agent, { candidate, finding: index, start: finding.start, end: finding.end, url: null });
      }
    }
    if (ended) agent.ends.push(index);
  }

  #agent(session: Open, known: Known | null, finding: SdpFinding, origin: string | null): Agent {
    if (known === null) return agentFor(session, finding, origin);
    // An answer with the offer's fragment that another author wrote is the peer's, whatever its credentials.
    const isStrange = origin !== null && !session.origins.has(origin) && finding.type === 'answer';
    const first = this.#findings[known.agent.descriptions[0] ?? -1];
    if (isStrange && first?.kind === 'sdp' && first.type === 'offer') return peerOf(session, known.agent);
    return known.agent;
  }

  #call(finding: SdpFinding): string | null {
    const carrier = finding.message === null ? undefined : this.#findings[finding.message];
    return carrier?.kind === 'sip' ? carrier.header('Call-ID') : null;
  }

  /** The session a description goes to whose fragments are new. */
  #sessionFor(finding: SdpFinding, origin: string | null, connection: string | null): Open {
    const current = this.#current.get(connection);
    if (current === undefined) return this.#open(connection);
    if (connection !== null || finding.fragment) return current;
    if (origin !== null && current.origins.has(origin)) return current;
    const { offerer, answerer } = current;
    const complete = offerer.descriptions.length > 0 && answerer.descriptions.length > 0;
    const taken = finding.type === 'offer' ? offerer : answerer;
    return complete || taken.descriptions.length > 0 ? this.#open(connection) : current;
  }

  /** Notes what the text calls the author of a description, or the agent that was given it. */
  #name(session: Open, agent: Agent, finding: SdpFinding): void {
    const carrier = finding.message === null ? undefined : this.#findings[finding.message];
    if (carrier?.kind === 'sip') {
      // The author of a request is in From, that of a response in To.
      const [author, peer] = carrier.value.method === null ? ['To', 'From'] : ['From', 'To'];
      agent.name ??= partyName(carrier.header(author));
      peerOf(session, agent).name ??= partyName(carrier.header(peer));
      return;
    }
    const found = nameBeside(finding, finding.source);
    if (found === null) return;
    const bearer = found.author ? agent : peerOf(session, agent);
    if (session.names.has(found.name)) return;
    if (session.names.size < MAX_NAMES) session.names.set(found.name, bearer);
    bearer.name ??= found.name;
  }

  /** The agent that a candidate or end mark is of. */
  #place(fragment: string | null, finding: CandidateFinding | EndFinding, connection: string | null): Known {
    const known = fragment === null ? null : this.#known([fragment], connection);
    if (known) return known;
    const session = this.#current.get(connection) ?? this.#open(connection);
    const { offerer, answerer } = session;
    const { side } = finding;
    if (offerer.side !== null && offerer.side === answerer.side) {
      const found = nameBeside(finding, finding.source);
      const bearer = session.names.get(found?.name ?? '');
      if (found && bearer) return { session, agent: found.author ? bearer : peerOf(session, bearer) };
    }
    if (side !== null && answerer.side === side) return { session, agent: answerer };
    if (side !== null && offerer.side === other(side)) return { session, agent: answerer };
    if (side === 'remote' && offerer.side === null && answerer.side === null) return { session, agent: answerer };
    return { session, agent: offerer };
  }

  #end(finding: EndFinding, index: number, connection: string | null): void {
    const { session, agent } = this.#place(finding.value.usernameFragment, finding, connection);
    session.findings.push(index);
    agent.ends.push(index);
  }
}

/** The agent that a description with new fragments belongs to. */
function agentFor(session: Open, finding: SdpFinding, origin: string | null): Agent {
  const { offerer, answerer } = session;
  // A later description of one agent keeps its session id (RFC 3264 §8).
  const author = origin === null ? undefined : session.origins.get(origin);
  if (author) return author;
  const isAnswer = finding.type === 'answer' || finding.type === 'pranswer';
  // In a log of both ends each calls itself local: the first answer is the answerer's all the same.
  const isPeer = finding.side !== null && answerer.side !== null && finding.side !== answerer.side;
  if (isAnswer && answerer.descriptions.length === 0) {
    if (!isPeer) return answerer;
    // Candidates of the other side came before any description: they are the offerer's.
    if (offerer.descriptions.length === 0 && offerer.candidates.length === 0) {
      exchange(session);
      return session.answerer;
    }
  }
  const same = finding.side === null ? undefined : [offerer, answerer].find((agent) => agent.side === finding.side);
  return same ?? (isAnswer || offerer.descriptions.length > 0 ? answerer : offerer);
}

/** Makes the offerer the answerer and the other way round. */
function exchange(session: Open): void {
  [session.offerer, session.answerer] = [session.answerer, session.offerer];
  session.lines.reverse();
}

/** The session id of `o=`; `null` for a fragment. */
function originOf(finding: SdpFinding): string | null {
  const match = /^o=(\S+ \S+)/m.exec(finding.text);
  return match?.[1] ?? null;
}

function addCandidate(session: Open, agent: Agent, candidate: SessionCandidate): void {
  const lines = session.lines[agent === session.offerer ? 0 : 1];
  const { foundation, component, protocol, address, port, type, usernameFragment } = candidate.candidate;
  const key = [foundation, component, protocol.toLowerCase(), address, port, type].join(' ');
  if (usernameFragment === null ? lines.has(key) : lines.has(`${key} ${usernameFragment}`)) return;
  lines.add(key);
  if (usernameFragment !== null) lines.add(`${key} ${usernameFragment}`);
  agent.candidates.push(candidate);
}
