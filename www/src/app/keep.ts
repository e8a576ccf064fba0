/** State of the views, kept over a reload of the tab: in this tab's storage, so that it ends with the tab. */
import type { ViewLink } from '../views/index';

const STORE = 'icelens.view.';
/** Most characters kept of a view. */
const MAX_KEPT = 2 << 20;

export function keep(view: string, link: ViewLink) {
  try {
    const text = JSON.stringify((link.kept ?? link.capture)() ?? null);
    if (text.length <= MAX_KEPT) sessionStorage.setItem(STORE + view, text);
    else sessionStorage.removeItem(STORE + view);
  } catch {
    // Storage is full or switched off: a reload begins anew.
  }
}

/** Puts back what was kept; does nothing when there is none. */
export function putBack(view: string, link: ViewLink) {
  try {
    const state: unknown = JSON.parse(sessionStorage.getItem(STORE + view) ?? 'null');
    if (state !== null) link.restore(state);
  } catch {
    // As above, or not of this version.
  }
}
