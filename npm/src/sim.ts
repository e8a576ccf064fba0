/**
 * `icelens/sim`: the simulator. Its wasm is larger than all of `icelens`, so that it has an entry of its own.
 *
 * @packageDocumentation
 */

export {
  type AnalysedCall,
  type Assumption,
  type ConnectTimes,
  compareRuns,
  compareWithEvidence,
  type EvidenceSide,
  type EvidenceStep,
  type Inferred,
  type NatSpec,
  type Population,
  type PopulationOptions,
  type RunComparison,
  relayBandwidth,
  type Scenario,
  type ScenarioChange,
  type ScenarioFromEvidence,
  type SelectedPair,
  type Share,
  type SimulatedAgent,
  Simulation,
  type SimulationResult,
  scenarioFrom,
  scenarios,
  simulatePopulation,
  type TraceEntry,
  type TraversalMatrix,
  type TraversalMatrixOptions,
  traversalMatrix,
  traversalScenario,
} from './simulation.js';
