/**
 * The simulator: networks with every kind of NAT, real ICE agents, STUN and TURN servers, under virtual time.
 * The same scenario and seed give the same run. The engine is in `src/sim`; this module gives it names and types.
 */
import type { WasmPopulation, WasmSimulation } from '#glue/sim';
import { instantiate } from '#wasm/sim';
import {
  optionalFunction,
  optionalSignal,
  requireArray,
  requireNumber,
  requireObject,
  requireString,
  shown,
} from './argument.js';
import { type Candidate, parseCandidate } from './candidate.js';
import { type CallEvidence, evidenceOf, withReports } from './evidence.js';
import type { Filtering, Mapping, NatReport } from './nat.js';
import type { Analysis } from './scan/analyze.js';
import { asTypeError, Instance, Machine } from './trap.js';

type SimExports = typeof import('#glue/sim');

const simWasm = /* @__PURE__ */ new Instance<SimExports>(instantiate);

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
  /** A few words. */
  title?: string;
  /** Seed of everything random. */
  seed?: number;
  /** When the run ends, in milliseconds of virtual time; 60 000 when absent. */
  until?: number;
  /** Networks behind NATs: `name`, `within`, `nat`, `link`, `down`. The network `internet` is always there. */
  networks?: object[];
  /** Hosts: `name`, `network`, `addresses`, `link` and what they `run`. */
  hosts?: object[];
  /** Calls between two hosts that run ICE: `from`, `to`, `at`, `signalling`, `vanilla`, `sip`, `media`. */
  calls?: object[];
  /** Events in time: `at` and `what`. */
  events?: object[];
  /** Text that explains the run act by act, by language. */
  text?: Record<string, string[]>;
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
  /** Why, in a sentence. */
  why: string;
}

/** One entry of a trace. */
export interface TraceEntry {
  /** Virtual time in milliseconds. */
  time: number;
  /** Kind of entry. */
  kind: 'sent' | 'received' | 'nat' | 'lost' | 'no-route' | 'decision' | 'signal' | 'event';
  [field: string]: unknown;
}

/** An ICE agent of a simulation, as it is now. */
export interface SimulatedAgent {
  /** By the names of RTCIceTransportState. */
  state: string;
  /** Candidate lines. */
  localCandidates: string[];
  /** Pairs, best first. */
  pairs: {
    /** Names the pair in the trace. */
    id: number;
    /** Local address with port; `null` when the agent no longer has the candidate. */
    local: string | null;
    /** Type of the local candidate; `null` likewise. */
    localType: string | null;
    /** Remote address with port; `null` when the agent no longer has the candidate. */
    remote: string | null;
    /** Type of the remote candidate; `null` likewise. */
    remoteType: string | null;
    /** Pair priority (RFC 8445 §6.1.2.3), in decimal digits. */
    priority: string;
    /** State of the pair (RFC 8445 §6.1.2.6). */
    state: 'frozen' | 'waiting' | 'in-progress' | 'succeeded' | 'failed';
    /** Whether the pair is in the valid list (RFC 8445 §7.2.5.3.2). */
    valid: boolean;
    /** Whether the pair was nominated (RFC 8445 §8.1.1). */
    nominated: boolean;
  }[];
  /** Why it failed; null while it has not. */
  failure: {
    /** Stable code, one of `IceFailure` in `icelens/agent`. */
    reason: string;
    /** Reason as an English sentence. */
    why: string;
  } | null;
}

type RawResult = Omit<SimulationResult, 'selected'> & {
  selected: { local: string; remote: string; priority: string } | null;
};

function candidate(line: string): Candidate {
  const parsed = parseCandidate(line).candidate;
  if (parsed === null) throw new Error(`the simulator gave a candidate that can't be read: ${line}`);
  return parsed;
}

function resultOf(raw: RawResult): SimulationResult {
  const pair = raw.selected;
  if (pair === null) return { ...raw, selected: null };
  const [local, remote] = [candidate(pair.local), candidate(pair.remote)];
  const foundation = `${local.foundation}:${remote.foundation}`;
  const priority = BigInt(pair.priority);
  const { component } = local;
  return { ...raw, selected: { local, remote, priority, foundation, component, state: 'succeeded' } };
}

