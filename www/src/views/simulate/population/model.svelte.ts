import type { NatChoice, RunResult } from '../model/types';
import { simulate } from '../model.svelte';
import { type Bandwidth, type Population, type PopulationAsk, PROFILES, type Profile } from '../worker/protocol';
import { type Kind, MIXES, type MixName, mixOf, type Source, sourcesOf } from './mixes';
import { type Call, scenarioOf } from './open';
import { type Remedy, remedies } from './remedies';
import { betweenKinds } from './who';

export const CALLS = [200, 1000, 5000, 10_000] as const;
/** Calls that are run again by themselves at most. */
const MAX_SINGLE = 40;
/** Most kinds that a permalink may bring. */
const MAX_KINDS = 64;

/** A remedy with the run in which it was tried; `null` until that is done. */
export type Tried = Remedy & { result: Population | null };

/** A call of the population, run again by itself. */
export type SingleCall = Call & { result: RunResult };

export class PopulationRun {
  mix = $state<Kind[]>(copy(MIXES.assumed));
  calls = $state<number>(200);
  seed = $state(1);
  turnUdp = $state(true);
  turnTcp = $state(false);
  /** 0 to 1. */
  loss = $state(0);
  filterScope = $state<'mapping' | 'endpoint'>('mapping');
  profile = $state<Profile>('rfc');
  concurrent = $state(1000);
  mediaKbps = $state(500);
  done = $state(0);
  running = $state(false);
  problem = $state<string | null>(null);
  result = $state.raw<Population | null>(null);
  /** The question that the result answers. */
  asked = $state.raw<PopulationAsk | null>(null);
  tried = $state.raw<readonly Tried[]>([]);
  bandwidth = $state.raw<Bandwidth | null>(null);
  /** The first call of each two kinds that ended worst, failed ones first, then by their time. */
  single = $state.raw<readonly SingleCall[]>([]);
  #run = 0;
  readonly total = $derived(this.mix.reduce((sum, { share }) => sum + share, 0));
  readonly mixName = $derived(mixOf(this.mix));
  readonly sources = $derived(sourcesOf(this.mix));

  choose(name: MixName) {
    this.mix = copy(MIXES[name]);
  }

  setShare(kind: Kind, share: number) {
    kind.share = share;
    kind.source = 'yours';
  }

  /** Part of all hosts that a kind is, 0 to 1. */
  part({ share }: Kind): number {
    return this.total > 0 ? share / this.total : 0;
  }

  async start() {
    if (this.running) return;
    const run = ++this.#run;
    const { calls, turnUdp, turnTcp, loss, seed, profile, filterScope } = this;
    const kinds = this.mix.filter(({ share }) => share > 0);
    const mix = kinds.map(({ nat, share }) => ({ nat: { ...nat, filterScope }, share }));
    const turn = [...(turnUdp ? (['udp'] as const) : []), ...(turnTcp ? (['tcp'] as const) : [])];
    const asked = { mix, calls, turn, loss, seed, profile };
    this.running = true;
    this.done = 0;
    this.problem = null;
    try {
      this.result = await this.#ask(asked, (done) => (this.done = done));
      this.asked = asked;
      this.single = [];
      this.tried = remedies(asked).map((remedy) => ({ ...remedy, result: null }));
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.running = false;
    }
    if (this.problem === null) await this.#single(run);
    if (this.problem === null) await this.#try(run);
  }

  /** What the relay carries for the calls at once that are asked for; it needs no other run. */
  async plan() {
    const { result, concurrent, mediaKbps } = this;
    if (!result) return;
    const options = { relayed: result.relayed.share, concurrent, mediaKbps };
    const bandwidth = await simulate.thread.ask({ kind: 'bandwidth', options });
    if (result === this.result && concurrent === this.concurrent && mediaKbps === this.mediaKbps)
      this.bandwidth = bandwidth;
  }

