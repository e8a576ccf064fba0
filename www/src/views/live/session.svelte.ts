import { type PairRow, watchPairs } from 'icelens/browser';
import { type CandidateRow, candidateRow, MAX_CANDIDATES } from './candidates';
import { Log } from './log.svelte';
import { mergePairs, type PairRecord, pairEvents, roundTrip } from './pairs';
import type { ServerUrl } from './servers';
import type { ServerError } from './verdicts';

/** Where a run stands. */
export type Phase = 'idle' | 'starting' | 'checking' | 'connected' | 'failed' | 'stopped';

export interface Credentials {
  username: string;
  credential: string;
}

/** How often getStats is asked, ms. */
export const POLL_MS = 50;
/** Most server errors kept. */
const MAX_ERRORS = 100;

/** Whether the browser has what Live needs. */
export function hasWebRtc(): boolean {
  return typeof globalThis.RTCPeerConnection === 'function' && 'createDataChannel' in RTCPeerConnection.prototype;
}

/** The `iceServers` entries: one per URL, so that errors and candidates can be told apart. */
export function iceServers(servers: readonly ServerUrl[], credentials: Credentials): RTCIceServer[] {
  return servers.map((server) =>
    server.scheme.startsWith('turn') ? { urls: server.url, ...credentials } : { urls: server.url },
  );
}

/** Two RTCPeerConnections in this page: the left one offers and controls, the right one answers. */
export class Session {
  phase = $state<Phase>('idle');
  servers = $state.raw<readonly ServerUrl[]>([]);
  local = $state.raw<readonly CandidateRow[]>([]);
  remote = $state.raw<readonly CandidateRow[]>([]);
  /** When gathering ended, ms after start; null while it goes on. */
  localDone = $state<number | null>(null);
  remoteDone = $state<number | null>(null);
  errors = $state.raw<readonly ServerError[]>([]);
  pairs = $state.raw<readonly PairRecord[]>([]);
  /** First valid pair, and connected, ms after start. */
  firstPairAt = $state<number | null>(null);
  connectedAt = $state<number | null>(null);
  /** ms since start, ticking while the run goes on. */
  now = $state(0);
  /** What went wrong before ICE began, in the browser's words. */
  refusal = $state<string | null>(null);
  readonly log = new Log();

  left: RTCPeerConnection | null = null;
  right: RTCPeerConnection | null = null;
  #watch: { stop(): void } | null = null;
  #start = 0;
  #clock: ReturnType<typeof setInterval> | undefined;
  #tellData: (left: RTCPeerConnection, right: RTCPeerConnection) => void;

  /** `onPeers` gets the connections before the offer is made, to open its channels. */
  constructor(onPeers: (left: RTCPeerConnection, right: RTCPeerConnection) => void) {
    this.#tellData = onPeers;
  }

  get running(): boolean {
    return this.phase === 'starting' || this.phase === 'checking' || this.phase === 'connected';
  }

  /** The pair in use; after the end, the last that was. */
  get selected(): PairRecord | null {
    return (
      this.pairs.find((p) => p.inUse) ??
      this.pairs.reduce<PairRecord | null>(
        (best, p) => (p.inUseAt !== null && p.inUseAt > (best?.inUseAt ?? -1) ? p : best),
        null,
      )
    );
  }

  elapsed(): number {
    return performance.now() - this.#start;
  }

