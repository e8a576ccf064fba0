/** The part of the engine that works with RTCPeerConnection: fetched beside the first view, awaited when it is needed. */

type Browser = typeof import('icelens/browser');

let fetched: Promise<Browser> | null = null;
let failure = $state<string | null>(null);

export const engine = {
  /** Why it did not load; null while it may. */
  get failure(): string | null {
    return failure;
  },

  browser(): Promise<Browser> {
    fetched ??= import('icelens/browser').catch((error: unknown) => {
      fetched = null;
      failure = error instanceof Error ? error.message : String(error);
      throw error;
    });
    return fetched;
  },
};
