/** Arguments of an `IceTransport`: each is read or refused by name. */
import { isIP } from 'node:net';
import { mustBe, requireArray, requireObject, requireString, shown } from '../argument.js';
import { type Candidate, parseCandidate } from '../candidate.js';

/** IP addresses that a caller gives. */
export function readAddresses(addresses: unknown): readonly string[] {
  requireArray('addresses', addresses);
  for (const [index, address] of addresses.entries()) {
    requireString(`addresses[${index}]`, address);
    if (isIP(address) === 0) throw new TypeError(`addresses[${index}]: '${shown(address)}' is no IP address`);
  }
  return addresses as readonly string[];
}

/** Protocols of host candidates that a caller gives. */
export function readProtocols(protocols: unknown): ReadonlySet<string> {
  requireArray('protocols', protocols);
  for (const [index, protocol] of protocols.entries()) {
    if (protocol !== 'udp' && protocol !== 'tcp') throw mustBe(`protocols[${index}]`, `'udp' or 'tcp'`, protocol);
  }
  if (protocols.length === 0) throw new TypeError('protocols is empty: no candidate could be gathered');
  return new Set(protocols as string[]);
}

/** A remote candidate as callers give it: a line, an `RTCIceCandidateInit`, or a `Candidate`. `null` ends them. */
export function readCandidate(given: unknown): Candidate | null {
  if (given === undefined || given === null || given === '') return null;
  if (typeof given !== 'string') requireObject('candidate', given);
  const text = typeof given === 'string' ? given : (given as { candidate?: unknown }).candidate;
  if (text === '') return null;
  if (typeof text !== 'string') {
    const { address, port, type } = given as Partial<Candidate>;
    if (typeof address === 'string' && typeof port === 'number' && typeof type === 'string') return given as Candidate;
    throw mustBe('candidate', 'a candidate, its line, or null', given);
  }
  const { candidate } = parseCandidate(text);
  if (candidate === null) throw new TypeError(`candidate: '${shown(text)}' is not a candidate`);
  return candidate;
}
