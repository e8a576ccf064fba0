/** Everything of `icelens` without the wasm: the caller fetches `icelens/icelens.wasm` and calls `init` or `initSync` first. */
import initGlue, { initSync as initGlueSync } from '#glue';
import { attach } from './core.js';

export * from './index.js';

/** What `init` takes: where the wasm is, a response that carries it, its bytes, or the compiled module. */
export type WasmSource = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

/** Loads the wasm. Resolves when everything else may be called. */
export async function init(source: WasmSource): Promise<void> {
  attach(await initGlue({ module_or_path: source }));
}

/** Instantiates bytes or a compiled module at once. */
export function initSync(module: BufferSource | WebAssembly.Module): void {
  attach(initGlueSync({ module }));
}
