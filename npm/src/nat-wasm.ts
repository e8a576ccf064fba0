/** The wasm behind NAT inference, the NAT procedures and the STUN server. */
import { instantiate } from '#wasm/nat';
import { Instance } from './trap.js';

/** Exports of the wasm. @internal */
export type NatExports = ReturnType<typeof instantiate>;

/** Instantiated by the first call. @internal */
export const natWasm = /* @__PURE__ */ new Instance(instantiate);
