import type { Component } from 'svelte';
import type { Key } from '../i18n/index.svelte';
import Echo from './echo/Echo.svelte';
import { echoLink } from './echo/model.svelte';
import Inspect from './inspect/Inspect.svelte';
import { inspectLink } from './inspect/model.svelte';
import Live from './live/Live.svelte';
import { liveLink } from './live/model.svelte';

/** What a view gives to a permalink and takes from one. */
export interface ViewLink {
  /** The state to put in a link, as JSON; null when there is none. Never passwords. */
  capture(): unknown;
  /** Takes what `capture` gave, or anything else: every field is checked. Returns false when nothing was usable. */
  restore(state: unknown): boolean;
  /** What "Copy link" says the link holds, when that needs saying. */
  note?(): Key | null;
}

export interface View {
  id: 'live' | 'inspect' | 'echo';
  component: Component;
  link: ViewLink;
}

/** The views, found by id; `App.svelte` holds the order of their tabs. */
export const views: readonly View[] = [
  { id: 'live', component: Live, link: liveLink },
  { id: 'inspect', component: Inspect, link: inspectLink },
  { id: 'echo', component: Echo, link: echoLink },
];
