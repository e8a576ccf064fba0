/** Style sheets of parts: the bundler asks for each once, so that one that could not be fetched is asked for again here. */

/** Pause before another try, ms: it doubles with each, up to the longest. */
const PAUSE_MS = 1000;
const LONGEST_MS = 60_000;

export function refetchStyles() {
  const failed = ({ target }: Event) => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== 'stylesheet') return;
    const pause = Number(target.dataset.pause ?? PAUSE_MS);
    target.dataset.pause = String(Math.min(2 * pause, LONGEST_MS));
    // The copy has the pause of the next try.
    setTimeout(() => target.replaceWith(target.cloneNode()), pause);
  };
  document.addEventListener('error', failed, true);
}
