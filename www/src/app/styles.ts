/** Style sheets of parts: the bundler asks for each once, so that one that could not be fetched is asked for again here. */

/** Pause before another try, ms. */
const PAUSE_MS = 1000;

export function refetchStyles() {
  const failed = ({ target }: Event) => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== 'stylesheet') return;
    setTimeout(() => target.replaceWith(target.cloneNode()), PAUSE_MS);
  };
  document.addEventListener('error', failed, true);
}
