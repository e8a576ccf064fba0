/**
 * The public face of the npm package `icelens`: the names that users, the docs and outside checks rely on.
 * It may grow; a name here changes only with a reason written in the changelog.
 *
 * Importing is enough: no init call, in Node, browsers through any bundler or none, and workerd.
 * Parsing never throws on input. Functions that need bytes to be a message throw `StunError`.
 * Strings stay strings; numbers appear only where the grammar says digits and the range fits.
 */

// ---------------------------------------------------------------- STUN and TURN messages
export type MessageClass = 'request' | 'indication' | 'success' | 'error';
export type Method =
  | 'binding'
  | 'allocate'
  | 'refresh'
  | 'send'
  | 'data'
  | 'create-permission'
  | 'channel-bind'
  | 'connect'
  | 'connection-bind'
  | 'connection-attempt'
  | 'shared-secret'
  | 'goog-ping'
  | number;
export interface TransportAddress {
  address: string;
  port: number;
  family: 'ipv4' | 'ipv6';
}
export type Credentials =
  | { password: string }
  | { username: string; realm: string; password: string; algorithm?: 'md5' | 'sha-256' };
export type Check = 'valid' | 'invalid' | 'absent';

export interface StunAttribute {
  type: number;
  name: string; // IANA name, e.g. 'XOR-MAPPED-ADDRESS', or '0x8030' when unknown
  offset: number;
  length: number; // of the value, in bytes from the start of the message
  comprehension: 'required' | 'optional';
  value: unknown; // decoded by kind; Uint8Array when opaque or unknown
  raw: Uint8Array;
}
export interface StunMessage {
  readonly class: MessageClass;
  readonly method: Method;
  readonly dialect: 'rfc8489' | 'rfc3489';
  readonly transactionId: Uint8Array; // 12 bytes, 16 in the classic dialect
  readonly attributes: readonly StunAttribute[];
  readonly mappedAddress: TransportAddress | null; // XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS
  readonly username: string | null;
  readonly software: string | null;
  readonly realm: string | null;
  readonly nonce: string | null;
  readonly priority: number | null;
  readonly useCandidate: boolean;
  readonly iceControlling: bigint | null;
  readonly iceControlled: bigint | null;
  readonly errorCode: { code: number; reason: string } | null;
  readonly fingerprint: Check;
  get(attribute: string | number): unknown; // first of that name, decoded
  verify(credentials: Credentials): Check; // every integrity attribute present
  fields(): { name: string; start: number; end: number; text: string; children?: unknown[] }[]; // for a byte view
  toJSON(): object;
}
export class StunError extends Error {
  code: string;
  offset: number;
}
export interface MessageInit {
  class: MessageClass;
  method: Method;
  transactionId?: Uint8Array;
  dialect?: 'rfc8489' | 'rfc3489';
  attributes?: readonly (readonly [name: string | number, value?: unknown])[];
  integrity?: Credentials & { sha256?: boolean | 'both' };
  fingerprint?: boolean;
  padding?: number;
}
export function isStunMessage(bytes: Uint8Array): boolean; // RFC 7983 first byte, cookie, length
export function decodeMessage(bytes: Uint8Array): StunMessage;
export function encodeMessage(init: MessageInit): Uint8Array;

// ---------------------------------------------------------------- candidates, SDP, any text
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';
export interface Candidate {
  foundation: string;
  component: number;
  protocol: string;
  priority: number;
  priorityParts: { typePreference: number; localPreference: number; componentPart: number };
  address: string;
  addressKind: 'ipv4' | 'ipv6' | 'mdns' | 'fqdn';
  port: number;
  type: CandidateType | string;
  tcpType: 'active' | 'passive' | 'so' | null;
  relatedAddress: string | null;
  relatedPort: number | null;
  usernameFragment: string | null;
  extensions: readonly (readonly [name: string, value: string])[]; // everything after the fixed part, in order
  toJSON(): { candidate: string; sdpMid: string | null; sdpMLineIndex: number | null; usernameFragment: string | null };
  toString(): string; // byte-exact when unedited
}
export interface Diagnostic {
  code: string;
  severity: 'error' | 'warning' | 'info';
  message: string;
  line: number;
  column: number;
  start: number;
  end: number; // 1-based; UTF-16 offsets into the caller's text
  verdicts?: { rfc: string; chrome: string; firefox: string };
}
export function parseCandidate(text: string): { candidate: Candidate | null; diagnostics: Diagnostic[] };
export function formatCandidate(candidate: Partial<Candidate>): string;

