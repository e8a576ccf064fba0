/** The wasm of the simulator, and what goes into it as JSON. */
import { instantiate } from '#wasm/sim';
import { Instance } from '../trap.js';

export type SimExports = typeof import('#glue/sim');

export const simWasm = /* @__PURE__ */ new Instance<SimExports>(instantiate);

/** `value` as JSON; throws a TypeError that names it where it has none, as with a cycle. */
export function jsonOf(name: string, value: object): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new TypeError(
      `${name}: it can't be written as JSON: ${error instanceof Error ? error.message : 'it throws'}`,
    );
  }
  if (typeof text !== 'string') throw new TypeError(`${name}: it can't be written as JSON`);
  return text;
}
