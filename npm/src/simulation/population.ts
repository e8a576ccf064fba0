/** Many calls between hosts behind a mix of NATs. */
import type { WasmPopulation } from '#glue/sim';
import {
  optionalFunction,
  optionalSignal,
  requireArray,
  requireNumber,
  requireObject,
  requireUpTo,
  shown,
} from '../argument.js';
import { Machine } from '../trap.js';
import { telling } from './fault.js';
import type { NatSpec } from './result.js';
import { jsonOf, type SimExports, simWasm } from './wasm.js';

/** A share of the calls, with the 95 % interval of sampling; the mix has its own error. */
export interface Share {
  /** Calls divided by all calls, 0 to 1. */
  share: number;
  /** Number of calls. */
  calls: number;
  /** Low end of the interval, 0 to 1. */
  low: number;
  /** High end of the interval, 0 to 1. */
  high: number;
}

/** Times to connect in milliseconds; bins of 100 ms, the last has what is longer. */
export interface ConnectTimes {
  /** Time that half of the calls do not exceed; 0 without calls. */
  p50: number;
  /** Time that 90 % of the calls do not exceed; 0 without calls. */
  p90: number;
  /** Time that 99 % of the calls do not exceed; 0 without calls. */
  p99: number;
  /** Calls in each of the 50 bins. */
  histogram: number[];
}

/** Result of a population run. */
export interface Population {
  /** Calls without a relay. */
  direct: Share;
  /** Calls over a relay. */
  relayed: Share;
  /** Calls that did not connect. */
  failed: Share;
  /** By the kinds of both sides, whose indexes are those of the mix; kinds without calls are left out. */
  byKinds: {
    /** Index of the kind of the side that offers. */
    a: number;
    /** Index of the kind of the side that answers. */
    b: number;
    /** Calls between the two kinds. */
    calls: number;
    /** Calls of them over a relay. */
    relayed: number;
    /** Calls of them that did not connect. */
    failed: number;
    /** Seed of the first of them that ended worst: `traversalScenario` of the two kinds with it is that call. */
    seed: number;
  }[];
  /** Times of all calls that connected, of those without a relay, and of those over one. */
  timeToConnect: Record<'all' | 'direct' | 'relayed', ConnectTimes>;
}

/** Options of a population run. */
export interface PopulationOptions {
  /** Kinds of NAT and their shares. */
  mix: readonly {
    /** The kind. */
    nat: NatSpec;
    /** Weight of the kind; the weights of a mix need not sum to 1. */
    share: number;
    /** Origin of the figure, such as a publication. */
    source?: string;
  }[];
  /** How many calls. */
  calls: number;
  /** How the TURN server is reached, over TCP on port 443; none is there without. TLS is not simulated: `tls` throws. */
  turn?: readonly ('udp' | 'tcp' | 'tls')[];
  /** Chance of each packet to be lost, 0 to 1. */
  loss?: number;
  /** Seed. */
  seed?: number;
  /** Timers and choices of the agents. */
  profile?: 'rfc' | 'chrome' | 'firefox' | 'pion' | 'libnice';
  /** Called with the number of calls made. */
  onProgress?(done: number): void;
  /** Stops the run; it rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Calls made before the thread may do something else. */
const CALLS_AT_ONCE = 50;

/**
 * Many calls between hosts behind a mix of NATs.
 *
 * @throws TypeError when an option can't be read, with its place; the reason of the signal when that aborts.
 */
export async function simulatePopulation(options: PopulationOptions): Promise<Population> {
  requireObject('options', options);
  requireArray('options.mix', options.mix);
  requireNumber('options.calls', options.calls);
  const { onProgress, signal, turn = [], ...rest } = options;
  optionalFunction('options.onProgress', onProgress);
  optionalSignal('options.signal', signal);
  requireArray('options.turn', turn);
  const other = turn.find((protocol) => protocol !== 'udp' && protocol !== 'tcp');
  if (other !== undefined)
    throw new TypeError(`options.turn: TURN over ${shown(other)} is not simulated, only over udp and tcp`);
  const text = jsonOf('options', { ...rest, relay: turn.includes('udp'), relayTcp: turn.includes('tcp') });
  const make = (wasm: SimExports): WasmPopulation => new wasm.WasmPopulation(text);
  const population = telling(() => new Machine(simWasm, 'population', make), text);
  try {
    for (let done = 0; done < options.calls; ) {
      signal?.throwIfAborted();
      const made = telling(() => population.call((it) => it.advance(CALLS_AT_ONCE)));
      if (made === done) break;
      done = made;
      onProgress?.(done);
      await new Promise((resolve) => setTimeout(resolve));
    }
    return JSON.parse(population.call((it) => it.report()));
  } finally {
    population.free();
  }
}

function requireNotNegative(name: string, value: unknown): void {
  requireNumber(name, value);
  if (!Number.isFinite(value) || value < 0) throw new TypeError(`${name} must be 0 or more, not ${value}`);
}

/**
 * Megabits a second that a relay carries for so many calls at once: the mean, and what 99 % of times do not exceed.
 *
 * @param options `concurrent`: calls at once. `mediaKbps`: kilobits a second of one call.
 * @throws TypeError when one of the numbers is none, negative or infinite.
 */
export function relayBandwidth(
  population: { relayed: { share: number } },
  options: { concurrent: number; mediaKbps: number },
): {
  /** Mean, in megabits a second. */
  mean: number;
  /** Value that 99 % of times do not exceed, in megabits a second. */
  p99: number;
} {
  requireObject('population', population);
  requireObject('options', options);
  const { concurrent, mediaKbps } = options;
  requireUpTo('options.concurrent', concurrent, 0xffff_ffff);
  requireNotNegative('options.mediaKbps', mediaKbps);
  requireObject('population.relayed', population.relayed);
  const { share } = population.relayed;
  requireNotNegative('population.relayed.share', share);
  const [mean = 0, p99 = 0] = simWasm.call((wasm) => wasm.simRelayBandwidth(share, concurrent, mediaKbps));
  return { mean, p99 };
}
