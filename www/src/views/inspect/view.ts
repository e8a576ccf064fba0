import type { View } from '../parts';
import Inspect from './Inspect.svelte';
import { inspectLink } from './model.svelte';

/** All of the view: the build makes one file of it. */
export const view: View = { id: 'inspect', component: Inspect, link: inspectLink };
