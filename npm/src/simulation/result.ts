/** Scenarios, and how a call in one ended. */
import { type Candidate, type CandidateType, parseCandidate } from '../candidate.js';
import type { Filtering, Mapping } from '../nat.js';

/** A NAT: a device, a classic name or two behaviours, and what differs from that. */
export interface NatSpec {
  /** Name of a device, such as `linux-masquerade`. */
  preset?: string;
  /** `open`, `full cone`, `restricted cone`, `port restricted cone`, `symmetric`, `symmetric firewall` or `blocked`. */
  classic?: string;
  /** Mapping behaviour. */
  mapping?: Mapping;
  /** Filtering behaviour. */
  filtering?: Filtering;
  /** Memory of a filter: of the mapping, or of the internal endpoint. */
  filterScope?: 'endpoint' | 'mapping';
  /** How external ports are chosen. */
  ports?: 'preserve' | 'preserve-else-next' | 'overload' | 'sequential' | 'random';
  /** First and last external port. */
  range?: [number, number];
  /** Whether internal hosts reach each other by external addresses. */
  hairpin?: boolean;
  /** External addresses. */
  addresses?: string[];
  /** Seconds until a UDP mapping that is not used ends. */
  udpTimeout?: number;
  /** No UDP goes out. */
  blocksUdp?: boolean;
  /** An early packet from outside takes the tuple, as Linux without a rule does. */
  takesTuple?: boolean;
  /** External ports that always go to an internal address, as UPnP or PCP makes them. */
  forwards?: [number, string][];
  /** Rewrites addresses inside packets. */
  alg?: boolean;
}

/** A scenario: plain JSON. `new Simulation(scenario)` tells what is wrong with one, and where. */
export interface Scenario {
  /** Where its schema is (`docs/scenario.schema.json`): for editors, not read. */
  $schema?: string;
  /** A few words. */
  title?: string;
  /** Seed of everything random. */
  seed?: number;
  /** When the run ends, in milliseconds of virtual time, a day at most; 60 000 when absent. */
  until?: number;
  /** Networks behind NATs: `name`, `within`, `nat`, `link`, `down`. The network `internet` is always there. */
  networks?: object[];
  /** Hosts: `name`, `network`, `addresses`, `link` and what they `run`. */
  hosts?: object[];
  /** Calls between two hosts that run ICE: `from`, `to`, `at`, `signalling`, `vanilla`, `sip`, `media`. */
  calls?: object[];
  /** Events in time: `at` and `what`. */
  events?: object[];
  /** Text that explains the run, by language: one sentence an act, or a single one. */
  text?: Record<string, string | string[]>;
}

/** The pair that the offerer selected. */
export interface SelectedPair {
  /** Its own candidate. */
  local: Candidate;
  /** The other side's. */
  remote: Candidate;
  /** Pair priority (RFC 8445 §6.1.2.3). */
  priority: bigint;
  /** Foundation of the pair: both candidates' with a colon between. */
  foundation: string;
  /** Component. */
  component: number;
  /** A selected pair has succeeded. */
  state: 'succeeded';
}

/** How the first call of a scenario ended. */
export interface SimulationResult {
  /** Without a relay, over one, or not at all. */
  outcome: 'direct' | 'relayed' | 'failed';
  /** The pair; null when none was selected on both sides. */
  selected: SelectedPair | null;
  /** Milliseconds from the offer until both sides had their pair, or one had failed; null when neither came to be. */
  elapsed: number | null;
  /** Packets that hosts sent. */
  packets: number;
  /** The causes in English sentences, without the last stop. */
  why: string;
  /** Causes of the outcome; at least one. */
  causes: SimulationCause[];
}

/** A cause of an outcome, for sentences of your own: its code, and the parameters that the code has. */
export interface SimulationCause {
  /**
   * `direct` or `relayed` of a call that connected, the agent's code of a failure (such as `every-pair-failed`),
   * `selected-here`, `undecided`, `dropped`, `stopped`, `no-call`, `too-many-steps` or `too-many-at-once`.
   */
  code: string;
  /** Host whose agent failed, alone selected a pair, or has not decided. */
  host?: string;
  /** Of a call that connected: host that offered. */
  from?: string;
  /** Of a call that connected: host that answered. */
  to?: string;
  /** Types of the pair that `from` selected: of its own candidate, then of the other side's. */
  fromTypes?: [CandidateType, CandidateType];
  /** Types of the pair that `to` selected: of its own candidate, then of the other side's. */
  toTypes?: [CandidateType, CandidateType];
  /** Of `dropped`: network whose NAT dropped most packets by one rule. */
  network?: string;
  /** Of `dropped`: number of those packets. */
  packets?: number;
  /** Of `dropped`: the rule, as entries of the trace name it. */
  rule?: string;
  /** Virtual time in milliseconds at which a limit ended the run. */
  at?: number;
}

/** A result as the wasm gives it. */
export type RawResult = Omit<SimulationResult, 'selected'> & {
  selected: { local: string; remote: string; priority: string } | null;
};

function candidate(line: string): Candidate {
  const parsed = parseCandidate(line).candidate;
  if (parsed === null) throw new Error(`the simulator gave a candidate that can't be read: ${line}`);
  return parsed;
}

/** With the candidates of the selected pair read. */
export function resultOf(raw: RawResult): SimulationResult {
  const pair = raw.selected;
  if (pair === null) return { ...raw, selected: null };
  const [local, remote] = [candidate(pair.local), candidate(pair.remote)];
  const foundation = `${local.foundation}:${remote.foundation}`;
  const priority = BigInt(pair.priority);
  const { component } = local;
  return { ...raw, selected: { local, remote, priority, foundation, component, state: 'succeeded' } };
}
