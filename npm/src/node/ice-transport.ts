/** `RTCIceTransport` with the methods of the W3C's WebRTC-ICE extension, over the sockets of Node. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  IceAgent,
  type IceAgentState,
  type IceEvent,
  type IcePacket,
  type LocalIceCandidate,
  type SwitchReason,
} from '../agent.js';
import { bytesOf, mustBe, optionalBoolean, requireIceChars, requireObject } from '../argument.js';
import { type Candidate, parseCandidate } from '../candidate.js';
import { guarded } from '../guard.js';
import type { IceRole } from '../ice.js';
import { readAddresses, readCandidate, readProtocols } from './ice-arguments.js';
import { type IceServerInit, readIceServers, resolveIceServers } from './ice-servers.js';
import { IceSockets } from './ice-sockets.js';
import { plainIp } from './ip-texts.js';

/** How an `IceTransport` is made. */
export interface IceTransportOptions {
  /** STUN and TURN servers; `gather` may give others. */
  iceServers?: readonly IceServerInit[];
  /** The component in the candidates, 1 (RTP) or 2 (RTCP); 1 when absent. */
  component?: number;
  /** Local IP addresses to use; those of every interface but loopback and link-local ones when absent. */
  addresses?: readonly string[];
  /**
   * Protocols of host candidates; `['udp']` when absent. With `tcp` each address has an active and a passive candidate
   * (RFC 6544); simultaneous-open ones are not made. Server-reflexive and relayed candidates come with `udp`.
   */
  protocols?: readonly ('udp' | 'tcp')[];
}

/** Options of `gather`. */
export interface IceGatherOptions {
  /** `relay`: relayed candidates only. */
  gatherPolicy?: 'all' | 'relay';
  /** STUN and TURN servers; those of the constructor when absent. */
  iceServers?: readonly (IceServerInit | object)[];
}

/** `RTCIceParameters`. */
export interface IceParameters {
  /** Username fragment (`a=ice-ufrag`), 4 to 256 ICE characters. */
  usernameFragment: string;
  /** Password (`a=ice-pwd`), 22 to 256 ICE characters. */
  password: string;
  /** Whether the agent is lite (RFC 8445 §2.5); false when absent. */
  iceLite?: boolean;
}

/** The selected pair. */
export interface IceCandidatePair {
  /** Local candidate. */
  local: Candidate;
  /** Remote candidate. */
  remote: Candidate;
}

/** Event `icecandidate`. */
export interface IceCandidateEvent extends Event {
  /** A local candidate; `null` stands for the end of the candidates. */
  readonly candidate: Candidate | null;
}

/** Event `data`. */
export interface IceDataEvent extends Event {
  /** Bytes that the other side sent: one datagram. */
  readonly data: Uint8Array;
}

/** Event `selectedcandidatepairchange`. */
export interface IceSelectedPairEvent extends Event {
  /** Why this pair is used. */
  readonly reason: SwitchReason;
}

/** Event `log`. */
export interface IceLogEvent extends Event {
  /** A decision of the agent, with its rule. */
  readonly entry: IceEvent;
}

/** The events by name. */
export interface IceTransportEventMap {
  /** `state` changed. */
  statechange: Event;
  /** `gatheringState` changed. */
  gatheringstatechange: Event;
  /** Another pair is selected. */
  selectedcandidatepairchange: IceSelectedPairEvent;
  /** A local candidate was found, or there are no more. */
  icecandidate: IceCandidateEvent;
  /** Data came from the other side. */
  data: IceDataEvent;
  /** The agent decided something. */
  log: IceLogEvent;
}

/** The 64 ice-chars (RFC 8839 §5.4). */
const ICE_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Candidates and other calls that may wait for `gather`; further ones are refused. */
const MAX_WAITING = 512;

function iceChars(length: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => ICE_CHARS.charAt(byte & 63)).join('');
}

function invalidState(message: string): DOMException {
  return new DOMException(message, 'InvalidStateError');
}

/** The addresses of the machine's interfaces; loopback when there is nothing else. Link-local ones need a zone: left out. */
function interfaceAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const usable = all.filter(({ address }) => !/^fe[89ab]/i.test(address));
  const outside = usable.filter(({ internal }) => !internal);
  return (outside.length > 0 ? outside : usable).map(({ address }) => address);
}

