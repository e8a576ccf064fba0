/** Messages between the page and the simulating thread. */

import type { Entry, NatChoice, Outcome, RunResult, Scenario } from '../model/types';

export interface MatrixAsk {
  relay: boolean;
  filterScope: 'mapping' | 'endpoint';
}

export interface MixPart {
  nat: NatChoice;
  share: number;
}

export interface PopulationAsk {
  mix: MixPart[];
  calls: number;
  relay: boolean;
  loss: number;
  seed: number;
}

export type Ask =
  | { kind: 'run'; scenario: Scenario }
  | { kind: 'matrix'; options: MatrixAsk }
  | { kind: 'population'; options: PopulationAsk; concurrent: number; mediaKbps: number };

export interface Cell {
  outcome: Outcome;
  elapsed: number | null;
  packets: number;
  why: string;
}

export interface Matrix {
  cells: Cell[][];
  /** Milliseconds of real time that the runs took. */
  took: number;
}

export interface Share {
  share: number;
  calls: number;
  low: number;
  high: number;
}

export interface Times {
  p50: number;
  p90: number;
  p99: number;
  histogram: number[];
}

export interface Population {
  direct: Share;
  relayed: Share;
  failed: Share;
  byKinds: { a: number; b: number; calls: number; relayed: number; failed: number }[];
  timeToConnect: { all: Times; direct: Times; relayed: Times };
  /** Mbit/s. */
  bandwidth: { mean: number; p99: number };
  took: number;
}

export interface Answers {
  run: { trace: Entry[]; result: RunResult };
  matrix: Matrix;
  population: Population;
}

export type Reply =
  | { id: number; kind: 'done'; value: Answers[keyof Answers] }
  | { id: number; kind: 'progress'; done: number }
  | { id: number; kind: 'failed'; detail: string };
