import { announce } from '../../app/announce.svelte';
import { readStored, writeStored } from '../../app/stored';
import { t } from '../../i18n/index.svelte';
import type { ViewLink } from '../index';
import { HostAddresses } from './hostAddresses.svelte';
import { NatProbe } from './nat.svelte';
import { isHidden, type PairRecord } from './pairs';
import type { Origin, Recording } from './recording';
import { CHECK_MS, ServerCheck } from './serverCheck.svelte';
import { needsCredentials, parseServers } from './servers';
import { Session } from './session.svelte';
import { Data } from './transfer.svelte';
import { type ServerVerdict, serverVerdicts } from './verdicts';

const STORE = 'icelens.live';
/** Longest server list kept or taken from a link. */
const MAX_TEXT = 8192;
const MAX_SECRET = 1024;
/** Longest wait for the page's own list of servers. */
const DEFAULTS_MS = 2000;

interface Stored {
  /** Absent for the page's own. */
  servers?: string;
  username: string;
  /** Only when asked for. */
  credential?: string;
}

function loadStored(): Partial<Stored> {
  const raw = readStored(STORE);
  if (typeof raw !== 'object' || raw === null) return {};
  const from = raw as Record<string, unknown>;
  const read = (key: string, max: number) => {
    const value = from[key];
    return typeof value === 'string' && value.length <= max ? value : undefined;
  };
  return {
    servers: read('servers', MAX_TEXT),
    username: read('username', MAX_SECRET),
    credential: read('credential', MAX_SECRET),
  };
}

/** Live's state; it outlives the component, so that another view can be opened while a call goes on. */
export class Live {
  servers = $state('');
  username = $state('');
  credential = $state('');
  remember = $state(false);
  /** Only relayed candidates: what a peer behind the strictest NAT has. */
  relayOnly = $state(false);
  /** Whether the server field shows as text rather than as verdicts. */
  editing = $state(true);
  /** The pair that is looked at; null follows the one in use. */
  chosen = $state<string | null>(null);
  readonly data: Data;
  readonly session: Session;
  readonly nat = new NatProbe();
  readonly check = new ServerCheck();
  readonly hosts = new HostAddresses();
  /** When and in which browser what is shown was recorded; null for a session of this page. */
  recorded = $state.raw<{ when: string; browser: string; dataReady: number | null } | null>(null);
  #touched = false;
  /** Servers that came with a link: while they stand there, nothing is kept on this machine. */
  #linked: string | null = null;
  #offered: Promise<void> | null = null;

  readonly list = $derived(parseServers(this.servers));
  readonly needsCredentials = $derived(needsCredentials(this.list.servers));

  constructor() {
    const stored = loadStored();
    if (stored.servers !== undefined) {
      this.servers = stored.servers;
      this.#touched = true;
    }
    this.username = stored.username ?? '';
    this.credential = stored.credential ?? '';
    this.remember = stored.credential !== undefined;
    this.data = new Data(
      () => this.session.elapsed(),
      (at) => this.session.channelOpened(at),
    );
    this.session = new Session((left, right) => this.data.attach(left, right));
  }

  /** Asks for the servers that come with the page, once; Start waits for them. */
  offerDefaults(): Promise<void> {
    this.#offered ??= this.#loadDefaults();
    return this.#offered;
  }

