import { type Key, loadWords } from '../i18n/index.svelte';
import { PARTS, type View, type ViewId } from './parts';

export type { View, ViewId } from './parts';

/** State that a view gives to a permalink and takes from one. */
export interface ViewLink {
  /** The state to put in a link, as JSON; null when there is none. Never passwords. */
  capture(): unknown;
  /** The state for a reload of the tab, where that is more than a link may hold. */
  kept?(): unknown;
  /** Takes what `capture` or `kept` gave, or anything else: every field is checked. Returns false when nothing was usable. */
  restore(state: unknown): boolean;
  /** Sentence of "Copy link" about the content of the link, when that needs saying. */
  note?(): Key | null;
}

const loading = new Map<ViewId, Promise<View>>();

/** The view, fetched once; after a failure the next call tries again. */
export function loadView(id: ViewId): Promise<View> {
  const known = loading.get(id);
  if (known) return known;
  const made = Promise.all([PARTS[id](), loadWords(id)]).then(([view]) => view);
  loading.set(id, made);
  made.catch(() => loading.delete(id));
  return made;
}