export interface MediaSection {
  kind: string;
  port: number;
  protocol: string;
  formats: string[];
  mid: string | null;
  direction: string;
  candidates: Candidate[];
  remoteCandidates: { component: number; address: string; port: number }[];
  endOfCandidates: boolean;
  ice: { ufrag: string | null; pwd: string | null; options: string[]; lite: boolean; pacing: number | null };
  dtls: { setup: string | null; fingerprints: { hash: string; value: string }[] };
  attribute(name: string): string | true | null;
  attributes(name: string): string[];
}
export interface Sdp {
  session: {
    ice: MediaSection['ice'];
    groups: { semantics: string; mids: string[] }[];
    attribute(name: string): string | true | null;
  };
  media: MediaSection[];
  diagnostics: Diagnostic[];
  edit(): {
    setAttribute(section: number | 'session', name: string, value: string | true): void;
    removeAttribute(section: number | 'session', name: string): void;
    addCandidate(section: number, c: Partial<Candidate>): void;
    toString(): string;
  };
  toString(): string; // byte-exact
}
export function parseSdp(text: string): Sdp;
export type Finding = {
  kind: 'sdp' | 'candidate' | 'end-of-candidates' | 'stun';
  start: number;
  end: number;
  side: 'local' | 'remote' | null;
  value: unknown;
};
export function scan(input: string | Uint8Array): Finding[]; // logs, dumps, SIP, hex, base64, pcap, pcapng

// ---------------------------------------------------------------- ICE
export function candidatePriority(c: { type: CandidateType; localPreference?: number; component?: number }): number;
export function pairPriority(controlling: number, controlled: number): bigint;
export interface CheckListPair {
  local: Candidate;
  remote: Candidate;
  priority: bigint;
  foundation: string;
  component: number;
  state: 'frozen' | 'waiting' | 'in-progress' | 'succeeded' | 'failed';
}
export function formCheckList(
  local: readonly Candidate[],
  remote: readonly Candidate[],
  options: { controlling: boolean; limit?: number },
): { pairs: CheckListPair[]; pruned: { local: Candidate; remote: Candidate; rule: string }[] };

/** Sans-IO RFC 8445 agent. Times are milliseconds on the caller's monotonic clock. */
export class IceAgent {
  constructor(options: {
    controlling: boolean;
    lite?: boolean;
    nomination?: 'regular' | 'aggressive';
    tieBreaker?: bigint;
    pacing?: number;
    components?: number;
  });
  readonly localCredentials: { ufrag: string; pwd: string };
  setRemoteCredentials(c: { ufrag: string; pwd: string }): void;
  addLocalCandidate(c: Partial<Candidate> & { base?: TransportAddress }): void;
  addRemoteCandidate(c: Candidate | string): void;
  endOfLocalCandidates(): void;
  endOfRemoteCandidates(): void;
  receive(
    now: number,
    packet: { local: TransportAddress; remote: TransportAddress; protocol: 'udp' | 'tcp'; bytes: Uint8Array },
  ): void;
  timeout(now: number): void;
  pollTransmit(): {
    local: TransportAddress;
    remote: TransportAddress;
    protocol: 'udp' | 'tcp';
    bytes: Uint8Array;
  } | null;
  pollTimeout(): number | null; // when to call timeout()
  pollEvent(): IceEvent | null;
  restart(): void;
  close(): void;
  readonly state: 'new' | 'checking' | 'connected' | 'completed' | 'failed' | 'disconnected' | 'closed';
  readonly checkList: CheckListPair[];
  readonly selectedPair: CheckListPair | null;
}
export type IceEvent = { type: string; time: number; rule?: string; why: string; [detail: string]: unknown };