/**
 * An ICE transport over UDP and, where `protocols` says so, TCP, with TURN over UDP, TCP and TLS. `gather` binds sockets and finds candidates; `start` begins the
 * checks; both in either order. `send` and the event `data` carry what the caller likes. It keeps the process alive
 * until `stop`.
 *
 * @example
 * const transport = new IceTransport({ iceServers: [{ urls: 'stun:198.51.100.1:3478' }] });
 * transport.addEventListener('icecandidate', ({ candidate }) => signal({ candidate: candidate?.toJSON() ?? null }));
 * transport.addEventListener('data', ({ data }) => console.log(data));
 * transport.gather();
 * transport.start(remoteParameters, 'controlling');
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are those of EventTarget, for their types see the interface.
export class IceTransport extends EventTarget {
  /** Component of all candidates: 1 (RTP) or 2 (RTCP). */
  readonly component: number;
  readonly #addresses: readonly string[] | null;
  readonly #protocols: ReadonlySet<string>;
  readonly #servers: ReturnType<typeof readIceServers>;
  readonly #own: IceParameters = { usernameFragment: iceChars(8), password: iceChars(24) };
  readonly #sockets: IceSockets;
  #agent: IceAgent | null = null;
  /** Calls that were made before there was an agent. */
  #waiting: ((agent: IceAgent) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #role: IceRole | null = null;
  #remote: IceParameters | null = null;
  #state: IceAgentState = 'new';
  #gatheringState: 'new' | 'gathering' | 'complete' = 'new';
  #stepping = false;

  constructor(options: IceTransportOptions = {}) {
    super();
    requireObject('options', options);
    const { iceServers = [], component = 1, addresses, protocols = ['udp'] } = options;
    if (component !== 1 && component !== 2) throw mustBe('component', '1 or 2', component);
    this.component = component;
    this.#servers = readIceServers(iceServers);
    this.#addresses = addresses === undefined ? null : readAddresses(addresses);
    this.#protocols = readProtocols(protocols);
    const received = (packet: IcePacket) => {
      this.#agent?.receive(performance.now(), packet);
      this.#step();
    };
    this.#sockets = new IceSockets({ received, failed: (error) => this.#fail(error) });
  }

  /** The role; `null` before `start`. Conflicts and a lite peer change it. */
  get role(): IceRole | null {
    return this.#role === null ? null : (this.#agent?.role ?? this.#role);
  }

  /** State of the agent; `closed` after `stop`. */
  get state(): IceAgentState {
    return this.#state;
  }

  /** `complete` once no more local candidates will come. */
  get gatheringState(): 'new' | 'gathering' | 'complete' {
    return this.#gatheringState;
  }

  /** Begins to gather. Throws an `InvalidStateError` when it has begun already or was stopped. */
  gather(options: IceGatherOptions = {}): void {
    this.#requireOpen();
    requireObject('options', options);
    const { gatherPolicy = 'all', iceServers } = options;
    if (gatherPolicy !== 'all' && gatherPolicy !== 'relay')
      throw mustBe('gatherPolicy', `'all' or 'relay'`, gatherPolicy);
    const servers = iceServers === undefined ? this.#servers : readIceServers(iceServers);
    if (this.#gatheringState !== 'new') throw invalidState('gathering has begun already');
    this.#setGatheringState('gathering');
    this.#open(servers, gatherPolicy === 'relay').catch((error) => this.#fail(error));
  }

  /**
   * Begins checks with the other side. Other parameters than before are a restart: remote candidates are forgotten, and
   * `getLocalParameters` has new credentials.
   */
  start(remoteParameters: IceParameters, role: IceRole = 'controlled'): void {
    this.#requireOpen();
    requireObject('remoteParameters', remoteParameters);
    const { usernameFragment, password, iceLite = false } = remoteParameters;
    requireIceChars('remoteParameters.usernameFragment', usernameFragment, 4);
    requireIceChars('remoteParameters.password', password, 22);
    optionalBoolean('remoteParameters.iceLite', iceLite);
    if (role !== 'controlling' && role !== 'controlled') throw mustBe('role', `'controlling' or 'controlled'`, role);
    if (this.#role !== null && this.#role !== role) throw invalidState(`the role is ${this.#role} already`);
    this.#role = role;
    this.#remote = { usernameFragment, password, ...(iceLite && { iceLite }) };
    this.#ask((agent) => {
      if (agent.state === 'new') agent.setRole(role);
      agent.setRemoteCredentials({ ufrag: usernameFragment, pwd: password, lite: iceLite === true });
      // A restart has forgotten that there are no more.
      agent.endOfLocalCandidates();
    });
  }

  /**
   * Makes new credentials (RFC 8445 §9), which `getLocalParameters` then has. Data goes on over the pair there is; `start` with
   * the other side's new parameters begins the new checks.
   */
  restart(): void {
    this.#requireOpen();
    if (this.#agent === null) throw invalidState('there is nothing to restart before gather()');
    this.#agent.restart();
    this.#agent.endOfLocalCandidates();
    this.#step();
  }

  /** Ends the transport and closes its sockets; allocations are deleted. */
  stop(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#waiting = [];
    const agent = this.#agent;
    if (agent !== null) {
      agent.close();
      this.#flush(agent);
    }
    this.#sockets.close();
    this.#setState('closed');
  }

  /** Adds a candidate of the other side; nothing or an empty one means that there are no more. A name is looked up. */
  addRemoteCandidate(candidate?: Candidate | { candidate?: string | null } | string | null): void {
    this.#requireOpen();
    const read = readCandidate(candidate);
    if (read === null) this.#ask((agent) => agent.endOfRemoteCandidates());
    else if (read.component !== this.component)
      throw new TypeError(`candidate: its component is not ${this.component}`);
    else if (read.addressKind === 'ipv4' || read.addressKind === 'ipv6') this.#addRemote(read, read.address);
    else this.#lookUp(read);
  }

  /** Local candidates gathered so far. */
  getLocalCandidates(): Candidate[] {
    return (this.#agent?.localCandidates ?? []).map((candidate) => this.#named(candidate));
  }

  /** Remote candidates that were signalled: peer-reflexive ones are left out. */
  getRemoteCandidates(): Candidate[] {
    const signalled = (this.#agent?.remoteCandidates ?? []).filter(({ type }) => type !== 'prflx');
    return signalled.map((candidate) => this.#named(candidate));
  }

  /** The selected pair; `null` while there is none, and after `stop`. */
  getSelectedCandidatePair(): IceCandidatePair | null {
    const pair = this.#state === 'closed' ? null : (this.#agent?.selectedPair ?? null);
    return pair && { local: this.#named(pair.local), remote: this.#named(pair.remote) };
  }

  /** Credentials of this side, for the other one. */
  getLocalParameters(): IceParameters {
    const own = this.#agent?.localCredentials;
    return own ? { usernameFragment: own.ufrag, password: own.pwd } : { ...this.#own };
  }

  /** Credentials of the other side; `null` before `start`. */
  getRemoteParameters(): IceParameters | null {
    return this.#remote && { ...this.#remote };
  }

  /** Sends data over the selected pair, or any valid one before. Throws an `InvalidStateError` when there is none. */
  send(data: Uint8Array): void {
    const bytes = bytesOf('data', data);
    this.#requireOpen();
    const sent = this.#agent?.send(performance.now(), bytes) ?? false;
    if (!sent) throw invalidState(`nothing can be sent: the transport is ${this.#state}`);
    this.#step();
  }

  /** Why it failed, with the counts behind it. */
  get failure(): IceAgent['failure'] {
    return this.#agent?.failure ?? null;
  }

  #requireOpen(): void {
    if (this.#state === 'closed') throw invalidState('the transport is stopped');
  }

  async #open(named: ReturnType<typeof readIceServers>, relayOnly: boolean): Promise<void> {
    const servers = await resolveIceServers(named, (host, why) => this.#note('server-unresolved', `${host}: ${why}`));
    if (this.#state === 'closed') return;
    this.#sockets.servers = servers;
    const { usernameFragment: ufrag, password: pwd } = this.#own;
    const agent = new IceAgent({
      controlling: this.#role === 'controlling',
      credentials: { ufrag, pwd },
      servers: servers.map(({ host, port, ...server }: (typeof servers)[number] & { port?: number }) => server),
      relayOnly,
    });
    const locals = await this.#bind(relayOnly);
    if ((this.#state as IceAgentState) === 'closed') return agent.free();
    this.#agent = agent;
    for (const local of locals) this.#addLocal(agent, local);
    agent.endOfLocalCandidates();
    for (const call of this.#waiting.splice(0)) call(agent);
    this.#step();
  }

  /** Binds a UDP socket and a TCP one for each address, and gives the host candidates that they make. */
  async #bind(relayOnly: boolean): Promise<LocalIceCandidate[]> {
    const { tcp } = this.#sockets;
    const bound = (this.#addresses ?? interfaceAddresses()).map(async (given): Promise<LocalIceCandidate[]> => {
      const address = plainIp(given);
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      const udp = this.#protocols.has('udp') ? await this.#sockets.bind(address) : null;
      const found: LocalIceCandidate[] = udp === null ? [] : [{ address: udp.address, port: udp.port }];
      // Nobody relays from a TCP candidate.
      if (!this.#protocols.has('tcp') || relayOnly) return found;
      found.push({ address, port: tcp.active(address, family).port, tcpType: 'active' });
      const passive = await tcp.listen(address, family);
      return passive === null ? found : [...found, { address, port: passive.port, tcpType: 'passive' }];
    });
    return (await Promise.all(bound)).flat();
  }

  #addLocal(agent: IceAgent, candidate: LocalIceCandidate): void {
    try {
      agent.addLocalCandidate(candidate);
    } catch (error) {
      // For relayed candidates only, it is a socket to gather from.
      this.#note('local-refused', error instanceof Error ? error.message : String(error));
    }
  }

  #lookUp(candidate: Candidate): void {
    lookup(candidate.address).then(
      ({ address }) => this.#addRemote(candidate, address),
      (error: Error) => this.#note('remote-unresolved', error.message),
    );
  }

  #addRemote(candidate: Candidate, address: string): void {
    this.#ask((agent) => {
      try {
        agent.addRemoteCandidate(remoteLine(candidate, address));
      } catch (error) {
        this.#note('remote-refused', error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** Does something with the agent, at once or when there is one. */
  #ask(call: (agent: IceAgent) => void): void {
    if (this.#state === 'closed') return;
    if (this.#agent === null) {
      if (this.#waiting.length >= MAX_WAITING) throw invalidState('too much waits for gather()');
      this.#waiting.push(call);
      return;
    }
    call(this.#agent);
    this.#step();
  }

  /** The same candidate with our component. */
  #named(candidate: Candidate): Candidate {
    candidate.component = this.component;
    return candidate;
  }

  #flush(agent: IceAgent): void {
    for (let packet = agent.pollTransmit(); packet !== null; packet = agent.pollTransmit()) this.#sockets.send(packet);
  }

  /** Sends and tells what there is, and sets the timer. A listener may call back in: the outer call goes on. */
  #step(): void {
    const agent = this.#agent;
    if (agent === null || this.#stepping || this.#state === 'closed') return;
    this.#stepping = true;
    try {
      this.#flush(agent);
      for (let event = agent.pollEvent(); event !== null && this.#agent === agent; event = agent.pollEvent()) {
        this.#tell(agent, event);
        this.#flush(agent);
      }
    } finally {
      this.#stepping = false;
    }
    if ((this.#state as IceAgentState) === 'closed') return;
    clearTimeout(this.#timer);
    const due = agent.pollTimeout();
    if (due === null) return;
    const timeout = () => {
      agent.timeout(performance.now());
      this.#step();
    };
    const wait = Math.min(Math.max(due - performance.now(), 0), 60_000);
    this.#timer = setTimeout(
      guarded(timeout, (error) => this.#fail(error)),
      wait,
    );
  }

  #tell(agent: IceAgent, event: IceEvent): void {
    if (event.type === 'data') {
      this.#dispatch('data', { data: event.bytes });
      return;
    }
    if (event.type === 'candidate') {
      const { candidate } = parseCandidate(String(event.candidate));
      if (candidate !== null) this.#dispatch('icecandidate', { candidate: this.#named(candidate) });
      return;
    }
    this.#dispatch('log', { entry: event });
    if (event.type === 'selected') this.#dispatch('selectedcandidatepairchange', { reason: event.switchReason });
    if (event.type === 'state-changed') this.#setState(agent.state);
    if (event.type === 'local-end' && this.#gatheringState !== 'complete') {
      this.#setGatheringState('complete');
      this.#dispatch('icecandidate', { candidate: null });
    }
  }

  #setState(state: IceAgentState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#dispatch('statechange');
  }

  #setGatheringState(state: 'gathering' | 'complete'): void {
    this.#gatheringState = state;
    this.#dispatch('gatheringstatechange');
  }

  /** Says what this class itself has met. */
  #note(type: string, why: string): void {
    this.#dispatch('log', { entry: { type, time: performance.now(), why } });
  }

  /** Something broke that no packet may break: the transport is over. */
  #fail(error: unknown): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#sockets.close();
    this.#agent = null;
    this.#note('broken', error instanceof Error ? error.message : String(error));
    this.#setState('failed');
  }

  /** Tells the listeners. Once they were told that the transport is closed, nothing follows. */
  #dispatch(type: keyof IceTransportEventMap, members: object = {}): void {
    if (this.#state === 'closed' && type !== 'statechange') return;
    this.dispatchEvent(Object.assign(new Event(type), members));
  }
}

// Events with their types.
export interface IceTransport {
  /** Listens to an event of the transport. */
  addEventListener<Type extends keyof IceTransportEventMap>(
    type: Type,
    listener: (event: IceTransportEventMap[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Listens to an event of any other name, as every `EventTarget` does. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** The line of a remote candidate as component 1, which is the agent's only one. */
function remoteLine({ foundation, protocol, priority, port, type, tcpType }: Candidate, address: string): string {
  const tcp = tcpType ? ` tcptype ${tcpType}` : '';
  return `candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ ${type}${tcp}`;
}
