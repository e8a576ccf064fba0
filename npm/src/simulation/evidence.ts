/** From evidence to experiment: the scenario that fits what was seen, and runs beside it. */
import { requireObject } from '../argument.js';
import { type CallEvidence, evidenceOf, withReports } from '../evidence.js';
import type { NatReport } from '../nat.js';
import type { Analysis } from '../scan/analyze.js';
import { ScenarioError, telling } from './fault.js';
import type { Scenario, SimulationResult } from './result.js';
import { Simulation } from './simulation.js';
import { simWasm } from './wasm.js';

/** A side of a call: the one that the evidence is from, or the other. */
export type EvidenceSide = 'local' | 'remote';

/** Something that a scenario takes from the evidence. It is given: it proves nothing. */
export interface Inferred {
  /** Code of the fact: `open`, `mapping`, `filtering`, `blocked`, `relay`, `relay-refused`, `server-silent` or `same-network`. */
  code: string;
  /** The side it is about. */
  side: EvidenceSide;
  /** Place in the scenario: a JSON pointer (RFC 6901). */
  path: string;
  /** The value, as the scenario has it. */
  value: string;
  /** By what it is known, as a code. */
  by: string;
  /** The same, as a sentence. */
  why: string;
}

/** A value that the evidence leaves open. */
export interface Assumption {
  /** Code of the assumption. */
  code: string;
  /** The side it is about. */
  side: EvidenceSide;
  /** Place in the scenario: a JSON pointer (RFC 6901). */
  path: string;
  /** The value that is assumed. */
  value: unknown;
  /** The reason for it, as a sentence. */
  why: string;
  /** How the call ends with each other value, one at a time. */
  others: {
    /** The other value. */
    value: unknown;
    /** How the call ends with it. */
    outcome: SimulationResult['outcome'];
  }[];
}

/** One thing changed in the scenario, and how the call ends then. */
export interface ScenarioChange {
  /**
   * `turn-udp`, `turn-tcp`, `stun`, `right-password`, `udp-open`, `filter-by-address`, `map-independent` or `no-relay-only`;
   * for both ends at once `turn-udp-both`, `turn-tcp-both` or `stun-both`.
   */
  code: string;
  /** The side it is about. */
  side: EvidenceSide;
  /** The scenario with it. */
  scenario: Scenario;
  /** How the call ends with it. */
  outcome: SimulationResult['outcome'];
  /** Milliseconds until it was decided. */
  elapsed: number | null;
  /** The reason for the outcome, in a sentence. */
  why: string;
  /** Indexes of the assumptions without which the change does not help: with another value of one the call fails. */
  restsOn: number[];
}

/** Something that the evidence can't show. */
export interface EvidenceLimit {
  /**
   * Code of the limit. `one-sided`: nothing of one side was seen, so that no outcome can be foretold. `cut-dump`, `cut-capture`,
   * `cut-text`: it ends in the middle. `cut-packets`: packets were not captured whole. `no-outcome`: it does not show how the call ended.
   */
  code: 'one-sided' | 'cut-dump' | 'cut-capture' | 'cut-text' | 'cut-packets' | 'no-outcome';
  /** Of `one-sided`, the side that nothing shows; `null` otherwise. */
  side: EvidenceSide | null;
  /** Of what is cut, the character or byte at which it ends; of packets, how many were cut; `null` otherwise. */
  number: number | null;
  /** The same, as a sentence. */
  why: string;
}

/** A scenario made from evidence. */
export interface ScenarioFromEvidence {
  /** The local side is the host `L`, the other `R`. */
  scenario: Scenario;
  /** Facts of the evidence. */
  inferred: Inferred[];
  /** Values that the evidence leaves open. */
  assumptions: Assumption[];
  /** Single changes that the network allows, each run; none where there is no prediction. */
  changes: ScenarioChange[];
  /** How the scenario ends; `null` where nothing of one side was seen: what is made up for it would decide. */
  prediction: SimulationResult['outcome'] | null;
  /** What the evidence can't show. */
  limits: EvidenceLimit[];
}

/** The members of an analysis (`analyze`) that show a call, and where that ended. */
export type AnalysedCall = Pick<Analysis, 'dump' | 'capture' | 'sessions'> & Partial<Pick<Analysis, 'truncated'>>;

function evidenceText(evidence: AnalysedCall, reports: { local?: NatReport; remote?: NatReport } = {}): string {
  requireObject('evidence', evidence);
  requireObject('reports', reports);
  const found = readEvidence(evidence);
  if (found === null) throw fault('no-call', 'evidence', 'it shows no call, neither candidates nor checks');
  for (const side of ['local', 'remote'] as const) requireReport(`reports.${side}`, reports[side]);
  return JSON.stringify(withReports(found, reports));
}

