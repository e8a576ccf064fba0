import type { NatChoice } from './model/types';
import { simulate } from './model.svelte';
import type { Population } from './worker/protocol';

/** A kind of the mix, and where its share comes from. Shares are percent of hosts; they need not sum to 100. */
export interface Kind {
  nat: NatChoice;
  share: number;
}

/** Assumed, all of them: no source gives shares of the devices of a service's users. */
const ASSUMED: readonly Kind[] = [
  { nat: { classic: 'open' }, share: 6 },
  { nat: { preset: 'carrier-grade' }, share: 14 },
  { nat: { classic: 'restricted cone' }, share: 20 },
  { nat: { preset: 'home' }, share: 45 },
  { nat: { preset: 'mobile-hard' }, share: 8 },
  { nat: { preset: 'corporate' }, share: 4 },
  { nat: { preset: 'udp-blocked' }, share: 3 },
];
export const CALLS = [200, 1000, 5000] as const;

export class PopulationRun {
  mix = $state<Kind[]>(ASSUMED.map((kind) => ({ ...kind })));
  calls = $state<number>(200);
  seed = $state(1);
  turnUdp = $state(true);
  turnTcp = $state(false);
  /** 0 to 1. */
  loss = $state(0);
  concurrent = $state(1000);
  mediaKbps = $state(500);
  done = $state(0);
  running = $state(false);
  problem = $state<string | null>(null);
  result = $state.raw<Population | null>(null);
  /** The kinds that the result is of. */
  kinds = $state.raw<readonly Kind[]>([]);
  readonly total = $derived(this.mix.reduce((sum, { share }) => sum + share, 0));

  async start() {
    if (this.running) return;
    const kinds = $state.snapshot(this.mix).filter(({ share }) => share > 0) as Kind[];
    const { calls, turnUdp, turnTcp, loss, seed, concurrent, mediaKbps } = this;
    const turn = [...(turnUdp ? (['udp'] as const) : []), ...(turnTcp ? (['tcp'] as const) : [])];
    this.running = true;
    this.done = 0;
    this.problem = null;
    try {
      const options = { mix: kinds, calls, turn, loss, seed };
      const ask = { kind: 'population' as const, options, concurrent, mediaKbps };
      this.result = await simulate.thread.ask(ask, (done) => (this.done = done));
      this.kinds = kinds;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.running = false;
    }
  }
}

export const population = new PopulationRun();
