import { known, t } from '../../i18n/index.svelte';
import { boolean, LinkReader, oneOf, whole, within } from './linkReader';
import { twoNats } from './model/build';
import { type AgentState, agentOf } from './model/checks';
import { begun, ladder, placeOf, type Row } from './model/ladder';
import { ends, type Lane, lanesOf, usedLanes } from './model/lanes';
import { deeperThan, MAX_NESTING } from './model/scenarioFile';
import type { NatChoice, Run, Scenario } from './model/types';
import { SimulateThread } from './worker/client';
import { type ExportFormat, type Matrix, type MatrixAsk, PROFILES } from './worker/protocol';

const files = import.meta.glob<Scenario>('../../../../src/sim/scenarios/*.json', { eager: true, import: 'default' });

/** The built-in scenarios, by name. */
export const BUILT_IN: ReadonlyMap<string, Scenario> = new Map(
  Object.entries(files).map(([path, scenario]) => [path.replace(/^.*\/|\.json$/g, ''), scenario]),
);
export const OWN = 'own';
export const MODES = ['run', 'networks', 'evidence', 'population'] as const;
export type Mode = (typeof MODES)[number];

/** Milliseconds of virtual time for one of real time. */
export const SPEEDS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 20] as const;
const MAX_SEED = 2 ** 32 - 1;
/** Milliseconds that lists, tables and texts stay while the run plays: nobody reads them at 60 a second. */
const STAYS = 100;

export class Simulate {
  mode = $state<Mode>('run');
  /** Name of a built-in scenario, or `OWN`. */
  name = $state('cone-to-cone');
  /** The scenario behind `OWN`. */
  own = $state.raw<Scenario | null>(null);
  a = $state.raw<NatChoice>({ classic: 'port restricted cone' });
  b = $state.raw<NatChoice>({ classic: 'symmetric' });
  relay = $state(true);
  relayTcp = $state(false);
  profileA = $state('');
  profileB = $state('');
  loss = $state(0);
  seed = $state(1);
  run = $state.raw<Run | null>(null);
  running = $state(false);
  problem = $state<string | null>(null);
  /** What of a permalink was not taken: members with their values. */
  left = $state.raw<readonly string[]>([]);
  #time = $state(0);
  #shown = $state(0);
  /** When `shown` last moved while the run played. */
  #looked = 0;
  playing = $state(false);
  speed = $state<number>(0.1);
  /** Number of the row that is selected. */
  selected = $state<number | null>(null);
  field = $state<string | null>(null);
  /** Media and other data are rows too. */
  data = $state(false);
  /** The scrubber holds all of the run, not only until the call was decided. */
  whole = $state(false);
  matrix = $state.raw<Matrix | null>(null);
  matrixOptions = $state<MatrixAsk>({ relay: true, filterScope: 'mapping' });
  matrixProblem = $state<string | null>(null);
  readonly thread = new SimulateThread();
  #asked = 0;
  #matrixAsked = '';

