/**
 * Candidates, NAT and candidate pairs by the RTCPeerConnection of a browser. Everything opened here is closed again when
 * a promise settles, a signal aborts or a watch stops.
 *
 * @packageDocumentation
 */
import { instantiate } from '#wasm/browser';
import { type Candidate, parseCandidate } from './candidate.js';
import type { NatReport, Observation } from './nat.js';
import { Instance } from './trap.js';

const wasm = /* @__PURE__ */ new Instance(instantiate);

/** A candidate and the URL of the server it came from: `null` for host candidates, and in Firefox, which does not tell. */
export type GatheredCandidate = Candidate & {
  /** URL of the server, as the browser writes it; `null` for host candidates and in Firefox. */
  url: string | null;
};

/** One `icecandidateerror`. */
export interface GatherError {
  /** The server. Chromium adds `?transport=udp` to TURN URLs. */
  url: string;
  /** A STUN error code such as 401, or 701: the server gave no answer. 701 is not fatal by itself. */
  errorCode: number;
  /** The browser's words; empty in Firefox. */
  errorText: string;
  /** The local address, masked unless the page may see it. */
  address: string | null;
  /** The local port. */
  port: number | null;
}

/** Options of `gatherCandidates` beside the configuration. */
export interface GatherOptions {
  /** Milliseconds after which to be content with what there is; 10 000 when absent. Chromium gives a dead server up after 40 s. */
  timeout?: number;
  /** Aborts the run: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called with each candidate as it comes. What it throws ends the run. */
  onCandidate?(candidate: GatheredCandidate): void;
}

/** Result of `gatherCandidates`. */
export interface Gathered {
  /** In the order of their events. */
  candidates: GatheredCandidate[];
  /** In the order of their events. */
  errors: GatherError[];
  /** Inference about the NAT from the candidates. */
  report: NatReport;
  /** Gathering ended by itself; false after a timeout. */
  complete: boolean;
}

/**
 * Gathers the candidates that `configuration` gives on a connection of its own with one data channel.
 *
 * Rejects with the browser's error where the configuration is refused.
 *
 * ```js
 * const { candidates, errors, report } = await gatherCandidates({ iceServers: [{ urls: 'stun:stun.example.org' }] });
 * ```
 */
export async function gatherCandidates(
  configuration: RTCConfiguration,
  options: GatherOptions = {},
): Promise<Gathered> {
  const { timeout = 10_000, signal, onCandidate } = options;
  requirePage();
  const told = (init: RawCandidate) => {
    const candidate = read(init);
    if (candidate !== null) onCandidate?.(candidate);
  };
  const raw: RawGathered = await wasm.call((it) =>
    it.browser_gather(configuration, milliseconds(timeout), signal, told),
  );
  const candidates = raw.candidates.map(read).filter((candidate) => candidate !== null);
  return { candidates, errors: raw.errors, report: reportOf(raw), complete: raw.complete };
}

/** Evidence that would settle an axis that a probe left open. */
export interface MissingEvidence {
  /** Stable code, for translations. */
  code: 'stun-server' | 'second-address' | 'second-port' | 'turn-server' | 'stun-elsewhere' | 'stun-at-turn';
  /** The axis it would settle. */
  axis: 'mapping' | 'filtering';
  /** Advice on what to add, as an English sentence. */
  text: string;
}

const MISSING: Record<MissingEvidence['code'], Omit<MissingEvidence, 'code'>> = {
  'stun-server': { axis: 'mapping', text: 'Add STUN servers to learn the mapping.' },
  'second-address': {
    axis: 'mapping',
    text: 'Add a STUN server on a second IP address to learn whether the mapping depends on the destination.',
  },
  'second-port': {
    axis: 'mapping',
    text: 'Add a second port of one of the STUN servers to learn whether the mapping depends on the port too.',
  },
  'turn-server': { axis: 'filtering', text: 'Add a TURN server to learn the filtering.' },
  'stun-elsewhere': {
    axis: 'filtering',
    text: "Add a STUN server, by IP address, that is not at the TURN server's address, to learn the filtering.",
  },
  'stun-at-turn': {
    axis: 'filtering',
    text: 'Add a TURN server that answers STUN at the address it relays from, to learn whether the filter depends on the port.',
  },
};

/** How far a probe is. */
export interface ProbeProgress {
  /** The step that was taken last. */
  phase: 'mapping' | 'filtering' | 'hairpin' | 'done';
  /** Milliseconds since the start. */
  elapsed: number;
  /** Inference from the observations so far. */
  report: NatReport;
  /** Evidence that would settle the axes that are open; during the probe, they may still close by themselves. */
  missing: MissingEvidence[];
  /** URLs of STUN servers that did not answer. */
  silent: string[];
  /** Errors that servers gave. */
  errors: GatherError[];
}

