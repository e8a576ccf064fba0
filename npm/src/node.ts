/**
 * Sockets of Node: an ICE transport, a STUN and TURN server, and NAT discovery. Everything else is in `icelens`.
 *
 * @packageDocumentation
 */
export type { IceRole } from './ice.js';
export { type DiscoverOptions, discoverNat } from './node/discover.js';
export type { IceServerInit } from './node/ice-servers.js';
export {
  type IceCandidateEvent,
  type IceCandidatePair,
  type IceDataEvent,
  type IceGatherOptions,
  type IceLogEvent,
  type IceParameters,
  type IceSelectedPairEvent,
  IceTransport,
  type IceTransportEventMap,
  type IceTransportOptions,
} from './node/ice-transport.js';
export { type RunningServer, type ServeOptions, serveStun } from './node/serve.js';
export type { ServeTurnOptions } from './node/turn-options.js';
