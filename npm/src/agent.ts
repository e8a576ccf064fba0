/**
 * An ICE agent for sockets of your own (RFC 8445), in Node, browsers and workerd. Over UDP sockets of Node there is
 * `IceTransport` of `icelens/node`.
 *
 * @packageDocumentation
 */
import type { WasmIceAgent } from '#glue/agent';
import { instantiate } from '#wasm/agent';
import { addressOf, addressText, type TransportAddress } from './address.js';
import {
  bytesOf,
  mustBe,
  oneOf,
  optionalBoolean,
  requireAddress,
  requireArray,
  requireIceChars,
  requireNumber,
  requireObject,
  requireString,
  requireTime,
  requireUpTo,
} from './argument.js';
import { type Candidate, formatCandidate, parseCandidate } from './candidate.js';
import type { Disposal } from './disposal.js';
import type { CheckListPair, PairState } from './ice.js';
import { asTypeError, Instance, Machine } from './trap.js';

const agentWasm = /* @__PURE__ */ new Instance(instantiate);

type AgentExports = typeof import('#glue/agent');

/** Timers and choices of other agents; `rfc` when absent. */
export type IceProfile = 'rfc' | 'chrome' | 'firefox' | 'pion' | 'libnice';

/** A resolved ICE server: an agent does no DNS. */
export interface IceServerAddress {
  /** A STUN server is asked for a mapped address, a TURN server for a relayed one too. */
  kind: 'stun' | 'turn';
  /** IP address and port of the server. */
  address: TransportAddress;
  /** Of a TURN server; `tls` is `tcp` to the agent, the caller's connection does the rest. `udp` when absent. */
  protocol?: 'udp' | 'tcp' | 'tls';
  /** User name of the long-term credentials (RFC 8489 §9.2); a TURN server needs one. */
  username?: string;
  /** Password of the long-term credentials; a TURN server needs one. */
  credential?: string;
}

/** How an `IceAgent` is set up. */
export interface IceAgentOptions {
  /** Whether the agent begins in the controlling role (RFC 8445 §6.1.1); conflicts may change it. */
  controlling: boolean;
  /** Answers checks and sends none (RFC 8445 §2.5). */
  lite?: boolean;
  /** `regular` when absent; `aggressive` is that of RFC 5245. */
  nomination?: 'regular' | 'aggressive';
  /** Nominate again when a better pair turns up, where the other side offers it too. */
  renomination?: boolean;
  /** The agent whose timers and choices are used; `rfc` when absent. */
  profile?: IceProfile;
  /** Settles role conflicts; random when absent. */
  tieBreaker?: bigint;
  /** Ta in milliseconds; that of the profile when absent, never under 5. */
  pacing?: number;
  /** 1 when absent, at most 64. */
  streams?: number;
  /** Of each stream; 1 when absent, at most 256. */
  components?: number;
  /** Most pairs of all streams together; 100 when absent. */
  pairLimit?: number;
  /** Made at random when absent. */
  credentials?: {
    /** Username fragment, 4 to 256 ICE characters (RFC 8839 §5.4). */
    ufrag: string;
    /** Password, 22 to 256 ICE characters (RFC 8839 §5.4). */
    pwd: string;
  };
  /** Asked from the socket of every UDP host candidate, over the caller's sockets. */
  servers?: readonly IceServerAddress[];
  /** Host candidates are sockets to gather from, and only relayed ones are used. */
  relayOnly?: boolean;
}

/** A packet to send, or one that arrived. */
export interface IcePacket {
  /** Address of the local socket. */
  local: TransportAddress;
  /** Address at the other end: of a peer or of a server. */
  remote: TransportAddress;
  /** Over TCP, `bytes` are one frame of RFC 4571 without its length, or one message to or from a TURN server. */
  protocol: 'udp' | 'tcp';
  /** Payload of the datagram or frame. */
  bytes: Uint8Array;
}

/** ICE parameters of the other side. */
export interface RemoteIceParameters {
  /** Its username fragment (`a=ice-ufrag`). */
  ufrag: string;
  /** Its password (`a=ice-pwd`), the key of its checks. */
  pwd: string;
  /** Whether it is a lite agent (`a=ice-lite`, RFC 8445 §2.5); false when absent. */
  lite?: boolean;
  /** Its `ice-options`; without them it is taken as an agent of RFC 8445. */
  options?: readonly string[];
  /** Its `ice-pacing` in milliseconds. */
  pacing?: number;
}

