import type { View } from '../parts';
import Live from './Live.svelte';
import { liveLink } from './model.svelte';

/** All of the view: the build makes one file of it. */
export const view: View = { id: 'live', component: Live, link: liveLink };
