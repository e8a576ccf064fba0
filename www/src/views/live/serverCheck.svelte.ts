import type { GatheredCandidate } from 'icelens/browser';
import { engine } from '../../app/engine.svelte';
import type { Recording } from './recording';
import type { ServerUrl } from './servers';
import { type Credentials, iceServers } from './session.svelte';
import type { ServerError } from './verdicts';

/** How long servers are waited for, ms. Chrome itself waits 40 s for a dead one. */
export const CHECK_MS = 12_000;

/** A candidate of the check: what a verdict on its server looks at. */
export interface CheckedCandidate {
  type: string;
  url: string | null;
  at: number;
}

/**
 * Asks every server on a connection of its own that never connects: browsers end the gathering of a connection as soon
 * as it is up, which in one page is after some tens of milliseconds.
 */
export class ServerCheck {
  candidates = $state.raw<readonly CheckedCandidate[]>([]);
  errors = $state.raw<readonly ServerError[]>([]);
  /** Gathering ended by itself. */
  complete = $state(false);
  #abort: AbortController | null = null;

  async run(servers: readonly ServerUrl[], credentials: Credentials): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.candidates = [];
    this.errors = [];
    this.complete = false;
    const mine = () => this.#abort === abort;
    try {
      const { gatherCandidates } = await engine.browser();
      if (!mine()) return;
      const start = performance.now();
      const gathered = await gatherCandidates(
        { iceServers: iceServers(servers, credentials) },
        {
          timeout: CHECK_MS,
          signal: abort.signal,
          onCandidate: ({ type, url }: GatheredCandidate) => {
            if (mine()) this.candidates = [...this.candidates, { type, url, at: performance.now() - start }];
          },
        },
      );
      if (!mine()) return;
      const at = performance.now() - start;
      this.errors = gathered.errors.map(({ url, errorCode: code, errorText: text }) => ({ url, code, text, at }));
      this.complete = gathered.complete;
    } catch {
      // The browser refused the configuration: the peers were refused too, and the page says why. Or it was cancelled.
    }
  }

  /** Shows what was recorded. */
  adopt({ candidates, errors, complete }: Recording['check']) {
    this.cancel();
    Object.assign(this, { candidates, errors, complete });
  }

  cancel() {
    this.#abort?.abort();
    this.#abort = null;
  }
}
