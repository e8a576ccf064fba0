import type { Component } from 'svelte';
import type { ViewLink } from './index';

/** In the order of their tabs. */
export const VIEW_IDS = ['live', 'simulate', 'inspect', 'echo'] as const;
export type ViewId = (typeof VIEW_IDS)[number];

export interface View {
  id: ViewId;
  component: Component;
  link: ViewLink;
}

/** A view of that name, Live for any other. */
export const viewNamed = (name: string): ViewId => VIEW_IDS.find((id) => id === name) ?? 'live';

/** Each view with what it needs is a part of its own, fetched when it is first opened. */
export const PARTS: Record<ViewId, () => Promise<View>> = {
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
      import('./simulate/link'),
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
