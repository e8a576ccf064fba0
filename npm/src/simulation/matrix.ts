/** Every pair of NATs, each a run of two agents. */
import { requireObject } from '../argument.js';
import { telling } from './fault.js';
import { type NatSpec, type RawResult, resultOf, type Scenario, type SimulationResult } from './result.js';
import { jsonOf, simWasm } from './wasm.js';

/** The outcome of every pair of kinds, row by row, the offerer's kind first. */
export interface TraversalMatrix {
  /** Names of the kinds. */
  kinds: string[];
  /** One row for each kind of the offerer. */
  cells: SimulationResult[][];
}

/** Options of a matrix. */
export interface TraversalMatrixOptions {
  /** The kinds; the nine pairs of mapping and filtering when absent. */
  kinds?: readonly NatSpec[];
  /** A TURN server is there. */
  relay?: boolean;
  /** A TURN server is there, and is asked over TCP on port 443. */
  relayTcp?: boolean;
  /** Memory of filters where a kind does not say. */
  filterScope?: 'endpoint' | 'mapping';
  /** Seed of every cell. */
  seed?: number;
  /** Timers and choices of both agents. */
  profile?: 'rfc' | 'chrome' | 'firefox' | 'pion' | 'libnice';
  /** Chance of each packet to be lost, 0 to 1. */
  loss?: number;
}

/**
 * Every pair of NATs, each cell a run of two real agents.
 *
 * @throws TypeError when an option can't be read, with its place.
 */
export function traversalMatrix(options: TraversalMatrixOptions = {}): TraversalMatrix {
  requireObject('options', options);
  const text = jsonOf('options', options);
  const raw = JSON.parse(telling(() => simWasm.call((wasm) => wasm.simMatrix(text)), text));
  return { kinds: raw.kinds, cells: raw.cells.map((row: RawResult[]) => row.map(resultOf)) };
}

/**
 * The scenario of one cell of a matrix.
 *
 * @throws TypeError when a NAT or an option can't be read, with its place.
 */
export function traversalScenario(
  a: NatSpec,
  b: NatSpec,
  options: Omit<TraversalMatrixOptions, 'kinds'> = {},
): Scenario {
  requireObject('a', a);
  requireObject('b', b);
  requireObject('options', options);
  const text = jsonOf('options', { ...options, kinds: [a, b] });
  return JSON.parse(telling(() => simWasm.call((wasm) => wasm.simCell(text)), text));
}
