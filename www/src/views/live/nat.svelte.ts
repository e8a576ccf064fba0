import type { NatReport } from 'icelens';
import { type MissingEvidence, probeNat } from 'icelens/browser';
import type { ServerUrl } from './servers';
import { type Credentials, iceServers } from './session.svelte';

/** The measurement behind the NAT pane: on sockets of its own, beside the two peers. */
export class NatProbe {
  report = $state.raw<NatReport | null>(null);
  missing = $state.raw<readonly MissingEvidence[]>([]);
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
    this.failure = null;
    this.elapsed = 0;
    this.hairpinAsked = hairpin;
    this.phase = 'mapping';
    try {
      const configuration = { iceServers: iceServers(servers, credentials) };
      const last = await probeNat(configuration, {
        hairpin,
        signal: abort.signal,
        onProgress: ({ report, missing, elapsed, phase }) => {
          if (!mine()) return;
          this.report = report;
          this.missing = missing;
          this.elapsed = elapsed;
          // The phase told is the one that ended.
          this.phase = phase === 'mapping' ? 'filtering' : phase;
        },
      });
      if (!mine()) return;
      this.report = last;
      this.missing = last.missing;
      this.elapsed = last.elapsed;
      this.phase = 'done';
    } catch (error) {
      if (!mine()) return;
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
