/**
 * Everything of icelens. Importing is enough: no init call, in Node, browsers and workerd.
 *
 * @packageDocumentation
 */

export type { TransportAddress } from './address.js';
export type { Bytes } from './argument.js';
export {
  type Candidate,
  type CandidateInit,
  type CandidateType,
  candidatePriority,
  formatCandidate,
  type ParsedCandidate,
  type PriorityParts,
  parseCandidate,
} from './candidate.js';
export {
  type IceAttributes,
  type MediaSection,
  parseSdp,
  type Sdp,
  type SdpEdit,
  type SdpLine,
} from './description.js';
export type { Diagnostic, Fix, Verdicts } from './diagnostics.js';
export {
  type CheckList,
  type CheckListPair,
  formCheckList,
  type IceRole,
  type LeftOutPair,
  type ListedCandidate,
  type PairRule,
  type PairState,
  pairPriority,
} from './ice.js';
export {
  type Axis,
  type ClassicNat,
  type Filtering,
  type Forecast,
  inferNat,
  type Mapping,
  type NatPath,
  type NatReport,
  type NatTest,
  type Observation,
  predictTraversal,
  type TraversalSide,
} from './nat.js';
export {
  type Datagram,
  NatDiscovery,
  type NatDiscoveryOptions,
  type NatEvent,
  type ServedRequest,
  StunServer,
  type StunServerOptions,
} from './nat-io.js';
export {
  type CandidateReason,
  type CandidateVerdict,
  type OfferRefusal,
  predictCandidate,
  predictOffer,
} from './predict.js';
export * from './scan.js';
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
export type { Field } from './stun/fields.js';
export {
  type AttributeInfo,
  attributeTable,
  decodeMessage,
  explainCheck,
  type StunMessage,
  type ValueForm,
} from './stun/full.js';
export * from './stun.js';
export {
  type IceServerAddress,
  type TurnAllocated,
  type TurnChannelBound,
  type TurnChannelRefused,
  TurnClient,
  type TurnClientEvent,
  type TurnClientOptions,
  type TurnClosed,
  type TurnData,
  type TurnEventBase,
  type TurnFailed,
  type TurnIcmpError,
  type TurnLocalAddressWanted,
  type TurnPermissionRefused,
  type TurnPermitted,
  type TurnRedirected,
  type TurnRefreshed,
  type TurnRefusal,
  type TurnSent,
} from './turn-client.js';
export {
  TurnServer,
  type TurnServerAllocated,
  type TurnServerClient,
  type TurnServerEnded,
  type TurnServerEvent,
  type TurnServerOptions,
  type TurnServerRefused,
  type TurnServerSocket,
  turnPassword,
} from './turn-server.js';
export type { TurnReason } from './turn-text.js';
