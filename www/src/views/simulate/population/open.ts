/** One call of a population, as a scenario that is run again. */
import { twoNats } from '../model/build';
import type { Scenario } from '../model/types';
import { simulate } from '../model.svelte';
import type { PopulationAsk } from '../worker/protocol';

/** The kinds of the side that offers and of the one that answers, as indexes into the mix, and the seed. */
export interface Call {
  a: number;
  b: number;
  seed: number;
}

/** What that very call is made of: the same networks, servers, loss, agents and seed. Null for a kind that the mix lacks. */
function partsOf(asked: PopulationAsk, { a, b, seed }: Call) {
  const [one, two] = [asked.mix[a]?.nat, asked.mix[b]?.nat];
  if (!one || !two) return null;
  const { turn, loss, profile } = asked;
  const [relay, relayTcp] = [turn.includes('udp'), turn.includes('tcp')];
  return { a: one, b: two, relay, relayTcp, loss, seed, profileA: profile, profileB: profile };
}

/** The scenario of a call. */
export function scenarioOf(asked: PopulationAsk, call: Call): Scenario | null {
  const parts = partsOf(asked, call);
  return parts && twoNats(parts);
}

/** Opens a call as a run. */
export function openCall(asked: PopulationAsk, call: Call): void {
  const parts = partsOf(asked, call);
  if (!parts) return;
  const { a, b, ...rest } = parts;
  Object.assign(simulate, rest);
  void simulate.runTwo(a, b);
}
