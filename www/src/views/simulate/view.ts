import type { View } from '../parts';
import { simulateLink } from './link';
import Simulate from './Simulate.svelte';

/** All of the view: the build makes one file of it. */
export const view: View = { id: 'simulate', component: Simulate, link: simulateLink };
