/** The wasm behind TURN. */
import { instantiate } from '#wasm/turn';
import { Instance } from './trap.js';

/** Exports of the wasm. @internal */
export type TurnExports = ReturnType<typeof instantiate>;

/** Instantiated by the first call. @internal */
export const turnWasm = /* @__PURE__ */ new Instance(instantiate);
