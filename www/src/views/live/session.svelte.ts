import type { PairRow } from 'icelens/browser';
import { engine } from '../../app/engine.svelte';
import { nothingLeft } from './answer';
import { type CandidateRow, candidateRow, MAX_CANDIDATES } from './candidates';
import { Log, type LogDetails, type LogEntry } from './log.svelte';
import {
  type End,
  isHidden,
  mergePairs,
  noLaterThan,
  type PairEvent,
  type PairRecord,
  pairEvents,
  roundTrip,
} from './pairs';
import type { Recording } from './recording';
import type { ServerUrl } from './servers';
import type { ServerError } from './verdicts';

/** Stage of a run. */
export type Phase = 'idle' | 'starting' | 'checking' | 'connected' | 'failed' | 'stopped';

export interface Credentials {
  username: string;
  credential: string;
}

/** How often getStats is asked, ms. */
export const POLL_MS = 50;
/** How long after its last candidate a restart may go without a pair in use before the page says that none is, ms. */
const RESTART_PATIENCE_MS = 2000;
/** Most generations kept besides the one that runs. */
const MAX_PAST = 16;

/** A generation that a restart ended, as it was seen (RFC 8445 §9). */
export interface Generation {
  local: readonly CandidateRow[];
  remote: readonly CandidateRow[];
  pairs: readonly PairRecord[];
  firstPairAt: number | null;
  connectedAt: number | null;
}