/** Options of `probeNat` beside the configuration. */
export interface ProbeOptions {
  /** Whether to test filtering, which takes a TURN server; true when absent. */
  filtering?: boolean;
  /** Whether to test hairpinning, which some firewalls log as an attack; false when absent. */
  hairpin?: boolean;
  /** Aborts the probe: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called after each step. What it throws ends the probe. */
  onProgress?(progress: ProbeProgress): void;
}

/** Result of `probeNat`: a report, and what it still needs. */
export interface ProbeReport extends NatReport {
  /** Milliseconds it took. */
  elapsed: number;
  /** Evidence that would settle the axes that are open. */
  missing: MissingEvidence[];
  /** URLs of STUN servers that did not answer. */
  silent: string[];
  /** Errors that servers gave. */
  errors: GatherError[];
}

/**
 * Probes the NAT that the page is behind.
 *
 * - Mapping takes STUN servers on two IP addresses, better two ports on each: one connection asks them all.
 * - Filtering takes a TURN server: packets from its relay come unasked to a socket that has only met a STUN server.
 * - What the servers can't tell stays `unknown`, with the reason; `missing` says what to add.
 *
 * Lifetime, ALG and fragments can't be seen from a browser. `iceTransportPolicy` is not heeded: a relay hides the NAT.
 *
 * ```js
 * const iceServers = [{ urls: ['stun:192.0.2.1', 'stun:192.0.2.2', 'stun:192.0.2.1:3479'] }];
 * const report = await probeNat({ iceServers }, { onProgress: ({ missing }) => console.log(missing) });
 * report.paths[0].mapping.value; // 'endpoint-independent'
 * ```
 */
export async function probeNat(configuration: RTCConfiguration, options: ProbeOptions = {}): Promise<ProbeReport> {
  const { filtering = true, hairpin = false, signal, onProgress } = options;
  requirePage();
  const told = onProgress && ((state: RawState) => onProgress(progress(state)));
  const last = progress(await wasm.call((it) => it.browser_probe(configuration, filtering, hairpin, signal, told)));
  const { report, elapsed, missing, silent, errors } = last;
  return { ...report, elapsed, missing, silent, errors };
}

/** One candidate as `getStats` shows it; `null` where the browser hides it. */
export interface PairCandidate {
  /** Id of the candidate in the statistics. */
  id: string;
  /** Whether it is a candidate of the other side. */
  isRemote: boolean;
  /** `host`, `srflx`, `prflx` or `relay`. */
  candidateType: string | null;
  /** An address, a `.local` name, or `null` where it is hidden, as that of a peer-reflexive candidate. */
  address: string | null;
  /** Port; `null` where it is hidden. */
  port: number | null;
  /** Transport protocol of the candidate: `udp` or `tcp`. */
  protocol: string | null;
  /** `active`, `passive` or `so` (RFC 6544 §4.5); `null` for UDP. */
  tcpType: string | null;
  /**
   * Protocol between the browser and its TURN server: `udp`, `tcp` or `tls`; `null` unless it is a local relay
   * candidate.
   */
  relayProtocol: string | null;
  /** URL of the STUN or TURN server it was gathered from; `null` for host and remote candidates. */
  url: string | null;
  /** Foundation (RFC 8445 §5.1.1.3). */
  foundation: string | null;
  /** Related address (`raddr`, RFC 8839 §5.1); `null` for host candidates. */
  relatedAddress: string | null;
  /** Related port (`rport`); `null` for host candidates. */
  relatedPort: number | null;
  /** Username fragment of the generation it belongs to. */
  usernameFragment: string | null;
  /** Kind of the local network, such as `wifi` or `ethernet`; browsers tell it only to some pages. */
  networkType: string | null;
  /** RFC 8445 §5.1.2.1. */
  priority: number | null;
}

