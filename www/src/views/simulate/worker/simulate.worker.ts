/** The simulating thread: runs a scenario, the matrix or a population, so that the page stays free. */

import { analyze, decodeMessage } from 'icelens';
import {
  compareRuns,
  compareWithEvidence,
  type PopulationOptions,
  relayBandwidth,
  ScenarioError,
  Simulation,
  type SimulationResult,
  scenarioFrom,
  simulatePopulation,
  traversalMatrix,
} from 'icelens/sim';
import { bytesOf } from '../model/ladder';
import type { Entry, Outcome, RunResult, Scenario } from '../model/types';
import { comparedRows } from './compare';
import type {
  Answers,
  Ask,
  Bandwidth,
  BandwidthAsk,
  ExportFormat,
  FromEvidence,
  MessageRead,
  Reply,
  Reports,
} from './protocol';

const post = (reply: Reply) => postMessage(reply);

addEventListener('message', async ({ data }: MessageEvent<{ id: number; ask: Ask }>) => {
  const { id, ask } = data;
  try {
    post({ id, kind: 'done', value: await answer(ask, (done) => post({ id, kind: 'progress', done })) });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const fault = error instanceof ScenarioError ? { code: error.code, path: error.path, values: error.values } : null;
    post({ id, kind: 'failed', detail, fault });
  }
});

async function answer(ask: Ask, onProgress: (done: number) => void): Promise<Answers[Ask['kind']]> {
  const began = performance.now();
  if (ask.kind === 'run') {
    const simulation = new Simulation(ask.scenario);
    const result = plainResult(simulation.run());
    const trace = simulation.trace as readonly unknown[] as Entry[];
    simulation.free();
    return { trace, result };
  }
  if (ask.kind === 'evidence') return fromEvidence(ask.input, ask.reports);
  if (ask.kind === 'compare') return compared(ask.a, ask.b);
  if (ask.kind === 'message') return readMessage(bytesOf(ask.hex));
  if (ask.kind === 'export') return exported(ask.scenario, ask.format);
  if (ask.kind === 'matrix') {
    const { cells } = traversalMatrix(ask.options);
    return { cells: cells.map((row) => row.map(plainResult)), took: performance.now() - began };
  }
  if (ask.kind === 'bandwidth') return bandwidthOf(ask.options);
  if (ask.kind === 'results') return ask.scenarios.map(resultOf);
  const found = await simulatePopulation({ ...ask.options, onProgress } as PopulationOptions);
  return { ...found, took: performance.now() - began };
}

/** Points of the relay's curve besides the first. */
const POINTS = 24;

function bandwidthOf({ relayed, concurrent, mediaKbps }: BandwidthAsk): Bandwidth {
  const of = (calls: number) => relayBandwidth({ relayed: { share: relayed } }, { concurrent: calls, mediaKbps });
  const calls = Array.from({ length: POINTS + 1 }, (_, point) => Math.round((2 * concurrent * point) / POINTS));
  return { concurrent, mediaKbps, ...of(concurrent), curve: calls.map((calls) => ({ calls, ...of(calls) })) };
}

function resultOf(scenario: Scenario): RunResult {
  const simulation = new Simulation(scenario as never);
  try {
    return plainResult(simulation.run());
  } finally {
    simulation.free();
  }
}

function readMessage(bytes: Uint8Array): MessageRead | null {
  try {
    const message = decodeMessage(bytes);
    return { fields: message.fields().map((field) => ({ ...field })), fingerprint: message.fingerprint };
  } catch {
    return null;
  }
}

const plainResult = ({ outcome, elapsed, packets, causes, why }: SimulationResult): RunResult => ({
  outcome,
  elapsed,
  packets,
  causes,
  why,
});

const OUTCOMES: readonly Outcome[] = ['direct', 'relayed', 'failed'];

async function fromEvidence(input: string | Uint8Array, reports: Reports): Promise<FromEvidence> {
  const analysis = await analyze(input);
  const made = scenarioFrom(analysis, reports) as FromEvidence['made'];
  const simulation = new Simulation(made.scenario as never);
  const result = plainResult(simulation.run());
  const steps = compareWithEvidence(analysis, simulation, reports);
  simulation.free();
  const told = steps.find(({ step, agreement }) => step === 'outcome' && agreement !== 'not-seen')?.what.split(',')[0];
  return { made, steps, result, seen: OUTCOMES.find((outcome) => outcome === told) ?? null };
}

function compared(a: Scenario, b: Scenario): Answers['compare'] {
  const runs = [a, b].map((scenario) => {
    const simulation = new Simulation(scenario as never);
    const result = plainResult(simulation.run());
    return { simulation, result, elapsed: result.elapsed, trace: simulation.trace as readonly unknown[] as Entry[] };
  });
  const [first, second] = runs as [(typeof runs)[0], (typeof runs)[0]];
  const found = compareRuns(first.simulation, second.simulation);
  const rows = comparedRows(found, first, second);
  for (const { simulation } of runs) simulation.free();
  const { firstDifference, deciding } = found;
  return { rows, firstDifference, deciding, a: first.result, b: second.result };
}

function exported(scenario: Scenario, format: ExportFormat): string | Uint8Array {
  const simulation = new Simulation(scenario as never);
  try {
    if (format === 'namespaces') return simulation.toNamespaceScript();
    simulation.run();
    return format === 'pcapng' ? simulation.toPcapng() : simulation.toJsonLines();
  } finally {
    simulation.free();
  }
}