/** `host 10.0.0.1:5000`; a hidden address leaves the port. A `.local` name stays whole; the log shortens it. */
function named({ type, address, port }: End): string {
  if (isHidden(address)) return `${type} :${port}`;
  return `${type} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Username fragments in a description (RFC 8839 §5.4). */
const ufragsIn = (sdp: string) => [...sdp.matchAll(/^a=ice-ufrag:(\S+)/gm)].flatMap(([, ufrag]) => ufrag ?? []);

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
  /** Only relayed candidates were asked for. */
  relayOnly = $state(false);
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
  /** Error before ICE began, in the browser's words. */
  refusal = $state<string | null>(null);
  /** Why a part of the page that a run takes could not be fetched. */
  unfetched = $state<string | null>(null);
  /** 1 until ICE restarts. */
  generation = $state(1);
  /** The generations before, oldest first. */
  past = $state.raw<readonly Generation[]>([]);
  /** A pair of before a restart that data goes over until one of this generation is selected (RFC 8445 §9). */
  carried = $state.raw<PairRecord | null>(null);
  /** Consent ran out on the selected pair, and it has not come back (RFC 7675). */
  interrupted = $state(false);
  /** True when the session on show was recorded elsewhere. */
  recorded = $state(false);
  readonly log = new Log();

  left: RTCPeerConnection | null = null;
  right: RTCPeerConnection | null = null;
  #watch: { stop(): void } | null = null;
  #start = 0;
  /** Counts the starts, so that one that was overtaken while the engine came does nothing. */
  #run = 0;
  /** The connection whose offer is on its way; another one would cross it. */
  #negotiating: RTCPeerConnection | null = null;
  /** Pairs as last told: the watch speaks only when one changes. */
  #told: readonly PairRow[] = [];
  /** When the pairs were asked before, ms after start. */
  #asked = 0;
  /** Ids of pairs and ufrags of local candidates that a restart ended. */
  #ended = { pairs: new Set<string>(), ufrags: new Set<string>() };
  #clock: ReturnType<typeof setInterval> | undefined;
  #tellData: (left: RTCPeerConnection, right: RTCPeerConnection) => void;

  /** `onPeers` gets the connections before the offer is made, to open its channels. */
  constructor(onPeers: (left: RTCPeerConnection, right: RTCPeerConnection) => void) {
    this.#tellData = onPeers;
  }

  get running(): boolean {
    if (this.recorded) return false;
    return this.phase === 'starting' || this.phase === 'checking' || this.phase === 'connected';
  }

  /** Whether a side may still tell a candidate. */
  get gathering(): boolean {
    return this.localDone === null || this.remoteDone === null;
  }

  /** The pair in use; after the end, the last that was. */
  get selected(): PairRecord | null {
    return (
      this.carried ??
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
    this.#reset(servers, iceTransportPolicy === 'relay');
    const run = ++this.#run;
    const parts = await engine.browser().catch((error: unknown) => {
      if (run === this.#run) this.unfetched = error instanceof Error ? error.message : String(error);
    });
    if (run !== this.#run || this.phase !== 'starting') return;
    if (!parts) {
      this.phase = 'idle';
      return;
    }
    try {
      // Fetching the engine is not part of the connection.
      this.#start = performance.now();
      const configuration = { iceServers: iceServers(servers, credentials), iceTransportPolicy };
      const left = new RTCPeerConnection(configuration);
      this.left = left;
      const right = new RTCPeerConnection(configuration);
      this.right = right;
      this.#listen(left, right);
      this.#tellData(left, right);
      this.#watch = parts.watchPairs(left, {
        interval: POLL_MS,
        onUpdate: (rows) => {
          if (this.left === left) this.#takePairs(rows);
        },
      });
      this.#clock = setInterval(() => {
        this.now = this.elapsed();
        this.#settle();
      }, 250);
      this.#tell('log.start', { n: servers.length }, {}, 0);
      await this.#negotiate(left, right);
      if (this.left === left && this.phase === 'starting') this.phase = 'checking';
      this.#settle();
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
      this.#close();
      this.phase = 'failed';
    }
  }

  /** New ufrag and password, new checks (RFC 8445 §9). */
  async restartIce(): Promise<void> {
    const { left, right } = this;
    if (!left || !right || !this.running || this.#negotiating === left) return;
    try {
      this.#beginGeneration();
      left.restartIce();
      await this.#negotiate(left, right);
    } catch (error) {
      this.#tell('log.refused', { reason: String(error) }, { level: 'bad' });
    }
  }

  /** Puts the old generation away, and begins times anew. */
  #beginGeneration() {
    const { local, remote, pairs, firstPairAt, connectedAt } = this;
    this.past = [...this.past, { local, remote, pairs, firstPairAt, connectedAt }].slice(-MAX_PAST);
    for (const pair of pairs) this.#ended.pairs.add(pair.id);
    for (const ufrag of ufragsIn(this.left?.localDescription?.sdp ?? '')) this.#ended.ufrags.add(ufrag);
    this.generation++;
    this.#clear();
    this.carried = this.#carriedIn(this.#told, 0);
    this.phase = 'checking';
    this.#tell('log.restart', {}, { rfc: 'RFC 8445 §9' });
  }

  #tell(key: LogEntry['key'], values: LogEntry['values'] = {}, details: LogDetails = {}, at = this.elapsed()) {
    this.log.add(at, key, values, { generation: this.generation, ...details });
  }

  /** The data channel opened: ICE and DTLS were done by then, whenever the browser says so. */
  channelOpened(at: number) {
    this.#connectedBy(at);
    this.#tell('log.channel', {}, { level: 'good' }, at);
  }

  #connectedBy(at: number) {
    if (this.connectedAt !== null && this.connectedAt <= at) return;
    const first = this.connectedAt === null;
    this.connectedAt = at;
    if (this.running) this.phase = 'connected';
    if (first) this.#tell('log.connected', {}, { level: 'good' }, at);
  }

  stop() {
    if (!this.running) {
      this.#close();
      return;
    }
    this.#tell('log.stop');
    this.#close();
    this.phase = 'stopped';
  }

  /** Shows what was recorded; nothing runs. */
  adopt(from: Recording) {
    this.stop();
    this.#reset(from.servers, from.relayOnly);
    this.recorded = true;
    const { phase, refusal, interrupted, generation, now, localDone, remoteDone, errors, carried, past, current } =
      from;
    Object.assign(this, {
      phase,
      refusal,
      interrupted,
      generation,
      now,
      localDone,
      remoteDone,
      errors,
      carried,
      past,
      ...current,
    });
    this.log.entries = from.log;
  }

  /** As before the first start. */
  clear() {
    this.stop();
    this.#reset([], false);
    this.phase = 'idle';
  }

  #reset(servers: readonly ServerUrl[], relayOnly: boolean) {
    this.phase = 'starting';
    this.recorded = false;
    this.servers = servers;
    this.relayOnly = relayOnly;
    this.errors = [];
    this.refusal = null;
    this.unfetched = null;
    this.interrupted = false;
    this.generation = 1;
    this.past = [];
    this.#ended = { pairs: new Set(), ufrags: new Set() };
    this.#told = [];
    this.log.clear();
    this.#clear();
  }

  /** Nothing is known of this generation yet, and its time begins. */
  #clear() {
    this.#start = performance.now();
    this.#asked = 0;
    this.local = [];
    this.remote = [];
    this.localDone = null;
    this.remoteDone = null;
    this.pairs = [];
    this.carried = null;
    this.firstPairAt = null;
    this.connectedAt = null;
    this.now = 0;
  }

  #close() {
    if (this.left) this.now = this.elapsed();
    clearInterval(this.#clock);
    this.#watch?.stop();
    this.#watch = null;
    this.left?.close();
    this.right?.close();
    this.left = null;
    this.right = null;
  }

  async #negotiate(left: RTCPeerConnection, right: RTCPeerConnection) {
    this.#negotiating = left;
    try {
      await this.#exchange(left, right);
    } finally {
      if (this.#negotiating === left) this.#negotiating = null;
    }
  }

  async #exchange(left: RTCPeerConnection, right: RTCPeerConnection) {
    await left.setLocalDescription();
    if (left.localDescription) await right.setRemoteDescription(left.localDescription);
    this.#tell('log.offer', {}, { rfc: 'RFC 8839 §4.2' });
    await right.setLocalDescription();
    if (right.localDescription) await left.setRemoteDescription(right.localDescription);
    this.#tell('log.answer', {}, { rfc: 'RFC 8839 §4.2' });
  }

  #listen(left: RTCPeerConnection, right: RTCPeerConnection) {
    left.onicecandidate = ({ candidate }) => this.#takeCandidate('local', candidate, right, left);
    right.onicecandidate = ({ candidate }) => this.#takeCandidate('remote', candidate, left, left);
    left.onicecandidateerror = (event) => {
      if (this.left !== left || this.errors.length >= MAX_ERRORS) return;
      const { url, errorCode: code, errorText: text } = event;
      this.errors = [...this.errors, { url: url ?? '', code, text: text ?? '', at: this.elapsed() }];
      this.#tell('log.serverError', { url: url ?? '', code, text: text || '–' }, { level: 'bad' });
    };
    left.onconnectionstatechange = () => {
      if (this.left === left) this.#connection(left.connectionState);
    };
  }

  #connection(state: RTCPeerConnectionState) {
    this.interrupted = state === 'disconnected';
    if (state === 'connected') {
      this.phase = 'connected';
      this.#connectedBy(this.elapsed());
    } else if (state === 'failed') {
      this.phase = 'failed';
      this.#tell('log.failed', {}, { rfc: 'RFC 8445 §8.1.2', level: 'bad' });
    } else if (state === 'disconnected') {
      this.#tell('log.disconnected', {}, { rfc: 'RFC 7675 §5.1', level: 'bad' });
    }
  }

  /** Says at once that it failed when nothing is left to check, and of a restart when it goes on as before. */
  #settle() {
    this.#settleRestart();
    const { local, remote, pairs } = this;
    const done = !this.gathering && this.phase === 'checking' && this.generation === 1;
    if (!nothingLeft({ local, remote, pairs, done })) return;
    this.phase = 'failed';
    this.#tell('log.nothingLeft', {}, { rfc: 'RFC 8445 §8.1.2', level: 'bad' });
  }

  /**
   * Chromium may select no pair of the new generation and not check them either: while the pair of before holds, it leaves
   * those alone that it takes for no better. Data flows on, and the connection is one.
   */
  #settleRestart() {
    const { phase, carried, localDone, remoteDone } = this;
    if (phase !== 'checking' || carried === null || localDone === null || remoteDone === null) return;
    if (this.left?.connectionState !== 'connected') return;
    if (this.elapsed() < Math.max(localDone, remoteDone) + RESTART_PATIENCE_MS) return;
    this.phase = 'connected';
    const values = { local: named(carried.local), remote: named(carried.remote) };
    this.#tell('log.carried', values, { rfc: 'RFC 8445 §9' });
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
      this.#tell('log.notAdded', { reason: String(error) }, { level: 'bad' });
    });
    if (candidate === null || candidate.candidate === '') {
      if (side === 'local') this.localDone ??= at;
      else this.remoteDone ??= at;
      if (candidate === null)
        this.#tell(side === 'local' ? 'log.localDone' : 'log.remoteDone', {}, { rfc: 'RFC 8838 §13' }, at);
      this.#settle();
      return;
    }
    const row = candidateRow(candidate, at);
    if (!row) return;
    const rows = this[side];
    if (rows.length < MAX_CANDIDATES && !rows.some((r) => r.id === row.id)) this[side] = [...rows, row];
  }

  #takePairs(rows: readonly PairRow[]) {
    const at = this.elapsed();
    this.#told = rows;
    const own = rows.filter((row) => !this.#isEnded(row));
    const before = this.pairs;
    const after = mergePairs(before, own, { local: this.local, remote: this.remote }, at);
    const upTo = this.#upTo(before, after, at);
    this.pairs = noLaterThan(after, at, upTo);
    this.carried = this.#carriedIn(rows, at);
    for (const event of pairEvents(before, after)) this.#logPair(event, upTo);
    if (this.firstPairAt === null && after.some((p) => p.state === 'succeeded'))
      this.firstPairAt = Math.min(at, this.connectedAt ?? at);
    // After a restart the browser need not say that it is connected: it was all along.
    if (this.generation > 1 && this.connectedAt === null && after.some((p) => p.inUse)) this.#connectedBy(at);
    this.#asked = at;
    this.#settle();
  }

  /** Whether the pair is of a generation before. */
  #isEnded({ id, local }: PairRow): boolean {
    return this.#ended.pairs.has(id) || this.#ended.ufrags.has(local?.usernameFragment ?? '');
  }

  /** The pair of a generation before that the browser still uses; its times were on another clock. */
  #carriedIn(rows: readonly PairRow[], at: number): PairRecord | null {
    const used = rows.filter((row) => row.selected && this.#isEnded(row));
    const all = (side: 'local' | 'remote') => this.past.flatMap((generation) => generation[side]);
    const [pair] = mergePairs([], used, { local: all('local'), remote: all('remote') }, at);
    return pair ? { ...pair, checks: [], nominatedAt: null, inUseAt: null, succeededAt: null } : null;
  }

  /** The latest time at which what this look shows first can have been: being connected took a selected pair. */
  #upTo(before: readonly PairRecord[], after: readonly PairRecord[], at: number): number {
    const { connectedAt } = this;
    if (connectedAt === null || connectedAt < this.#asked || before.some((p) => p.state === 'succeeded')) return at;
    return after.filter((p) => p.state === 'succeeded').length === 1 ? Math.min(at, connectedAt) : at;
  }

  #logPair({ pair, what }: PairEvent, at: number) {
    const values = { local: named(pair.local), remote: named(pair.remote), port: pair.remote.port };
    const seen = { atMost: true };
    if (what === 'prflx') this.#logPrflx(pair, at);
    else if (what === 'succeeded') {
      const rtt = roundTrip(pair.rtt);
      this.#tell('log.succeeded', { ...values, rtt }, { ...seen, rfc: 'RFC 8445 §7.2.5.3', level: 'good' }, at);
    } else if (what === 'failed') {
      const details = { ...seen, rfc: 'RFC 8445 §7.2.5.2', level: 'bad' } as const;
      this.#tell('log.pairFailed', { ...values, n: pair.sent }, details, at);
    } else if (what === 'nominated') this.#tell('log.nominated', values, { ...seen, rfc: 'RFC 8445 §8.1.1' }, at);
    else if (what === 'selected') {
      this.#tell('log.selected', values, { ...seen, rfc: 'RFC 8445 §8.1.1', level: 'good' }, at);
    } else if (what === 'consent') {
      const details = { ...seen, rfc: 'RFC 7675 §5.1', generation: this.generation };
      this.log.again(at, 'log.consent', pair.id, { ...values, rtt: roundTrip(pair.rtt) }, details);
    }
  }

  /** A peer-reflexive remote candidate: nobody signalled its address, or the one who did hid it behind a name. */
  #logPrflx({ remote }: PairRecord, at: number) {
    const details = { atMost: true, rfc: 'RFC 8445 §7.3.1.3' };
    const same = this.remote.find(
      (c) => c.port === remote.port && c.protocol === remote.protocol && c.address.endsWith('.local'),
    );
    if (same) this.#tell('log.prflxNamed', { port: remote.port, name: same.address }, details, at);
    else this.#tell('log.prflx', { port: remote.port }, details, at);
  }
}