/** Counters of a pair; `null` where the browser does not count. Times are seconds, timestamps milliseconds. */
export interface PairCounters {
  /** Round-trip time of the last answered request, in seconds. */
  currentRoundTripTime: number | null;
  /** Sum of all round-trip times, in seconds; divided by `responsesReceived` it is the mean. */
  totalRoundTripTime: number | null;
  /** Binding requests sent, retransmissions left aside. */
  requestsSent: number | null;
  /** Binding requests received. */
  requestsReceived: number | null;
  /** Binding responses sent. */
  responsesSent: number | null;
  /** Binding responses received. */
  responsesReceived: number | null;
  /** Consent requests sent (RFC 7675 §5.1). */
  consentRequestsSent: number | null;
  /** Bytes of payload sent, headers and connectivity checks left aside. */
  bytesSent: number | null;
  /** Bytes of payload received, headers and connectivity checks left aside. */
  bytesReceived: number | null;
  /** Packets sent, connectivity checks left aside. */
  packetsSent: number | null;
  /** Packets received, connectivity checks left aside. */
  packetsReceived: number | null;
  /** When the last packet was sent, in milliseconds since 1970. */
  lastPacketSentTimestamp: number | null;
  /** When the last packet was received, in milliseconds since 1970. */
  lastPacketReceivedTimestamp: number | null;
}

/** One candidate pair over its life. */
export interface PairRow {
  /** Id of the pair in the statistics. */
  id: string;
  /** `null` where the browser lists none. */
  local: PairCandidate | null;
  /** Remote candidate; `null` where the browser lists none. */
  remote: PairCandidate | null;
  /** As last reported; `cancelled` in Firefox only. */
  state: 'frozen' | 'waiting' | 'in-progress' | 'succeeded' | 'failed' | 'cancelled';
  /** Whether it was ever nominated; that does not mean selected. */
  nominated: boolean;
  /** Whether data goes over it now. */
  selected: boolean;
  /** Whether the browser lists it now: pairs that it drops stay in the table. */
  listed: boolean;
  /** Exact, by RFC 8445 §6.1.2.3; `null` while the role or a priority is not known. */
  priority: bigint | null;
  /** As the browser reports it: rounded to a double. */
  reportedPriority: number | null;
  /** Milliseconds from the start of the watch to the first sight of the pair. */
  firstSeen: number;
  /** Milliseconds from the start of the watch to the last change of state. */
  stateSince: number;
  /** Counters as last reported. */
  stats: PairCounters;
}

/** Options of `watchPairs`. */
export interface WatchOptions {
  /** Milliseconds between two looks; 250 when absent, at least 20. */
  interval?: number;
  /** Called with all pairs whenever one changed. */
  onUpdate(pairs: PairRow[]): void;
}

/**
 * Watches the candidate pairs of `connection` by `getStats` until `stop()`, or until the connection is closed.
 * Pairs stay in the list after they failed or were dropped.
 *
 * ```js
 * const watch = watchPairs(connection, { onUpdate: (pairs) => render(pairs) });
 * watch.stop();
 * ```
 */
export function watchPairs(
  connection: RTCPeerConnection,
  options: WatchOptions,
): {
  /** Ends the watch; calls after the first do nothing. */
  stop(): void;
} {
  const { interval = 250, onUpdate } = options;
  requirePage();
  let running = true;
  const told = (rows: PairRow[]) => {
    if (!running) return;
    try {
      onUpdate(rows);
    } catch (error) {
      reportError(error);
    }
  };
  const watch = wasm.call((it) => it.browser_watch(connection, milliseconds(Math.max(interval, 20)), told));
  return {
    stop() {
      if (running) wasm.call(() => watch.stop());
      running = false;
    },
  };
}

function requirePage(): void {
  if (typeof RTCPeerConnection === 'function') return;
  throw new TypeError('icelens/browser needs RTCPeerConnection: call it in a page, not in a worker or in Node');
}

interface RawCandidate extends RTCIceCandidateInit {
  url: string | null;
}

/** A report beside what it rests on. */
interface RawReport {
  report: Omit<NatReport, 'observations'>;
  observations: Observation[];
}

interface RawGathered extends RawReport {
  candidates: RawCandidate[];
  errors: GatherError[];
  complete: boolean;
}

interface RawState extends RawReport {
  phase: ProbeProgress['phase'];
  elapsed: number;
  missing: MissingEvidence['code'][];
  silent: string[];
  errors: GatherError[];
}

function read({ url, ...init }: RawCandidate): GatheredCandidate | null {
  const { candidate } = parseCandidate(JSON.stringify(init));
  return candidate && Object.assign(candidate, { url });
}

function reportOf({ report, observations }: RawReport): NatReport {
  return { ...report, observations };
}

function progress({ phase, elapsed, silent, errors, missing, ...raw }: RawState): ProbeProgress {
  return {
    phase,
    elapsed,
    report: reportOf(raw),
    silent,
    errors,
    missing: missing.map((code) => ({ code, ...MISSING[code] })),
  };
}

/** As a timer takes it. */
function milliseconds(value: number): number {
  if (!(value >= 0)) throw new RangeError(`${value} is not a number of milliseconds: give 0 or more`);
  return Math.min(Math.round(value), 0x7fffffff);
}