  /** Runs the calls that stand for two kinds each, those of many calls first. */
  async #single(run: number) {
    const { result, asked } = this;
    if (!result || !asked) return;
    const between = betweenKinds(result).sort((one, other) => other.calls - one.calls);
    const calls = between.slice(0, MAX_SINGLE).map(({ worst }) => worst);
    try {
      const scenarios = calls.flatMap((call) => scenarioOf(asked, call) ?? []);
      const results = await simulate.thread.ask({ kind: 'results', scenarios });
      if (run !== this.#run) return;
      const single = calls.flatMap((call, at) => (results[at] ? [{ ...call, result: results[at] }] : []));
      const last = ({ result }: SingleCall) => (result.outcome === 'failed' ? Infinity : (result.elapsed ?? 0));
      this.single = single.sort((one, other) => (last(one) === last(other) ? 0 : last(other) - last(one)));
    } catch (error) {
      if (run === this.#run) this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Runs the remedies one after the other, until another run begins. */
  async #try(run: number) {
    for (const { name, ask } of this.tried) {
      try {
        const result = await this.#ask(ask);
        if (run !== this.#run) return;
        this.tried = this.tried.map((one) => (one.name === name ? { ...one, result } : one));
      } catch (error) {
        if (run === this.#run) this.problem = error instanceof Error ? error.message : String(error);
        return;
      }
    }
  }

  #ask(options: PopulationAsk, onProgress?: (done: number) => void): Promise<Population> {
    return simulate.thread.ask({ kind: 'population', options }, onProgress);
  }
}

function copy(mix: readonly Kind[]): Kind[] {
  return mix.map((kind) => ({ ...kind, nat: { ...kind.nat } }));
}

export const population = new PopulationRun();

/** What a permalink holds of a population. */
export function capturePopulation(from: PopulationRun) {
  const { calls, seed, turnUdp, turnTcp, loss, filterScope, profile, concurrent, mediaKbps, mixName } = from;
  const mix = mixName ?? from.mix.map(({ nat, share, source }) => ({ nat, share, source }));
  return { mix, calls, seed, turnUdp, turnTcp, loss, filterScope, profile, concurrent, mediaKbps };
}

const SOURCES: readonly Source[] = ['ford2005', 'halkes2011', 'libp2p2025', 'assumed', 'yours'];

function kindOf(value: unknown): Kind | null {
  const { nat, share, source } = (value ?? {}) as Partial<Kind>;
  const isShare = typeof share === 'number' && share >= 0 && share <= 100;
  if (!isShare || typeof nat !== 'object' || nat === null) return null;
  const { preset, classic } = nat as NatChoice;
  const name = preset ? { preset } : { classic };
  if (typeof (preset || classic) !== 'string') return null;
  return { nat: name as NatChoice, share, source: SOURCES.find((one) => one === source) ?? 'yours' };
}

/** Takes what a permalink holds; the engine checks the NATs when it runs. */
export function restorePopulation(into: PopulationRun, state: unknown): void {
  if (typeof state !== 'object' || state === null) return;
  const { mix, calls, seed, turnUdp, turnTcp, loss, filterScope, profile, concurrent, mediaKbps } = state as Record<
    string,
    unknown
  >;
  const within = (value: unknown, least: number, most: number, otherwise: number) =>
    typeof value === 'number' && value >= least && value <= most ? value : otherwise;
  const whole = (value: unknown, least: number, most: number, otherwise: number) =>
    Math.trunc(within(value, least, most, otherwise));
  if (typeof mix === 'string' && Object.hasOwn(MIXES, mix)) into.choose(mix as MixName);
  const kinds = Array.isArray(mix) ? mix.slice(0, MAX_KINDS).flatMap((one) => kindOf(one) ?? []) : [];
  if (kinds.length > 0) into.mix = kinds;
  into.calls = CALLS.find((one) => one === calls) ?? into.calls;
  into.seed = whole(seed, 0, 2 ** 32 - 1, into.seed);
  if (typeof turnUdp === 'boolean') into.turnUdp = turnUdp;
  if (typeof turnTcp === 'boolean') into.turnTcp = turnTcp;
  into.loss = within(loss, 0, 1, into.loss);
  into.filterScope = filterScope === 'endpoint' ? 'endpoint' : 'mapping';
  into.profile = PROFILES.find((one) => one === profile) ?? 'rfc';
  into.concurrent = whole(concurrent, 1, 1e6, into.concurrent);
  into.mediaKbps = whole(mediaKbps, 1, 1e5, into.mediaKbps);
}
