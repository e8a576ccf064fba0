// The package has every name of the contract, with types that fit. It may have more.
import * as icelens from 'icelens';
import type * as agent from 'icelens/agent';
import * as browser from 'icelens/browser';
import type * as node from 'icelens/node';
import type * as api from './api.js';

/** In the contract, not in this version: the README's status names them. */
type Missing = 'IceAgent' | 'Simulation' | 'traversalMatrix';

// `StunError` is compared as what is caught, below: nobody else makes one. `scan` finds more kinds than the contract names.
export const values: Omit<typeof api, Missing | 'StunError' | 'scan'> = icelens;
export const scan: (...input: Parameters<typeof api.scan>) => Omit<api.Finding, 'kind'>[] = icelens.scan;
export const rtc: api.IceLensBrowser = browser;

/** Compiles when whoever holds an `Ours` can use it as a `Contract`. */
type Fits<Contract, _Ours extends Contract> = true;

export type Types = [
  Fits<api.IceTransport, node.IceTransport>,
  Fits<Record<string, number>, agent.IceAgentFailure['counts']>,
  Fits<agent.SwitchReason, node.IceTransportEventMap['selectedcandidatepairchange']['reason']>,
  Fits<agent.SwitchReason | undefined, agent.IceEvent['switchReason']>,
  Fits<agent.IceFailure | undefined, agent.IceEvent['failureReason']>,
  Fits<api.MessageClass, icelens.MessageClass>,
  Fits<api.Method, icelens.Method>,
  Fits<api.TransportAddress, icelens.TransportAddress>,
  Fits<api.Credentials, icelens.Credentials>,
  Fits<api.Check, icelens.Check>,
  Fits<api.StunAttribute, icelens.StunAttribute>,
  Fits<api.StunMessage, icelens.StunMessage>,
  Fits<api.StunError, icelens.StunError>,
  Fits<api.MessageInit, icelens.MessageInit>,
  Fits<api.Candidate, icelens.Candidate>,
  Fits<api.CandidateType, icelens.CandidateType>,
  Fits<api.Diagnostic, icelens.Diagnostic>,
  Fits<api.MediaSection, icelens.MediaSection>,
  Fits<api.Sdp, icelens.Sdp>,
  Fits<api.Finding, Extract<icelens.Finding, { kind: api.Finding['kind'] }>>,
  Fits<api.CheckListPair, icelens.CheckListPair>,
  Fits<api.Mapping, icelens.Mapping>,
  Fits<api.Filtering, icelens.Filtering>,
  Fits<api.Axis<string>, icelens.Axis<string>>,
  Fits<api.Observation, icelens.Observation>,
  Fits<api.NatReport, icelens.NatReport>,
];