  readonly scenario = $derived<Scenario>({
    ...(this.name === OWN ? (this.own ?? this.built()) : (BUILT_IN.get(this.name) ?? {})),
    seed: this.seed,
  });
  readonly lanes = $derived<Lane[]>(this.run ? lanesOf(this.run.scenario) : []);
  readonly used = $derived<Lane[]>(this.run ? usedLanes(this.lanes, this.run.trace) : []);
  readonly all = $derived<Row[]>(this.run ? ladder(this.run.scenario, this.run.trace) : []);
  readonly dataRows = $derived(this.all.filter((row) => row.arrow === 'data').length);
  readonly rows = $derived<Row[]>(this.data ? this.all : this.all.filter((row) => row.arrow !== 'data'));
  /** Rows that have begun at `shown`. */
  readonly now = $derived(begun(this.rows, this.shown));
  readonly row = $derived(this.all[(this.selected ?? 0) - 1] ?? this.rows[this.now - 1] ?? null);
  /** End of the scrubber. */
  readonly end = $derived.by(() => {
    const last = this.all.reduce((most, row) => Math.max(most, row.end), this.run?.trace.at(-1)?.time ?? 0);
    const decided = this.run?.result.elapsed ?? null;
    const events = this.run?.scenario.events?.length ?? 0;
    return this.whole || decided === null || events > 0 ? last : Math.min(last, decided * 1.05 + 20);
  });
  readonly #agents = $derived.by(() => {
    const { run } = this;
    const names = run ? ends(run.scenario) : null;
    return run && names ? names.map((host, i) => agentOf(run.trace, host, i === 0)) : [];
  });
  readonly agents = $derived<AgentState[]>(this.#agents.map((at) => at(this.shown)));

  /** Virtual time at the playhead, in milliseconds: what moves is drawn by it. */
  get time() {
    return this.#time;
  }

  set time(time: number) {
    this.#time = time;
    this.#shown = time;
  }

  /** Virtual time of what is read: `time`, which it follows a few times a second while the run plays. */
  get shown() {
    return this.#shown;
  }

  /** Moves the playhead on while it plays; `clock` is the time of the frame in milliseconds. False at the end. */
  pass(time: number, clock: number): boolean {
    if (time >= this.end) {
      this.time = this.end;
      this.playing = false;
      return false;
    }
    this.#time = time;
    if (clock - this.#looked < STAYS) return true;
    this.#shown = time;
    this.#looked = clock;
    return true;
  }

  /** The scenario of the two NATs that are chosen. */
  built(): Scenario {
    const { a, b, relay, relayTcp, seed, profileA, profileB, loss } = this;
    return twoNats({ a, b, relay, relayTcp, seed, profileA, profileB, loss });
  }

  /** Chooses a scenario and runs it. */
  async open(name: string) {
    this.left = [];
    this.name = name;
    if (name !== OWN) this.seed = BUILT_IN.get(name)?.seed ?? 1;
    await this.start();
  }

  /** Runs the scenario; the playhead goes to where the call is decided. */
  async start(at: number | null = null) {
    const asked = ++this.#asked;
    const scenario = $state.snapshot(this.scenario) as Scenario;
    this.running = true;
    this.problem = null;
    this.playing = false;
    try {
      const answer = await this.thread.ask({ kind: 'run', scenario });
      if (asked !== this.#asked) return;
      this.run = { scenario, ...answer };
      this.selected = null;
      this.field = null;
      this.time = Math.min(at ?? answer.result.elapsed ?? this.end, this.end);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      if (asked === this.#asked) this.running = false;
    }
  }

  /** Takes a scenario as the view's own. */
  async take(scenario: unknown) {
    if (typeof scenario !== 'object' || scenario === null || Array.isArray(scenario))
      throw new Error(t('sim.notScenario'));
    if (deeperThan(scenario, MAX_NESTING)) throw new Error(t('sim.tooDeep', { most: MAX_NESTING }));
    this.left = [];
    this.own = scenario as Scenario;
    this.name = OWN;
    this.mode = 'run';
    this.seed = this.own.seed ?? 1;
    await this.start();
  }

  /** The trace of the scenario, or its network as a script. */
  exported(format: ExportFormat): Promise<string | Uint8Array> {
    const scenario = $state.snapshot(this.run?.scenario ?? this.scenario) as Scenario;
    return this.thread.ask({ kind: 'export', scenario, format });
  }

  async runMatrix() {
    const options = $state.snapshot(this.matrixOptions);
    const asked = JSON.stringify(options);
    if (asked === this.#matrixAsked) return;
    this.#matrixAsked = asked;
    this.matrix = null;
    this.matrixProblem = null;
    try {
      const matrix = await this.thread.ask({ kind: 'matrix', options });
      if (asked === this.#matrixAsked) this.matrix = matrix;
    } catch (error) {
      this.matrixProblem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Runs two NATs as the view's own scenario. */
  async runTwo(a: NatChoice, b: NatChoice, filterScope?: string) {
    const scoped = (nat: NatChoice) => (filterScope && !nat.filterScope ? { ...nat, filterScope } : nat);
    this.a = scoped(a);
    this.b = scoped(b);
    this.own = null;
    this.mode = 'run';
    await this.open(OWN);
  }

  /** Moves the playhead to the row `by` places further. */
  step(by: number): boolean {
    const at = this.selected === null ? this.now - 1 : placeOf(this.rows, this.selected);
    const row = this.rows[Math.min(Math.max(0, at + by), this.rows.length - 1)];
    if (!row) return false;
    this.select(row);
    return true;
  }

  select(row: Row) {
    this.selected = row.number;
    this.field = null;
    this.time = row.time;
    if (row.time > this.end) this.whole = true;
  }

  scrub(time: number) {
    this.time = Math.min(Math.max(0, time), this.end);
    this.selected = null;
    this.field = null;
  }

  play(on = !this.playing) {
    if (on && this.time >= this.end) this.scrub(0);
    if (on) this.selected = null;
    this.time = this.#time;
    this.playing = on;
  }
}

export const simulate = new Simulate();

/** Parameters of a NAT that the page shows as they are. */
const NAT_WORDS = ['preset', 'classic', 'mapping', 'filtering', 'filterScope', 'ports'] as const;

/** A NAT of a permalink: undefined when it is none, or its words are not words. The engine checks what they say. */
function choice(value: unknown): NatChoice | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const nat = value as NatChoice;
  return NAT_WORDS.every((name) => typeof (nat[name] ?? '') === 'string') ? nat : undefined;
}

/** Takes what a permalink holds, and tells what it did not take; the engine checks the scenario when it runs. */
export function restore(into: Simulate, state: unknown): boolean {
  if (typeof state !== 'object' || state === null) return false;
  const { name, scenario } = state as Record<string, unknown>;
  const known = typeof name === 'string' && (name === OWN || BUILT_IN.has(name));
  if (!known || deeperThan(scenario, MAX_NESTING)) return false;
  const link = new LinkReader(state);
  into.mode = link.read('mode', oneOf(MODES), 'run');
  into.name = name;
  into.own = name === OWN ? link.read('scenario', scenarioOf, null) : null;
  into.a = link.read('a', choice, into.a);
  into.b = link.read('b', choice, into.b);
  into.relay = link.read('relay', boolean, into.relay);
  into.relayTcp = link.read('relayTcp', boolean, false);
  into.profileA = link.read('profileA', oneOf(['', ...PROFILES]), '');
  into.profileB = link.read('profileB', oneOf(['', ...PROFILES]), '');
  into.loss = link.read('loss', within(0, 1), 0);
  into.seed = link.read('seed', whole(0, MAX_SEED), 1);
  const at = link.read<number | null>('time', (it) => (it === null ? null : within(0, Number.MAX_VALUE)(it)), null);
  const row = link.read<number | null>('row', (it) => (it === null ? null : whole(1, MAX_SEED)(it)), null);
  into.left = link.left;
  void into.start(at).then(() => {
    if (row !== null && into.all[row - 1]?.number === row) into.selected = row;
  });
  return true;
}

const scenarioOf = (value: unknown) =>
  typeof value === 'object' && !Array.isArray(value) ? (value as Scenario | null) : undefined;

export function capture(from: Simulate) {
  const { mode, name, own, a, b, relay, relayTcp, profileA, profileB, loss, seed, time, selected } = from;
  const two = name === OWN && own === null ? { a, b, relay, relayTcp, profileA, profileB, loss } : {};
  return { mode, name, ...(own && name === OWN ? { scenario: own } : {}), ...two, seed, time, row: selected };
}

/** Title of a scenario. */
export function titleOf(name: string): string {
  if (name === OWN) return t('sim.own');
  const key = known(`sim.title.${name}`);
  return key ? t(key) : (BUILT_IN.get(name)?.title ?? name);
}
