/** The part of the engine that works with RTCPeerConnection: fetched beside the first view, awaited when it is needed. */

type Browser = typeof import('icelens/browser');

let fetched: Promise<Browser> | null = null;

export const engine = {
  /** Rejects when it can't be fetched; the next call tries again. */
  browser(): Promise<Browser> {
    fetched ??= import('icelens/browser').catch((error: unknown) => {
      fetched = null;
      throw error;
    });
    return fetched;
  },
};
