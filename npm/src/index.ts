/**
 * STUN, candidates, descriptions, check lists, NAT and findings. Importing is enough: no init call, in Node, browsers and
 * workerd.
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
  type Datagram,
  NatDiscovery,
  type NatDiscoveryOptions,
  type NatEvent,
  type ServedRequest,
  StunServer,
  type StunServerOptions,
} from './discovery.js';
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
  type CandidateReason,
  type CandidateVerdict,
  type OfferRefusal,
  predictCandidate,
  predictOffer,
} from './predict.js';
export * from './scan.js';
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