/** What was given is the whole of the evidence; of reports, one. */
const fault = (code: string, name: string, what: string) => {
  const path = name === 'evidence' ? '' : name;
  return new ScenarioError({ code, path, values: {}, message: `${name}: ${what}` });
};

/** Reports come as JSON from elsewhere: `discoverNat` and `icelens nat --json` give them. */
function requireReport(name: string, report: unknown): void {
  if (report === undefined) return;
  requireObject(name, report);
  const { paths } = report as { paths?: unknown };
  const isPath = (path: unknown) => {
    const { mapping, filtering } = (path ?? {}) as Partial<NatReport['paths'][number]>;
    return typeof mapping?.value === 'string' && typeof filtering?.value === 'string';
  };
  if (!Array.isArray(paths) || !paths.every(isPath)) throw fault('no-report', name, 'it is no NAT report');
}

/** Evidence that is not from `analyze` may lack any member. */
function readEvidence(evidence: AnalysedCall): CallEvidence | null {
  try {
    return evidenceOf(evidence);
  } catch {
    throw fault('no-analysis', 'evidence', 'it is not what analyze gives');
  }
}

function requireSimulation(name: string, value: unknown): void {
  if (!(value instanceof Simulation)) throw new TypeError(`${name}: must be a Simulation`);
}

/**
 * The scenario that fits what was seen: a dump, a capture, or two descriptions, as `analyze` reads them, and NAT reports.
 * Facts that it takes from them are `inferred` and prove nothing; facts that they leave open are assumed, and run with their other values.
 *
 * ```js
 * import { analyze } from 'icelens';
 * import { scenarioFrom, Simulation } from 'icelens/sim';
 *
 * const { scenario, changes } = scenarioFrom(await analyze(dump));
 * new Simulation(scenario).run().outcome; // failed
 * changes.find(({ outcome }) => outcome !== 'failed')?.code; // turn-udp
 * ```
 *
 * Throws a `TypeError` where the evidence shows no call.
 */
export function scenarioFrom(
  evidence: AnalysedCall,
  reports: { local?: NatReport; remote?: NatReport } = {},
): ScenarioFromEvidence {
  const text = evidenceText(evidence, reports);
  return JSON.parse(telling(() => simWasm.call((wasm) => wasm.simScenarioFrom(text))));
}

/** A step of a call, seen and simulated. Times are milliseconds since the local side began to gather. */
export interface EvidenceStep {
  /**
   * Code of the step: `host`, `srflx`, `relay`, `server-failed`, `described`, `checking`, `pair`, `prflx`, `requests`, `dropped`,
   * `connected`, `failed` or `outcome`.
   */
  step: string;
  /** Addresses, candidate types, numbers. */
  what: string;
  /** When it was seen; `null` where it was not, or without a time. */
  seen: number | null;
  /** When it happens in the run. */
  simulated: number | null;
  /** `given`: the scenario was made of it. `not-seen`: the evidence can't show it. */
  agreement: 'same' | 'differs' | 'not-seen' | 'given';
  /** The difference, or the reason why it proves nothing; empty where both agree. */
  why: string;
}

/** The prediction of a simulation beside what was seen, step by step. A simulation that has not run to its end yet is run. */
export function compareWithEvidence(
  evidence: AnalysedCall,
  simulation: Simulation,
  reports: { local?: NatReport; remote?: NatReport } = {},
): EvidenceStep[] {
  const text = evidenceText(evidence, reports);
  requireSimulation('simulation', simulation);
  simulation.run();
  return simulation.stepsBeside(text);
}

/** Two runs side by side. */
export interface RunComparison {
  /** Each message once, in the order of time. */
  rows: {
    /** Index into the first trace; `null` where that run has no such message. */
    a: number | null;
    /** Index into the second trace. */
    b: number | null;
    /** The message ends otherwise in the other run, or is in one only. */
    differs: boolean;
  }[];
  /** Index of the first row that differs. */
  firstDifference: number | null;
  /** The check that arrived in the better run only; `null` where the runs end alike. */
  deciding: {
    /** Index of the row. */
    row: number;
    /** The rule, such as `RFC 4787 §5`. */
    rule: string;
    /** Reason why the check arrived, and what held it up in the other run. */
    why: string;
  } | null;
}

/** Two runs aligned by message: the first packet that differs, and the one that decided. What has not ended is run. */
export function compareRuns(a: Simulation, b: Simulation): RunComparison {
  requireSimulation('a', a);
  requireSimulation('b', b);
  a.run();
  b.run();
  return a.compareTo(b);
}