  /** Fills in the page's servers, unless the user has a list of their own. */
  async #loadDefaults(): Promise<void> {
    if (this.#touched || this.servers !== '') return;
    try {
      const answer = await fetch('ice-servers', { signal: AbortSignal.timeout(DEFAULTS_MS) });
      const entries: unknown = answer.ok ? await answer.json() : null;
      if (!Array.isArray(entries) || this.#touched) return;
      const urls = entries.flatMap((entry: { urls?: unknown } | null) => entry?.urls);
      const text = urls.filter((url) => typeof url === 'string').join('\n');
      if (text.length <= MAX_TEXT) this.servers = text;
    } catch {
      // A page that is served without the worker has no defaults: the field starts empty.
    }
  }

  touch() {
    this.#touched = true;
    this.save();
  }

  /**
   * The servers came with a link: they are shown, and what is kept on this machine stays as it is. A password that is kept
   * is for the servers that are kept.
   */
  adopted() {
    this.#touched = true;
    const isOwn = this.servers === loadStored().servers;
    this.#linked = isOwn ? null : this.servers;
    if (!isOwn) this.credential = '';
  }

  /** An empty list takes the page's own servers again. */
  async refill(): Promise<void> {
    if (this.servers.trim() !== '') return;
    this.servers = '';
    this.#touched = false;
    this.#offered = null;
    this.save();
    await this.offerDefaults();
  }

  save() {
    if (this.servers === this.#linked) return;
    const stored: Stored = { username: this.username.slice(0, MAX_SECRET) };
    if (this.servers.trim() !== '') stored.servers = this.servers.slice(0, MAX_TEXT);
    if (this.remember) stored.credential = this.credential.slice(0, MAX_SECRET);
    writeStored(STORE, stored);
  }

  get credentials() {
    return { username: this.username, credential: this.credential };
  }

  /** Why Start can't run, or null. */
  get obstacle() {
    if (this.needsCredentials && (this.username === '' || this.credential === ''))
      return 'live.needCredentials' as const;
    if (this.relayOnly && !this.needsCredentials) return 'live.needTurn' as const;
    return null;
  }

  get verdicts(): ServerVerdict[] {
    const { session, nat, check } = this;
    return serverVerdicts({
      servers: session.servers,
      candidates: check.candidates,
      errors: [...session.errors, ...nat.errors, ...check.errors],
      complete: check.complete,
      probe: nat,
      now: this.#asked,
    });
  }

  /** How long servers were asked, ms: gathering ends when the peers connect, the check after a while. */
  get #asked(): number {
    const { localDone, now } = this.session;
    return localDone === null ? now : Math.min(now, Math.max(localDone, CHECK_MS));
  }

  /** The pair that the detail pane shows. */
  get shown(): PairRecord | null {
    return this.session.pairs.find((p) => p.id === this.chosen) ?? this.session.selected;
  }

  async start(): Promise<void> {
    // By keys a field that was emptied starts before it has lost the focus.
    await (this.#touched ? this.refill() : this.offerDefaults());
    if (this.obstacle !== null) return;
    this.recorded = null;
    this.chosen = null;
    this.editing = false;
    const { servers } = this.list;
    void this.nat.run(servers, this.credentials, false);
    void this.check.run(servers, this.credentials);
    await this.session.start(servers, this.credentials, this.relayOnly ? 'relay' : 'all');
  }

  /** Gathers anew with the addresses of this machine in the open, if the browser and its user allow it. */
  showHosts(): Promise<void> {
    return this.hosts.show(async () => {
      await this.start();
      return this.session.left;
    });
  }

  /** Whether the browser hides the addresses of this machine; a name may come later than the pairs of its candidate. */
  get hidesHosts(): boolean {
    if (this.recorded !== null) return false;
    const { local, pairs } = this.session;
    const ends = [...local, ...pairs.map((pair) => pair.local)];
    return ends.some(({ type, address }) => type === 'host' && (isHidden(address) || address.endsWith('.local')));
  }

  /** Shows a recorded session, which can be read and not changed. */
  openRecording(recording: Recording) {
    this.stop();
    this.data.forget();
    const { when, browser, dataReady } = recording;
    this.recorded = { when, browser, dataReady };
    this.chosen = null;
    this.editing = false;
    this.session.adopt(recording);
    this.check.adopt(recording.check);
    void this.nat.adopt(recording.nat);
  }

  closeRecording() {
    this.recorded = null;
    this.editing = true;
    this.session.clear();
    this.check.adopt({ candidates: [], errors: [], complete: false });
    void this.nat.adopt({ observations: [], silent: [], errors: [], elapsed: 0 });
  }

  /** When what is shown was seen, and in which browser. */
  get origin(): Origin {
    const { when, browser } = this.recorded ?? { when: new Date().toISOString(), browser: navigator.userAgent };
    return { when, browser };
  }

  /** When the data channel opened, ms after start; null while it is not. */
  get dataReady(): number | null {
    return this.recorded === null ? this.data.ready : this.recorded.dataReady;
  }

  stop() {
    this.session.stop();
    this.data.detach();
    this.nat.cancel();
    this.check.cancel();
    announce(t('live.stopped'));
  }
}

export const live = new Live();

export const liveLink: ViewLink = {
  capture: () =>
    live.servers.trim() === ''
      ? null
      : { servers: live.servers, username: live.username || undefined, relayOnly: live.relayOnly || undefined },
  restore(state) {
    const from = state as { servers?: unknown; username?: unknown; relayOnly?: unknown } | null;
    if (typeof from?.servers !== 'string' || from.servers.length > MAX_TEXT) return false;
    live.servers = from.servers;
    if (typeof from.username === 'string' && from.username.length <= MAX_SECRET) live.username = from.username;
    live.relayOnly = from.relayOnly === true;
    live.editing = true;
    live.adopted();
    return true;
  },
  note: () => (live.username === '' ? null : 'live.linkNote'),
};