// ---------------------------------------------------------------- NAT
export type Mapping = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';
export type Filtering = Mapping;
export interface Axis<T> {
  value: T | 'unknown' | 'ambiguous' | 'inconsistent' | 'not-applicable';
  confidence: number;
  evidence: number[];
  why: string;
}
export interface Observation {
  base: string;
  destination: string;
  from?: string;
  mapped?: string | null;
  test?: string;
  source: string;
  time?: number;
}
export interface NatReport {
  paths: {
    family: 4 | 6;
    base: string;
    exits: string[];
    mapping: Axis<Mapping>;
    filtering: Axis<Filtering>;
    hairpin: Axis<boolean>;
    lifetime: Axis<number>;
    ports: Axis<string>;
    pooling: Axis<string>;
    levels: Axis<string>;
    alg: Axis<boolean>;
    classic:
      | 'open'
      | 'full cone'
      | 'restricted cone'
      | 'port restricted cone'
      | 'symmetric'
      | 'symmetric firewall'
      | 'blocked'
      | 'cone'
      | 'unknown';
  }[];
  observations: Observation[];
  warnings: { code: string; text: string }[];
  complete: boolean;
}
export function inferNat(observations: readonly Observation[]): NatReport;
export function predictTraversal(
  a: { mapping: Mapping; filtering: Filtering },
  b: { mapping: Mapping; filtering: Filtering },
  options?: { filterScope?: 'endpoint' | 'mapping' },
): { direct: boolean; pair: string | null; why: string };
/** Sans-IO RFC 3489 / RFC 5780 client; same poll shape as IceAgent. */
export class NatDiscovery {
  constructor(options: {
    procedure: 'rfc3489' | 'rfc5780';
    server: TransportAddress;
    tests?: ('mapping' | 'filtering' | 'hairpin' | 'lifetime')[];
  });
}
/** Sans-IO STUN and TURN server; same poll shape. */
export class StunServer {
  constructor(options: object);
}

// ---------------------------------------------------------------- simulation
export interface NatSpec {
  preset?: string;
  mapping?: Mapping;
  filtering?: Filtering;
  filterScope?: 'endpoint' | 'mapping';
  [parameter: string]: unknown;
}
export class Simulation {
  constructor(scenario: object | string); // a scenario, or the name of a built-in one
  run(until?: number): SimulationResult;
  step(): object | null;
  readonly trace: object[];
  toPcapng(): Uint8Array;
}
export interface SimulationResult {
  outcome: 'direct' | 'relayed' | 'failed';
  selected: CheckListPair | null;
  elapsed: number;
  packets: number;
}
export function traversalMatrix(options?: { kinds?: NatSpec[]; relay?: boolean; seed?: number }): {
  kinds: string[];
  cells: SimulationResult[][];
};

// ---------------------------------------------------------------- 'icelens/browser'
export interface IceLensBrowser {
  gatherCandidates(
    config: object,
    options?: { timeout?: number; signal?: unknown; onCandidate?(c: Candidate): void },
  ): Promise<{ candidates: Candidate[]; errors: object[]; report: NatReport }>;
  probeNat(
    config: object,
    options?: { filtering?: boolean; hairpin?: boolean; signal?: unknown; onProgress?(p: object): void },
  ): Promise<NatReport>;
  watchPairs(pc: object, options: { interval?: number; onUpdate(pairs: object[]): void }): { stop(): void };
}

// ---------------------------------------------------------------- 'icelens/node'
/** W3C RTCIceTransport extension over node:dgram and node:net; `send` and 'data' carry what the caller likes. */
export interface IceTransport extends EventTarget {
  readonly role: 'controlling' | 'controlled' | null;
  readonly state: string;
  readonly gatheringState: 'new' | 'gathering' | 'complete';
  gather(options?: { gatherPolicy?: 'all' | 'relay'; iceServers?: object[] }): void;
  start(
    remoteParameters: { usernameFragment: string; password: string; iceLite?: boolean },
    role?: 'controlling' | 'controlled',
  ): void;
  stop(): void;
  addRemoteCandidate(candidate?: object | null): void;
  getLocalCandidates(): Candidate[];
  getRemoteCandidates(): Candidate[];
  getSelectedCandidatePair(): { local: Candidate; remote: Candidate } | null;
  getLocalParameters(): { usernameFragment: string; password: string };
  getRemoteParameters(): { usernameFragment: string; password: string } | null;
  send(data: Uint8Array): void; // events: statechange, gatheringstatechange, icecandidate, selectedcandidatepairchange, data, log
}