  async start(
    servers: readonly ServerUrl[],
    credentials: Credentials,
    iceTransportPolicy: RTCIceTransportPolicy,
  ): Promise<void> {
    this.stop();
    this.#reset(servers);
    try {
      const configuration = { iceServers: iceServers(servers, credentials), iceTransportPolicy };
      const left = new RTCPeerConnection(configuration);
      this.left = left;
      const right = new RTCPeerConnection(configuration);
      this.right = right;
      this.#listen(left, right);
      this.#tellData(left, right);
      this.#watch = watchPairs(left, {
        interval: POLL_MS,
        onUpdate: (rows) => {
          if (this.left === left) this.#takePairs(rows);
        },
      });
      this.#clock = setInterval(() => {
        this.now = this.elapsed();
      }, 250);
      this.log.add(0, 'log.start', { n: servers.length });
      await this.#negotiate(left, right);
      if (this.left === left && this.phase === 'starting') this.phase = 'checking';
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
      this.#close();
      this.phase = 'failed';
    }
  }

  /** New ufrag and password, new checks (RFC 8445 §9). */
  async restartIce(): Promise<void> {
    const { left, right } = this;
    if (!left || !right || !this.running) return;
    try {
      this.log.add(this.elapsed(), 'log.restart', {}, 'RFC 8445 §9');
      this.localDone = null;
      this.remoteDone = null;
      left.restartIce();
      await this.#negotiate(left, right);
    } catch (error) {
      this.log.add(this.elapsed(), 'log.refused', { reason: String(error) }, null, 'bad');
    }
  }

  stop() {
    if (!this.running) return;
    this.log.add(this.elapsed(), 'log.stop');
    this.#close();
    this.phase = 'stopped';
  }

  #reset(servers: readonly ServerUrl[]) {
    this.#start = performance.now();
    this.phase = 'starting';
    this.servers = servers;
    this.local = [];
    this.remote = [];
    this.localDone = null;
    this.remoteDone = null;
    this.errors = [];
    this.pairs = [];
    this.firstPairAt = null;
    this.connectedAt = null;
    this.refusal = null;
    this.now = 0;
    this.log.clear();
  }

  #close() {
    this.now = this.elapsed();
    clearInterval(this.#clock);
    this.#watch?.stop();
    this.#watch = null;
    this.left?.close();
    this.right?.close();
    this.left = null;
    this.right = null;
  }

  async #negotiate(left: RTCPeerConnection, right: RTCPeerConnection) {
    await left.setLocalDescription();
    if (left.localDescription) await right.setRemoteDescription(left.localDescription);
    this.log.add(this.elapsed(), 'log.offer', {}, 'RFC 8839 §4.2');
    await right.setLocalDescription();
    if (right.localDescription) await left.setRemoteDescription(right.localDescription);
    this.log.add(this.elapsed(), 'log.answer', {}, 'RFC 8839 §4.2');
  }

  #listen(left: RTCPeerConnection, right: RTCPeerConnection) {
    left.onicecandidate = ({ candidate }) => this.#takeCandidate('local', candidate, right, left);
    right.onicecandidate = ({ candidate }) => this.#takeCandidate('remote', candidate, left, left);
    left.onicecandidateerror = (event) => {
      if (this.left !== left || this.errors.length >= MAX_ERRORS) return;
      const { url, errorCode: code, errorText: text } = event;
      this.errors = [...this.errors, { url: url ?? '', code, text: text ?? '', at: this.elapsed() }];
      this.log.add(this.elapsed(), 'log.serverError', { url: url ?? '', code, text: text || '–' }, null, 'bad');
    };
    left.onconnectionstatechange = () => {
      if (this.left === left) this.#connection(left.connectionState);
    };
  }

  #connection(state: RTCPeerConnectionState) {
    const at = this.elapsed();
    if (state === 'connected') {
      this.phase = 'connected';
      this.connectedAt ??= at;
      this.log.add(at, 'log.connected', {}, null, 'good');
    } else if (state === 'failed') {
      this.phase = 'failed';
      this.log.add(at, 'log.failed', {}, 'RFC 8445 §8.1.2', 'bad');
    } else if (state === 'disconnected') {
      this.log.add(at, 'log.disconnected', {}, 'RFC 7675 §5.1', 'bad');
    }
  }

  #takeCandidate(
    side: 'local' | 'remote',
    candidate: RTCIceCandidate | null,
    other: RTCPeerConnection,
    left: RTCPeerConnection,
  ) {
    if (this.left !== left) return;
    const at = this.elapsed();
    // Failing to add a candidate is the browser's verdict on its own candidate; the log tells it.
    other.addIceCandidate(candidate ?? undefined).catch((error) => {
      this.log.add(this.elapsed(), 'log.notAdded', { reason: String(error) }, null, 'bad');
    });
    if (candidate === null || candidate.candidate === '') {
      if (side === 'local') this.localDone ??= at;
      else this.remoteDone ??= at;
      if (candidate === null)
        this.log.add(at, side === 'local' ? 'log.localDone' : 'log.remoteDone', {}, 'RFC 8838 §13');
      return;
    }
    const row = candidateRow(candidate, at);
    if (!row) return;
    const rows = this[side];
    if (rows.length < MAX_CANDIDATES && !rows.some((r) => r.id === row.id)) this[side] = [...rows, row];
  }

  #takePairs(rows: readonly PairRow[]) {
    const at = this.elapsed();
    const after = mergePairs(this.pairs, rows, { local: this.local, remote: this.remote }, at);
    for (const { pair, what } of pairEvents(this.pairs, after)) this.#logPair(pair, what, at);
    this.pairs = after;
    if (this.firstPairAt === null && after.some((p) => p.state === 'succeeded'))
      this.firstPairAt = Math.min(at, this.connectedAt ?? at);
  }

  #logPair(pair: PairRecord, what: string, at: number) {
    const values = { local: pair.local.type, remote: pair.remote.type, port: pair.remote.port };
    if (what === 'prflx') this.log.add(at, 'log.prflx', values, 'RFC 8445 §7.3.1.3');
    else if (what === 'succeeded') {
      this.log.add(at, 'log.succeeded', { ...values, rtt: roundTrip(pair.rtt) }, 'RFC 8445 §7.2.5.3', 'good');
    } else if (what === 'failed')
      this.log.add(at, 'log.pairFailed', { ...values, n: pair.sent }, 'RFC 8445 §7.2.5.2', 'bad');
    else if (what === 'nominated') this.log.add(at, 'log.nominated', values, 'RFC 8445 §8.1.1');
    else if (what === 'selected') this.log.add(at, 'log.selected', values, 'RFC 8445 §8.1.1', 'good');
  }
}
