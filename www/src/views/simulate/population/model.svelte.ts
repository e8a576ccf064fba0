import { boolean, LinkReader, oneOf, whole, within } from '../linkReader';
import { CLASSIC, PRESETS } from '../model/build';
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

/** A kind of a link's mix: undefined when its share is none, or its NAT is no device that is known. */
function kindOf(value: unknown): Kind | undefined {
  const { nat, share, source } = (value ?? {}) as Partial<Kind>;
  if (within(0, 100)(share) === undefined || typeof nat !== 'object' || nat === null) return undefined;
  const { preset, classic } = nat as NatChoice;
  const known = preset ? PRESETS.includes(preset) : CLASSIC.some((name) => name === classic);
  const name = preset ? { preset } : { classic };
  if (!known) return undefined;
  return { nat: name as NatChoice, share: share as number, source: SOURCES.find((one) => one === source) ?? 'yours' };
}

/** Takes the mix of a link: the name of one, or kinds. */
function restoreMix(into: PopulationRun, link: LinkReader, mix: unknown): void {
  if (mix === undefined) return;
  if (typeof mix === 'string' && Object.hasOwn(MIXES, mix)) {
    into.choose(mix as MixName);
    return;
  }
  if (!Array.isArray(mix)) {
    link.leave('mix', mix);
    return;
  }
  const kinds = mix.slice(0, MAX_KINDS).flatMap((one, index) => {
    const kind = kindOf(one);
    if (!kind) link.leave(`mix[${index}]`, one);
    return kind ?? [];
  });
  if (kinds.length > 0) into.mix = kinds;
}

/** Takes what a permalink holds, and gives what it did not take; the engine checks the NATs when it runs. */
export function restorePopulation(into: PopulationRun, state: unknown): readonly string[] {
  if (state === undefined) return [];
  if (typeof state !== 'object' || state === null) return [`population: ${JSON.stringify(state)}`];
  const link = new LinkReader(state, 'population.');
  restoreMix(into, link, (state as { mix?: unknown }).mix);
  into.calls = link.read<number>('calls', oneOf(CALLS), into.calls);
  into.seed = link.read('seed', whole(0, 2 ** 32 - 1), into.seed);
  into.turnUdp = link.read('turnUdp', boolean, into.turnUdp);
  into.turnTcp = link.read('turnTcp', boolean, into.turnTcp);
  into.loss = link.read('loss', within(0, 1), into.loss);
  into.filterScope = link.read('filterScope', oneOf(['mapping', 'endpoint'] as const), 'mapping');
  into.profile = link.read('profile', oneOf(PROFILES), 'rfc');
  into.concurrent = link.read('concurrent', whole(1, 1e6), into.concurrent);
  into.mediaKbps = link.read('mediaKbps', whole(1, 1e5), into.mediaKbps);
  return link.left;
}