function scenarioText(scenario: Scenario | string): string {
  if (typeof scenario === 'string') return asTypeError(() => simWasm.call((wasm) => wasm.simScenario(scenario)));
  requireObject('scenario', scenario);
  return JSON.stringify(scenario);
}

/**
 * A scenario at work.
 *
 * ```js
 * import { Simulation } from 'icelens/sim';
 *
 * const simulation = new Simulation('symmetric-to-port-restricted');
 * const { outcome, why } = simulation.run();
 * console.log(outcome); // relayed
 * ```
 */
export class Simulation {
  readonly #machine: Machine<SimExports, WasmSimulation>;
  #entries: TraceEntry[] = [];

  /** A built-in scenario by name, or one of your own. Throws a `TypeError` that says what is wrong with it, and where. */
  constructor(scenario: Scenario | string, options: { seed?: number } = {}) {
    requireObject('options', options);
    if (options.seed !== undefined) requireNumber('options.seed', options.seed);
    const text = scenarioText(scenario);
    this.#machine = asTypeError(
      () => new Machine(simWasm, 'Simulation', (wasm) => new wasm.WasmSimulation(text, options.seed)),
    );
  }

  /** Runs to that time in milliseconds, or to the end of the scenario. */
  run(until?: number): SimulationResult {
    if (until !== undefined) requireNumber('until', until);
    return resultOf(JSON.parse(this.#machine.call((it) => it.run(until))));
  }

  /** Makes the next thing happen; the entry of the trace that it made last, or null at the end. */
  step(): TraceEntry | null {
    const before = this.#machine.call((it) => it.count());
    while (this.#machine.call((it) => it.step())) {
      if (this.#machine.call((it) => it.count()) > before) return this.trace.at(-1) ?? null;
    }
    return null;
  }

  /** Virtual time in milliseconds. */
  get now(): number {
    return this.#machine.call((it) => it.now());
  }

  /** Entries so far, in order. */
  get trace(): readonly TraceEntry[] {
    const known = this.#entries.length;
    if (this.#machine.call((it) => it.count()) > known) {
      this.#entries = this.#entries.concat(JSON.parse(this.#machine.call((it) => it.entries(known))));
    }
    return this.#entries;
  }

  /** The ICE agent on a host; null where none runs. */
  agent(host: string): SimulatedAgent | null {
    requireString('host', host);
    return JSON.parse(this.#machine.call((it) => it.agent(host)));
  }

  /** The scenario. */
  get scenario(): Scenario {
    return JSON.parse(this.#machine.call((it) => it.scenario()));
  }

  /** The trace as a pcapng file: an interface for each host and NAT, the NAT's reason as the packet's comment. */
  toPcapng(): Uint8Array {
    return this.#machine.call((it) => it.pcapng());
  }

  /** The trace as JSON lines. */
  toJsonLines(): string {
    return this.#machine.call((it) => it.jsonLines());
  }

  /** The scenario as a shell script of Linux namespaces. Throws a `TypeError` where the kernel can't form it. */
  toNamespaceScript(): string {
    return asTypeError(() => this.#machine.call((it) => it.namespaceScript()));
  }

  /** Steps of evidence beside those of the run. @internal */
  stepsBeside(evidence: string): EvidenceStep[] {
    return JSON.parse(asTypeError(() => this.#machine.call((it) => it.steps(evidence))));
  }

  /** This run and another. @internal */
  compareTo(other: Simulation): RunComparison {
    return JSON.parse(this.#machine.call((it) => other.#machine.call((second) => it.compare(second))));
  }

  /** Frees the memory of the run. Not needed: it goes with the object. */
  free(): void {
    this.#machine.free();
  }
}

/** The built-in scenarios. */
export function scenarios(): readonly {
  /** Name to give to `Simulation`. */
  name: string;
  /** Title in a few English words. */
  title: string;
}[] {
  return JSON.parse(simWasm.call((wasm) => wasm.simScenarios()));
}

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
  const text = JSON.stringify(options);
  const raw = JSON.parse(asTypeError(() => simWasm.call((wasm) => wasm.simMatrix(text))));
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
  const text = JSON.stringify({ ...options, kinds: [a, b] });
  return JSON.parse(asTypeError(() => simWasm.call((wasm) => wasm.simCell(text))));
}

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
  /** The TURN servers there are. Only TURN over UDP is simulated: `tcp` and `tls` throw. */
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
  const other = turn.find((protocol) => protocol !== 'udp');
  if (other !== undefined)
    throw new TypeError(`options.turn: TURN over ${shown(other)} is not simulated, only over udp`);
  const text = JSON.stringify({ ...rest, relay: turn.includes('udp') });
  const make = (wasm: SimExports): WasmPopulation => new wasm.WasmPopulation(text);
  const population = asTypeError(() => new Machine(simWasm, 'population', make));
  try {
    for (let done = 0; done < options.calls; ) {
      signal?.throwIfAborted();
      const made = asTypeError(() => population.call((it) => it.advance(CALLS_AT_ONCE)));
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

/**
 * Megabits a second that a relay carries for so many calls at once: the mean, and what 99 % of times do not exceed.
 *
 * @param options `concurrent`: calls at once. `mediaKbps`: kilobits a second of one call.
 * @throws TypeError when one of the numbers is none.
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
  requireNumber('options.concurrent', options.concurrent);
  requireNumber('options.mediaKbps', options.mediaKbps);
  requireObject('population.relayed', population.relayed);
  const { share } = population.relayed;
  requireNumber('population.relayed.share', share);
  const [mean = 0, p99 = 0] = simWasm.call((wasm) =>
    wasm.simRelayBandwidth(share, options.concurrent, options.mediaKbps),
  );
  return { mean, p99 };
}

/** A side of a call: the one that the evidence is from, or the other. */
export type EvidenceSide = 'local' | 'remote';

/** Something that a scenario takes from the evidence. It is given: it proves nothing. */
export interface Inferred {
  /** What: `open`, `mapping`, `filtering`, `blocked`, `relay`, `relay-refused`, `server-silent` or `same-network`. */
  code: string;
  /** The side it is about. */
  side: EvidenceSide;
  /** Where it stands in the scenario: a JSON pointer (RFC 6901). */
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
  /** What, as a code. */
  code: string;
  /** The side it is about. */
  side: EvidenceSide;
  /** Where it stands in the scenario: a JSON pointer (RFC 6901). */
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
}

/** A scenario made from evidence. */
export interface ScenarioFromEvidence {
  /** The local side is the host `L`, the other `R`. */
  scenario: Scenario;
  /** Facts of the evidence. */
  inferred: Inferred[];
  /** Values that the evidence leaves open. */
  assumptions: Assumption[];
  /** Single changes that the network allows, each run. */
  changes: ScenarioChange[];
}

/** What `analyze` gives, as far as it shows a call. */
export type AnalysedCall = Pick<Analysis, 'dump' | 'capture' | 'sessions'>;

function evidenceText(evidence: AnalysedCall, reports: { local?: NatReport; remote?: NatReport } = {}): string {
  requireObject('evidence', evidence);
  requireObject('reports', reports);
  const found = readEvidence(evidence);
  if (found === null) throw new TypeError('evidence: it shows no call, neither candidates nor checks');
  return JSON.stringify(withReports(found, reports));
}

/** What comes from elsewhere than `analyze` may lack any member. */
function readEvidence(evidence: AnalysedCall): CallEvidence | null {
  try {
    return evidenceOf(evidence);
  } catch {
    throw new TypeError('evidence: it is not what analyze gives');
  }
}

function requireSimulation(name: string, value: unknown): void {
  if (!(value instanceof Simulation)) throw new TypeError(`${name}: must be a Simulation`);
}

/**
 * The scenario that fits what was seen: a dump, a capture, or two descriptions, as `analyze` reads them, and NAT reports.
 * What it takes from them is `inferred` and proves nothing; what they leave open is assumed, and run with its other values.
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
  return JSON.parse(asTypeError(() => simWasm.call((wasm) => wasm.simScenarioFrom(text))));
}

/** A step of a call, seen and simulated. Times are milliseconds since the local side began to gather. */
export interface EvidenceStep {
  /**
   * What: `host`, `srflx`, `relay`, `server-failed`, `described`, `checking`, `pair`, `prflx`, `requests`, `dropped`,
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

/** What a simulation predicts beside what was seen, step by step. What has not run to its end yet is run. */
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
    /** What let the check arrive, and what held it up in the other run. */
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
