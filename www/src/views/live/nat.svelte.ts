import type { NatReport } from 'icelens';
import type { MissingEvidence, ProbeReport } from 'icelens/browser';
import { engine } from '../../app/engine.svelte';
import type { Recording } from './recording';
import type { ServerUrl } from './servers';
import { type Credentials, iceServers } from './session.svelte';
import type { ServerError } from './verdicts';

/** The measurement behind the NAT pane: on sockets of its own, beside the two peers. */
export class NatProbe {
  report = $state.raw<NatReport | null>(null);
  missing = $state.raw<readonly MissingEvidence[]>([]);
  /** URLs of STUN servers that did not answer. */
  silent = $state.raw<readonly string[]>([]);
  errors = $state.raw<readonly ServerError[]>([]);
  phase = $state<'idle' | 'mapping' | 'filtering' | 'hairpin' | 'done' | 'failed'>('idle');
  /** ms so far, or that the finished measurement took. */
  elapsed = $state(0);
  failure = $state<string | null>(null);
  hairpinAsked = $state(false);
  #abort: AbortController | null = null;

  get running(): boolean {
    return this.phase === 'mapping' || this.phase === 'filtering' || this.phase === 'hairpin';
  }

  /** Destinations that answered. A candidate dropped as equal to another has no address, yet stands for an answer. */
  get heard(): ReadonlySet<string> {
    const answered = this.report?.observations.filter((o) => o.mapped !== null && o.error === undefined) ?? [];
    return new Set(answered.map((o) => o.destination));
  }

  async run(servers: readonly ServerUrl[], credentials: Credentials, hairpin: boolean): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    const mine = () => this.#abort === abort;
    this.report = null;
    this.missing = [];
    this.silent = [];
    this.errors = [];
    this.failure = null;
    this.elapsed = 0;
    this.hairpinAsked = hairpin;
    this.phase = 'mapping';
    try {
      const { probeNat } = await engine.browser();
      if (!mine()) return;
      const configuration = { iceServers: iceServers(servers, credentials) };
      const last = await probeNat(configuration, {
        hairpin,
        signal: abort.signal,
        onProgress: ({ report, phase, ...state }) => {
          if (!mine()) return;
          this.#take(report, state);
          // The phase told is the one that ended.
          this.phase = phase === 'mapping' ? 'filtering' : phase;
        },
      });
      if (!mine()) return;
      this.#take(last, last);
      this.phase = 'done';
    } catch (error) {
      if (!mine()) return;
      this.failure = error instanceof Error ? error.message : String(error);
      this.phase = 'failed';
    }
  }

  #take(report: NatReport, state: Pick<ProbeReport, 'missing' | 'silent' | 'errors' | 'elapsed'>) {
    this.report = report;
    this.missing = state.missing;
    this.silent = state.silent;
    this.errors = state.errors.map(({ url, errorCode: code, errorText: text }) => ({
      url,
      code,
      text,
      at: state.elapsed,
    }));
    this.elapsed = state.elapsed;
  }

  /** Shows what was recorded: what was observed, and what follows from it. */
  async adopt({ observations, silent, errors, elapsed }: Recording['nat']): Promise<void> {
    this.cancel();
    Object.assign(this, { report: null, missing: [], failure: null, phase: 'idle', silent, errors, elapsed });
    if (observations.length === 0) return;
    try {
      const { inferNat } = await import('./inferNat');
      this.report = inferNat(observations);
      this.phase = 'done';
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.phase = 'failed';
    }
  }

  /** Ends a measurement that is under way; what was seen stays. */
  cancel() {
    this.#abort?.abort();
    this.#abort = null;
    if (this.running) this.phase = this.report ? 'done' : 'idle';
  }
}
