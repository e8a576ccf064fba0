/**
 * The simulator: networks with every kind of NAT, real ICE agents, STUN and TURN servers, under virtual time.
 * The same scenario and seed give the same run. The engine is in `src/sim`; this module gives it names and types.
 */
import type { WasmSimulation } from '#glue/sim';
import { requireNumber, requireObject, requireString, requireUpTo } from '../argument.js';
import { Machine } from '../trap.js';
import type { EvidenceStep, RunComparison } from './evidence.js';
import { telling } from './fault.js';
import { deliver, type OwnHost, type OwnProgram, ownHost, requireProgram } from './own.js';
import { resultOf, type Scenario, type SimulationResult } from './result.js';
import { jsonOf, type SimExports, simWasm } from './wasm.js';

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
function scenarioText(scenario: Scenario | string): string {
  if (typeof scenario === 'string') return telling(() => simWasm.call((wasm) => wasm.simScenario(scenario)));
  requireObject('scenario', scenario);
  return jsonOf('scenario', withLists(scenario));
}

/** The scenario with each of its texts as a list. */
function withLists(scenario: Scenario): Scenario {
  const { text } = scenario;
  if (typeof text !== 'object' || text === null) return scenario;
  const lists = Object.entries(text).map(([name, acts]) => [name, typeof acts === 'string' ? [acts] : acts]);
  return { ...scenario, text: Object.fromEntries(lists) };
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
  readonly #programs = new Map<string, { program: OwnProgram; host: OwnHost }>();
  #entries: readonly TraceEntry[] = Object.freeze([]);

  /** A built-in scenario by name, or one of your own. Throws a `TypeError` that says what is wrong with it, and where. */
  constructor(scenario: Scenario | string, options: { seed?: number } = {}) {
    requireObject('options', options);
    if (options.seed !== undefined) requireUpTo('options.seed', options.seed, Number.MAX_SAFE_INTEGER);
    const text = scenarioText(scenario);
    this.#machine = telling(
      () => new Machine(simWasm, 'Simulation', (wasm) => new wasm.WasmSimulation(text, options.seed)),
      text,
    );
  }

  /** Runs to that time in milliseconds, or to the end of the scenario. */
  run(until?: number): SimulationResult {
    if (until !== undefined) requireNumber('until', until);
    while (this.#programs.size > 0 && this.#machine.call((it) => it.runUntilArrival(until))) this.#deliver();
    return resultOf(JSON.parse(this.#machine.call((it) => it.run(until))));
  }

  /** Makes the next thing happen; the entry of the trace that it made last, or null at the end. */
  step(): TraceEntry | null {
    const before = this.#machine.call((it) => it.count());
    while (this.#machine.call((it) => it.step())) {
      this.#deliver();
      if (this.#machine.call((it) => it.count()) > before) return this.trace.at(-1) ?? null;
    }
    return null;
  }

  /**
   * Runs a program of yours on a host whose `run` is `{ kind: 'own' }`: it takes and sends UDP through the NATs.
   *
   * ```js
   * const client = simulation.attach('client', {
   *   receive: ({ remote, bytes }, host) => console.log(host.now, remote, bytes),
   * });
   * client.send({ local: '10.0.0.2:4000', remote: '192.0.2.1:5000', bytes: new TextEncoder().encode('hello') });
   * simulation.run();
   * ```
   *
   * @returns the host, to send from it.
   * @throws TypeError when no such host is for a program of yours.
   */
  attach(host: string, program: OwnProgram): OwnHost {
    requireString('host', host);
    requireProgram(program);
    telling(() => this.#machine.call((it) => it.requireOwn(host)));
    const made = ownHost(host, {
      now: () => this.now,
      send: ({ local, remote, bytes }) =>
        telling(() => this.#machine.call((it) => it.sendFrom(host, local, remote, bytes))),
      wakeAt: (time) => telling(() => this.#machine.call((it) => it.wakeAt(host, time))),
    });
    this.#programs.set(host, { program, host: made });
    return made;
  }

  /** Hands over what waits for programs of the caller's own. */
  #deliver(): void {
    while (this.#programs.size > 0) {
      const text = this.#machine.call((it) => it.arrival());
      if (text === undefined) return;
      deliver(text, this.#programs);
    }
  }

  /** Virtual time in milliseconds. */
  get now(): number {
    return this.#machine.call((it) => it.now());
  }

  /** How many entries are left out of the trace, which has 250 000 at most. */
  get omitted(): number {
    return this.#machine.call((it) => it.dropped());
  }

  /** Entries so far, in order. */
  get trace(): readonly TraceEntry[] {
    const known = this.#entries.length;
    if (this.#machine.call((it) => it.count()) > known) {
      const entries = this.#entries.concat(JSON.parse(this.#machine.call((it) => it.entries(known))));
      this.#entries = Object.freeze(entries);
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
    return telling(() => this.#machine.call((it) => it.namespaceScript()));
  }

  /** Steps of evidence beside those of the run. @internal */
  stepsBeside(evidence: string): EvidenceStep[] {
    return JSON.parse(telling(() => this.#machine.call((it) => it.steps(evidence))));
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
