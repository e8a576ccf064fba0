/** Messages between the page and the simulating thread. */

import type {
  Assumption,
  ScenarioChange as Changed,
  EvidenceLimit,
  EvidenceStep,
  Population as Found,
  Inferred,
  relayBandwidth,
  scenarioFrom,
} from 'icelens/sim';
import type { MessageField } from '../../../ui/bytes';
import type { Fault } from '../faults';
import type { Entry, NatChoice, Outcome, RunResult, Scenario } from '../model/types';

export type { Assumption };

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
  turn: ('udp' | 'tcp')[];
  loss: number;
  seed: number;
  /** Timers and choices of both agents. */
  profile: Profile;
}

export const PROFILES = ['rfc', 'chrome', 'firefox', 'pion', 'libnice'] as const;
export type Profile = (typeof PROFILES)[number];

export interface BandwidthAsk {
  /** Share of calls that are relayed, 0 to 1. */
  relayed: number;
  concurrent: number;
  /** Media of a call each way. */
  mediaKbps: number;
}

/** Megabits a second that a relay carries: the mean, and what 99 % of times do not exceed. */
type Megabits = ReturnType<typeof relayBandwidth>;

/** The relay for so many calls at once, and from none to twice as many. */
export type Bandwidth = Omit<BandwidthAsk, 'relayed'> & Megabits & { curve: readonly (Megabits & { calls: number })[] };

/** NAT reports as `icelens nat --json` prints them. */
export type Reports = Parameters<typeof scenarioFrom>[1];

/** Forms in which a run can be saved. */
export type ExportFormat = 'json-lines' | 'pcapng' | 'namespaces';

export type Ask =
  | { kind: 'run'; scenario: Scenario }
  | { kind: 'evidence'; input: string | Uint8Array; reports: Reports }
  | { kind: 'compare'; a: Scenario; b: Scenario }
  | { kind: 'message'; hex: string }
  | { kind: 'export'; scenario: Scenario; format: ExportFormat }
  | { kind: 'matrix'; options: MatrixAsk }
  | { kind: 'population'; options: PopulationAsk }
  | { kind: 'bandwidth'; options: BandwidthAsk }
  | { kind: 'results'; scenarios: readonly Scenario[] };

export interface Matrix {
  cells: RunResult[][];
  /** Milliseconds of real time that the runs took. */
  took: number;
}

/** A population, and the milliseconds that it took. */
export type Population = Found & { took: number };

export type ScenarioChange = Omit<Changed, 'scenario'> & { scenario: Scenario };

/** Evidence, the scenario made of it, and its run. */
export interface FromEvidence {
  made: {
    scenario: Scenario;
    inferred: Inferred[];
    assumptions: Assumption[];
    changes: ScenarioChange[];
    limits: EvidenceLimit[];
  };
  steps: EvidenceStep[];
  /** How the call ended, where the evidence shows it. */
  seen: Outcome | null;
  result: RunResult;
}

/** A message of a run, hops folded. */
export interface ComparedCell {
  /** Milliseconds. */
  time: number;
  from: string;
  /** The host it reached, or the network whose NAT dropped it. */
  to: string;
  words: string;
  signal: boolean;
  fate: 'arrives' | 'dropped' | 'lost' | 'no-route' | 'under-way';
  /** The last NAT's rule. */
  rule: string | null;
  why: string | null;
}

export interface ComparedRow {
  a: ComparedCell | null;
  b: ComparedCell | null;
  differs: boolean;
}

/** Two runs side by side. */
export interface Compared {
  rows: ComparedRow[];
  firstDifference: number | null;
  deciding: { row: number; rule: string; why: string } | null;
  a: RunResult;
  b: RunResult;
}

/** What a packet says. */
export interface MessageRead {
  fields: MessageField[];
  fingerprint: 'absent' | 'valid' | 'invalid';
}

export interface Answers {
  evidence: FromEvidence;
  compare: Compared;
  export: string | Uint8Array;
  /** Null for what is no STUN message. */
  message: MessageRead | null;
  run: { trace: Entry[]; result: RunResult };
  matrix: Matrix;
  population: Population;
  bandwidth: Bandwidth;
  /** How each of the scenarios ended. */
  results: RunResult[];
}

export type Reply =
  | { id: number; kind: 'done'; value: Answers[keyof Answers] }
  | { id: number; kind: 'progress'; done: number }
  | { id: number; kind: 'failed'; detail: string; fault: Fault | null };
