/**
 * STUN messages, candidates and session descriptions, small. Importing is enough: no init call, in Node, browsers and
 * workerd.
 *
 * Everything is read and written as in `icelens`. Left out, and in `icelens` only:
 *
 * - Diagnostics by rule: what an RFC asks for and what a browser trips over. Here diagnostics are about what can't be read:
 *   those of severity error, `sdp.not-a-line` and `sdp.too-many-lines`. They have code, severity and place; `message` is
 *   the code, and there are no `verdicts` and no `fix`. `docs/diagnostics.md` explains each code.
 * - `formCheckList` and `pairPriority`, predictions, NAT, scanning.
 * - Of STUN what `icelens/stun` leaves out: `StunMessage.fields()`, `attributeTable` and `explainCheck`.
 *
 * @packageDocumentation
 */
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
export * from './stun.js';