/** A local candidate to add. */
export type LocalIceCandidate = Partial<Candidate> & {
  /** IPv4 or IPv6 address; no names. */
  address: string;
  /** Port, 0 to 65535. */
  port: number;
  /** Address that its checks are sent from; its own address when absent. */
  base?: TransportAddress;
  /** 0 when absent. */
  stream?: number;
};

/** Why an agent failed. */
export type IceFailure =
  /** The other side named none, and no request came. */
  | 'no-remote-candidates'
  /** No two candidates fit. */
  | 'no-pairs'
  /** No check was answered. */
  | 'all-silent'
  /** Every answer was an error or came another way. */
  | 'all-refused'
  /** User name or password are not what the other side has. */
  | 'wrong-credentials'
  /** The nominated pair's check failed, or its address went away. */
  | 'nominated-lost'
  /** The TURN server refused, and no pair goes without. */
  | 'relay-refused'
  /** The other side's consent ended. */
  | 'consent-expired';

/** Why a component uses this pair and no other: the closed list of the crate's `SwitchReason`. */
export type SwitchReason =
  /** Of the nominated pairs it has the highest priority (RFC 8445 §8.1.1). */
  | 'best-nominated'
  /** Both sides renominate, and it was nominated last. */
  | 'nominated-last'
  /** Both sides renominate, and its NOMINATION has the highest count. */
  | 'highest-count'
  /** Both sides are lite, so that nobody checks, and it is the best pair there is (RFC 8445 §8.2). */
  | 'both-lite'
  /** The selected pair lost its address or candidate, and this one is valid. */
  | 'other-gone';

/** Counts of an agent since its start or the last restart. */
export type IceCounts = {
  /** Local candidates now. */
  localCandidates: number;
  /** Remote candidates now, learned ones included. */
  remoteCandidates: number;
  /** Pairs formed. */
  pairs: number;
  /** Pairs and learned candidates left out because of a limit. */
  overLimit: number;
  /** Checks sent, consent checks included. */
  checksSent: number;
  /** Checks answered with success. */
  answered: number;
  /** Checks that were not answered. */
  silent: number;
  /** Checks answered with an error. */
  refused: number;
  /** Checks answered along another way. */
  notSymmetric: number;
  /** Responses whose integrity was absent or wrong. */
  unauthenticated: number;
  /** Those among them that said 401. */
  unauthorized: number;
  /** Requests answered. */
  requestsAnswered: number;
  /** Requests refused. */
  requestsRefused: number;
  /** Requests whose USERNAME is not ours. */
  wrongUsername: number;
  /** Requests whose integrity is wrong. */
  wrongIntegrity: number;
  /** Nominated pairs that were lost. */
  nominationsLost: number;
  /** Components whose consent ended. */
  consentsLost: number;
  /** Relays that refused. */
  relaysRefused: number;
  /** Candidates that made no pair because they belong to other components. */
  otherComponent: number;
  /** Those of other transport protocols. */
  otherTransport: number;
  /** Those whose TCP directions do not meet (RFC 6544 §6.2). */
  otherTcpDirection: number;
  /** Those of other address families. */
  otherAddressFamily: number;
  /** Those where one is link-local and the other is not (RFC 8445 §6.1.2.2). */
  otherScope: number;
};

/** Why an agent failed. */
export interface IceAgentFailure {
  /** The reason. */
  reason: IceFailure;
  /** Counts behind it, as they were when it failed. */
  counts: IceCounts;
}

/** State of an agent. */
export type IceAgentState = 'new' | 'checking' | 'connected' | 'completed' | 'failed' | 'disconnected' | 'closed';

/**
 * One decision: what, when, by which rule and why, with details by type; `candidate` with a new local candidate's line and
 * stream; or `data` with bytes, stream, component and remote.
 */
export interface IceEvent {
  /** Stable code of the event, such as `check-sent`, `selected` or `state-changed`; also `candidate` and `data`. */
  type: string;
  /** Milliseconds on the caller's clock. */
  time: number;
  /** Such as `RFC 8445 §7.2.5.3.3`. */
  rule?: string;
  /** Reason, as an English sentence. */
  why: string;
  /** Why the component uses this pair: with every `selected`, and no other event. */
  switchReason?: SwitchReason;
  /** Why the agent failed: with every `failed`, and no other event; `failure` has the counts. */
  failureReason?: IceFailure;
  [detail: string]: unknown;
}

