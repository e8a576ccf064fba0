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
  live: async () => (await import('./live/view')).view,
  simulate: async () => (await import('./simulate/view')).view,
  inspect: async () => (await import('./inspect/view')).view,
  echo: async () => (await import('./echo/view')).view,
};
