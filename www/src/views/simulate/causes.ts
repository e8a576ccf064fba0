/** Causes of an outcome, in words. */
import type { SimulationCause } from 'icelens/sim';
import { known, t } from '../../i18n/index.svelte';
import type { RunResult } from './model/types';

const types = (pair: readonly string[] = []) => pair.join(' → ');

/** A cause as a sentence; `null` for a code that this page does not know. */
function sentence(cause: SimulationCause): string | null {
  const { code, host = '', from = '', to = '', network = '', packets = 0, rule = '', at = 0 } = cause;
  const key = known(`sim.cause.${code}`);
  const drop = known(`sim.drop.${rule}`);
  if (!key || (code === 'dropped' && !drop)) return null;
  const pairs = { fromTypes: types(cause.fromTypes), toTypes: types(cause.toTypes) };
  const why = drop ? t(drop) : '';
  return t(key, { host, from, to, ...pairs, network, n: packets, why, seconds: (at / 1000).toFixed(1) });
}

/** Why a call ended so; the engine's own sentence where a code is not known. */
export function whyWords({ causes, why }: Pick<RunResult, 'causes' | 'why'>): string {
  const sentences = causes.map(sentence);
  if (sentences.includes(null)) return `${why}.`;
  // A full-width stop has the space in itself.
  return sentences.join(' ').replaceAll('。 ', '。');
}
