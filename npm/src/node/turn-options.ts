/** The options of TURN on real sockets, apart from what needs the types of Node. */
import type { TurnServerEvent, TurnServerOptions } from '../turn-server.js';

/** TURN beside STUN, on the same addresses. */
export interface ServeTurnOptions
  extends Omit<TurnServerOptions, 'listen' | 'relay' | 'openSockets' | 'epoch' | 'rate' | 'seed'> {
  /** IP addresses to relay from; those that are listened on when absent. `10.0.0.5/198.51.100.5`: bound, and told to peers. */
  relay?: readonly string[];
  /** Called for each allocation that begins or ends, and each refused request. */
  onEvent?(event: TurnServerEvent): void;
}
