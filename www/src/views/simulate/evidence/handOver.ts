/** Evidence that another view hands over: Simulate opens with the scenario made of it. */
import { keep, putBack } from '../../../app/keep';
import { simulateLink } from '../link';
import { simulate } from '../model.svelte';
import { evidence } from './model.svelte';

/** Opens *From evidence* with a text, or with the bytes of a capture. */
export async function simulateEvidence(input: string | Uint8Array, name: string | null) {
  // The view puts back what was kept of it when it is first opened.
  if (simulate.run === null) putBack('simulate', simulateLink);
  simulate.mode = 'evidence';
  keep('simulate', simulateLink);
  evidence.clear();
  evidence.text = typeof input === 'string' ? input : '';
  location.hash = 'simulate';
  await evidence.take(input, name);
}