/** A pair of an agent. */
export interface IceAgentPair extends CheckListPair {
  /** Names the pair in the events. */
  id: number;
  /** In the check list; a pair that is not is valid only, or was removed by a nomination. */
  listed: boolean;
  /** Whether the pair is in the valid list (RFC 8445 §7.2.5.3.2). */
  valid: boolean;
  /** Whether the pair was nominated (RFC 8445 §8.1.1). */
  nominated: boolean;
  /** Checks begun, consent checks included; each counts once however often its request was sent. */
  checks: number;
  /** Requests sent, retransmissions included. */
  requests: number;
  /** Success responses received. */
  responses: number;
  /** Round-trip time in milliseconds, once it is known. */
  rtt: number | null;
}

const states: readonly PairState[] = ['frozen', 'waiting', 'in-progress', 'succeeded', 'failed'];

interface FlatPair extends Omit<IceAgentPair, 'local' | 'remote' | 'priority' | 'state'> {
  local: string;
  remote: string;
  priority: string;
  state: number;
}

function candidateOf(line: string): Candidate {
  const { candidate } = parseCandidate(line);
  if (candidate === null) throw new Error(`the agent wrote no candidate line: ${line}`);
  return candidate;
}

function pairOf(flat: FlatPair): IceAgentPair {
  return {
    ...flat,
    local: candidateOf(flat.local),
    remote: candidateOf(flat.remote),
    priority: BigInt(flat.priority),
    state: states[flat.state] ?? 'frozen',
  };
}

function addressOfArgument(name: string, address: TransportAddress): string {
  requireAddress(name, address);
  return addressText(address);
}

function serverOf(server: IceServerAddress, index: number): object {
  const name = `servers[${index}]`;
  requireObject(name, server);
  const { kind, username, credential } = server;
  const address = addressOfArgument(`${name}.address`, server.address);
  const tcp = oneOf(`${name}.protocol`, ['udp', 'tcp', 'tls'], server.protocol) !== 'udp';
  if (kind === 'stun') return { address, tcp: false };
  if (kind !== 'turn') throw mustBe(`${name}.kind`, `'stun' or 'turn'`, kind);
  requireString(`${name}.username`, username);
  requireString(`${name}.credential`, credential);
  return { address, tcp, username, password: credential };
}

function flatOptions(options: IceAgentOptions): object {
  requireObject('options', options);
  const { controlling, credentials, tieBreaker, pacing, servers = [] } = options;
  if (typeof controlling !== 'boolean') throw mustBe('controlling', 'a boolean', controlling);
  requireArray('servers', servers);
  if (credentials !== undefined) {
    requireObject('credentials', credentials);
    requireIceChars('credentials.ufrag', credentials.ufrag, 4);
    requireIceChars('credentials.pwd', credentials.pwd, 22);
  }
  if (tieBreaker !== undefined && typeof tieBreaker !== 'bigint') throw mustBe('tieBreaker', 'a bigint', tieBreaker);
  if (pacing !== undefined) requireNumber('pacing', pacing);
  return {
    controlling,
    lite: optionalBoolean('lite', options.lite),
    aggressive: oneOf('nomination', ['regular', 'aggressive'], options.nomination) === 'aggressive',
    renomination: optionalBoolean('renomination', options.renomination),
    profile: options.profile ?? 'rfc',
    ...(tieBreaker !== undefined && { tieBreaker: tieBreaker.toString() }),
    ...(pacing !== undefined && { pacing }),
    streams: options.streams ?? 1,
    components: options.components ?? 1,
    pairLimit: options.pairLimit ?? 100,
    ...(credentials && { ufrag: credentials.ufrag, pwd: credentials.pwd }),
    relayOnly: optionalBoolean('relayOnly', options.relayOnly),
    servers: servers.map(serverOf),
    entropy: crypto.getRandomValues(new Uint8Array(32)),
  };
}

