/**
 * A TURN client and a TURN server for sockets of your own (RFC 8656).
 *
 * @packageDocumentation
 */

export type { TransportAddress } from './address.js';
export type { Datagram } from './discovery.js';
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
