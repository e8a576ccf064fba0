import type { Component } from 'svelte';
import { type Key, loadWords } from '../i18n/index.svelte';

/** State that a view gives to a permalink and takes from one. */
export interface ViewLink {
  /** The state to put in a link, as JSON; null when there is none. Never passwords. */
  capture(): unknown;
  /** Takes what `capture` gave, or anything else: every field is checked. Returns false when nothing was usable. */
  restore(state: unknown): boolean;
  /** Sentence of "Copy link" about the content of the link, when that needs saying. */
  note?(): Key | null;
}

export type ViewId = 'live' | 'simulate' | 'inspect' | 'echo';

export interface View {
  id: ViewId;
  component: Component;
  link: ViewLink;
}

/** Each view with what it needs is a part of its own, fetched when it is first opened. */
const LOADERS: Record<ViewId, () => Promise<View>> = {
  async live() {
    const [{ default: component }, { liveLink: link }] = await Promise.all([
      import('./live/Live.svelte'),
      import('./live/model.svelte'),
    ]);
    return { id: 'live', component, link };
  },
  async simulate() {
    const [{ default: component }, { simulateLink: link }] = await Promise.all([
      import('./simulate/Simulate.svelte'),
      import('./simulate/model.svelte'),
    ]);
    return { id: 'simulate', component, link };
  },
  async inspect() {
    const [{ default: component }, { inspectLink: link }] = await Promise.all([
      import('./inspect/Inspect.svelte'),
      import('./inspect/model.svelte'),
    ]);
    return { id: 'inspect', component, link };
  },
  async echo() {
    const [{ default: component }, { echoLink: link }] = await Promise.all([
      import('./echo/Echo.svelte'),
      import('./echo/model.svelte'),
    ]);
    return { id: 'echo', component, link };
  },
};

const loading = new Map<ViewId, Promise<View>>();

/** The view, fetched once; after a failure the next call tries again. */
export function loadView(id: ViewId): Promise<View> {
  const known = loading.get(id);
  if (known) return known;
  const made = Promise.all([LOADERS[id](), loadWords(id)]).then(([view]) => view);
  loading.set(id, made);
  made.catch(() => loading.delete(id));
  return made;
}