/**
 * RFC 8445 without sockets or clock: full and lite, trickle, consent, restarts, STUN and TURN servers over the caller's
 * sockets. Every decision is an event with its rule and reason. Times are milliseconds of any steady clock.
 *
 * ```js
 * const agent = new IceAgent({ controlling: true });
 * agent.addLocalCandidate({ address: '192.0.2.1', port: 5000 });
 * const step = () => {
 *   for (let packet = agent.pollTransmit(); packet; packet = agent.pollTransmit()) send(packet);
 *   for (let event = agent.pollEvent(); event; event = agent.pollEvent()) console.log(event.type, event.rule, event.why);
 *   const due = agent.pollTimeout();
 *   if (due !== null) setTimeout(() => { agent.timeout(performance.now()); step(); }, due - performance.now());
 * };
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is there, for its type see the interface.
export class IceAgent {
  readonly #machine: Machine<AgentExports, WasmIceAgent>;

  constructor(options: IceAgentOptions) {
    const flat = flatOptions(options);
    this.#machine = asTypeError(() => new Machine(agentWasm, 'IceAgent', (wasm) => new wasm.WasmIceAgent(flat)));
  }

  /** Credentials of this agent, for the other side. */
  get localCredentials(): {
    /** Username fragment (`a=ice-ufrag`). */
    ufrag: string;
    /** Password (`a=ice-pwd`). */
    pwd: string;
  } {
    return this.#machine.call(({ ufrag, pwd }) => ({ ufrag, pwd }));
  }

  /** The role now: conflicts and a lite peer change it. */
  get role(): 'controlling' | 'controlled' {
    return this.#machine.call(({ controlling }) => (controlling ? 'controlling' : 'controlled'));
  }

  /** The tie-breaker now. */
  get tieBreaker(): bigint {
    return this.#machine.call(({ tie_breaker }) => BigInt.asUintN(64, tie_breaker));
  }

  /** State of the agent: that of all its streams together. */
  get state(): IceAgentState {
    return this.#machine.call(({ state }) => state as IceAgentState);
  }

  /** True while a server has yet to answer. */
  get gathering(): boolean {
    return this.#machine.call(({ gathering }) => gathering);
  }

  /** The role to begin with; throws an `Error` for another than there is once the other side's credentials are known. */
  setRole(role: 'controlling' | 'controlled'): void {
    if (role !== 'controlling' && role !== 'controlled') throw mustBe('role', `'controlling' or 'controlled'`, role);
    if (!this.#machine.call((machine) => machine.set_role(role === 'controlling')))
      throw new Error(`the role is settled: this side is ${this.role}`);
  }

  /** Checks begin once this is known. Other credentials than before are a restart of the other side, and so of this one. */
  setRemoteCredentials(parameters: RemoteIceParameters): void {
    requireObject('credentials', parameters);
    const { ufrag, pwd, options, pacing } = parameters;
    requireIceChars('ufrag', ufrag, 4);
    requireIceChars('pwd', pwd, 22);
    const lite = optionalBoolean('lite', parameters.lite);
    if (options !== undefined) requireArray('options', options);
    if (pacing !== undefined) requireNumber('pacing', pacing);
    const ice2 = options === undefined || options.includes('ice2');
    const renomination = options?.includes('renomination') ?? false;
    this.#machine.call((machine) => machine.set_remote(ufrag, pwd, lite, ice2, renomination, pacing));
  }

  /** Adds a local candidate; throws an `Error` that says why where it is not taken. */
  addLocalCandidate(candidate: LocalIceCandidate): void {
    requireObject('candidate', candidate);
    const { base, stream = 0, component = 1, type = 'host', tcpType, priority } = candidate;
    const flat = {
      stream,
      component,
      kind: type,
      ...(tcpType && { tcpType }),
      address: addressOfArgument('candidate', candidate as unknown as TransportAddress),
      ...(base && { base: addressOfArgument('candidate.base', base) }),
      ...(priority !== undefined && { priority }),
    };
    refused(asTypeError(() => this.#machine.call((machine) => machine.add_local(flat))));
  }

  /** The interface went away: its candidates and their pairs are removed. */
  removeLocalAddress(base: TransportAddress): void {
    const text = addressOfArgument('base', base);
    asTypeError(() => this.#machine.call((machine) => machine.remove_local(text)));
  }

  /** Adds a remote candidate; throws an `Error` that says why where it is not taken, such as a name that is not resolved. */
  addRemoteCandidate(candidate: Candidate | string, stream = 0): void {
    requireUpTo('stream', stream, 65_535);
    const line = lineOf(candidate);
    refused(this.#machine.call((machine) => machine.add_remote(stream, line)));
  }

  /** The other side withdrew a candidate. */
  removeRemoteCandidate(candidate: Candidate | string, stream = 0): void {
    requireUpTo('stream', stream, 65_535);
    const line = lineOf(candidate);
    refused(this.#machine.call((machine) => machine.remove_remote(stream, line)));
  }

  /** The caller has no more local candidates. The event `local-end` says when the servers have answered too. */
  endOfLocalCandidates(): void {
    this.#machine.call((machine) => machine.end_local());
  }

  /** The other side has no more candidates. */
  endOfRemoteCandidates(): void {
    this.#machine.call((machine) => machine.end_remote());
  }

  /** Takes a packet that arrived: STUN, TURN and data alike. */
  receive(now: number, packet: IcePacket): void {
    requireTime('now', now);
    requireObject('packet', packet);
    const local = addressOfArgument('packet.local', packet.local);
    const remote = addressOfArgument('packet.remote', packet.remote);
    const bytes = bytesOf('packet.bytes', packet.bytes);
    const tcp = oneOf('packet.protocol', ['udp', 'tcp'], packet.protocol) === 'tcp';
    asTypeError(() => this.#machine.call((machine) => machine.receive(now, local, remote, tcp, bytes)));
  }

  /** Sends data over the selected pair, or any valid one before; false when there is none, or no consent. */
  send(now: number, data: Uint8Array, component = 1, stream = 0): boolean {
    requireTime('now', now);
    requireUpTo('component', component, 65_535);
    requireUpTo('stream', stream, 65_535);
    const bytes = bytesOf('data', data);
    return this.#machine.call((machine) => machine.send(now, stream, component, bytes)) === '';
  }

  /** To be called when the time given by `pollTimeout` has come. */
  timeout(now: number): void {
    requireTime('now', now);
    this.#machine.call((machine) => machine.timeout(now));
  }

  /** The next packet to send, or `null`. */
  pollTransmit(): IcePacket | null {
    return this.#machine.call((machine) => {
      if (!machine.poll_transmit()) return null;
      const { local, remote, tcp, bytes } = machine;
      return { local: addressOf(local), remote: addressOf(remote), protocol: tcp ? 'tcp' : 'udp', bytes };
    });
  }

  /** When to call `timeout`, or `null`. */
  pollTimeout(): number | null {
    return this.#machine.call((machine) => machine.poll_timeout()) ?? null;
  }

  /** The next event, or `null`. */
  pollEvent(): IceEvent | null {
    return this.#machine.call((machine) => {
      const event = machine.poll_event() as IceEvent | null | undefined;
      if (event !== null) return event ?? null;
      const [time = 0, stream = 0, component = 1] = machine.data_numbers();
      const remote = addressOf(machine.data_remote());
      return { type: 'data', time, why: 'data arrived', stream, component, remote, bytes: machine.take_data() };
    });
  }

  /** New credentials, no pairs and no remote candidates; data goes on over the path there is until another is found. */
  restart(credentials?: { ufrag: string; pwd: string }): void {
    const { ufrag, pwd }: { ufrag?: string; pwd?: string } = credentials ?? {};
    if (credentials !== undefined) {
      requireObject('credentials', credentials);
      requireIceChars('credentials.ufrag', ufrag, 4);
      requireIceChars('credentials.pwd', pwd, 22);
    }
    this.#machine.call((machine) => machine.restart(ufrag, pwd));
  }

  /** Ends everything; what `pollTransmit` still gives deletes allocations. */
  close(): void {
    this.#machine.call((machine) => machine.close());
  }

  /** Local candidates gathered so far. */
  get localCandidates(): readonly Candidate[] {
    return this.#machine.call((machine) => machine.local_candidates()).map(candidateOf);
  }

  /** Those that were signalled, and those learned from requests. */
  get remoteCandidates(): readonly Candidate[] {
    return this.#machine.call((machine) => machine.remote_candidates()).map(candidateOf);
  }

  /** The check list of the first stream, best pair first. */
  get checkList(): readonly IceAgentPair[] {
    return this.pairs().filter(({ listed }) => listed);
  }

  /** Every pair of a stream: its check list, and those that are valid only or were removed. */
  pairs(stream = 0): readonly IceAgentPair[] {
    requireUpTo('stream', stream, 65_535);
    return (this.#machine.call((machine) => machine.pairs(stream)) as FlatPair[]).map(pairOf);
  }

  /** That of component 1 of the first stream. */
  get selectedPair(): IceAgentPair | null {
    return this.selected(1);
  }

  /** The selected pair of a component. */
  selected(component: number, stream = 0): IceAgentPair | null {
    requireUpTo('component', component, 65_535);
    requireUpTo('stream', stream, 65_535);
    const flat = this.#machine.call((machine) => machine.selected(stream, component)) as FlatPair | null;
    return flat && pairOf(flat);
  }

  /** Why it failed; `null` while it has not. */
  get failure(): IceAgentFailure | null {
    return this.#machine.call((machine) => machine.failure());
  }

  /** Frees its memory now; the garbage collector does it otherwise. Every later call throws. */
  free(): void {
    this.#machine.free();
  }

  /** @internal */
  [Symbol.dispose](): void {
    this.free();
  }
}

// `using` takes it, where the caller's TypeScript knows of that.
export interface IceAgent extends Disposal {}

function lineOf(candidate: Candidate | string): string {
  if (typeof candidate === 'string') return candidate;
  requireObject('candidate', candidate);
  return formatCandidate(candidate);
}

function refused(why: string): void {
  if (why !== '') throw new Error(`the candidate is not taken: ${why}`);
}
