/**
 * A simulated network with NATs, ICE agents and servers. It has an entry of its own because its wasm is larger than all of
 * `icelens`.
 *
 * @packageDocumentation
 */

export {
  type AnalysedCall,
  type Assumption,
  compareRuns,
  compareWithEvidence,
  type EvidenceLimit,
  type EvidenceSide,
  type EvidenceStep,
  type Inferred,
  type RunComparison,
  type ScenarioChange,
  type ScenarioFromEvidence,
  scenarioFrom,
} from './simulation/evidence.js';
export { ScenarioError } from './simulation/fault.js';
export {
  type TraversalMatrix,
  type TraversalMatrixOptions,
  traversalMatrix,
  traversalScenario,
} from './simulation/matrix.js';
export type { OwnDatagram, OwnHost, OwnProgram } from './simulation/own.js';
export {
  type ConnectTimes,
  type Population,
  type PopulationOptions,
  relayBandwidth,
  type Share,
  simulatePopulation,
} from './simulation/population.js';
export type { NatSpec, Scenario, SelectedPair, SimulationCause, SimulationResult } from './simulation/result.js';
export { type SimulatedAgent, Simulation, scenarios, type TraceEntry } from './simulation/simulation.js';
