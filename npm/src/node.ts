/**
 * `icelens/node`: what needs sockets. Everything else is in `icelens`.
 *
 * @packageDocumentation
 */
export { type DiscoverOptions, discoverNat } from './node/discover.js';
export { type RunningServer, type ServeOptions, serveStun } from './node/serve.js';
export type { ServeTurnOptions } from './node/turn-options.js';
