import type { View } from '../parts';
import Echo from './Echo.svelte';
import { echoLink } from './model.svelte';

/** All of the view: the build makes one file of it. */
export const view: View = { id: 'echo', component: Echo, link: echoLink };
