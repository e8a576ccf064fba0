/** What a permalink of Simulate holds: the run, and the population where that is shown. */
import type { ViewLink } from '../index';
import { capture, restore, simulate } from './model.svelte';
import { capturePopulation, population, restorePopulation } from './population/model.svelte';

export const simulateLink: ViewLink = {
  capture: () => ({
    ...capture(simulate),
    ...(simulate.mode === 'population' ? { population: capturePopulation(population) } : {}),
  }),
  restore(state) {
    if (!restore(simulate, state)) return false;
    const left = restorePopulation(population, (state as { population?: unknown }).population);
    simulate.left = [...simulate.left, ...left];
    return true;
  },
};
